"""Plain data -> YAML text that the loader of this package reads back to the same data."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

import yaml

_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9][0-9A-Fa-fxXoO_.:+-]*")


class _Dumper(yaml.SafeDumper):
    """Block style without aliases, which the loader refuses."""

    def ignore_aliases(self, data: object) -> bool:
        """Write everything out in full."""
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    """Quotes around what some reader of YAML may take for a number: `08`, `1e5`, `0o7`."""
    style = "'" if _NUMBER_LIKE.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def to_yaml(data: Mapping[str, object]) -> str:
    """`data` as YAML, keys in the order given, every character readable."""
    return yaml.dump(_simple(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=100)


def _simple(value: object) -> object:
    """The same data from types YAML knows; dates become quoted text as in scenario files."""
    if isinstance(value, Mapping):
        return {str(key): _simple(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_simple(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return value
