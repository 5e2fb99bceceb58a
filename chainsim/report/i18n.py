"""Every sentence and label of reports, command line and app, in Chinese and English, by key.

The texts stand in `catalogue.toml` (`[section]` and key make `section.key`); nothing here knows
what they are used for. Names of materials, units and scenarios come from the data, not from here.
"""

from __future__ import annotations

import functools
import os
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Final

from chainsim.errors import InternalError, Lang

LANGUAGES: Final[tuple[Lang, ...]] = ("zh", "en")


@functools.cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """All texts: `section.key` -> {"zh": …, "en": …}."""
    text = resources.files("chainsim.report").joinpath("catalogue.toml").read_text("utf-8")
    return {
        f"{section}.{key}": entry
        for section, entries in tomllib.loads(text).items()
        for key, entry in entries.items()
    }


def t(key: str, lang: Lang, **values: object) -> str:
    """The text of `key` in `lang` with its placeholders filled.

    Raises:
        InternalError: there is no such key, or a placeholder has no value.
    """
    try:
        return catalogue()[key][lang].format_map(values)
    except KeyError as exc:
        raise InternalError(f"text {key} [{lang}]: {exc} is missing") from exc


def known(key: str, lang: Lang, otherwise: str) -> str:
    """The text of `key`, or `otherwise` where the catalogue has none."""
    entry = catalogue().get(key)
    return otherwise if entry is None else entry[lang]


def listed(items: Iterable[str], lang: Lang) -> str:
    """`items` as an enumeration; a dash when there are none."""
    return t("words.comma", lang).join(items) or t("words.nothing", lang)


def as_lang(text: str | None, otherwise: Lang = "zh") -> Lang:
    """`text` as a language of ours (`en`, `en_US.UTF-8`, `zh-CN` …), else `otherwise`."""
    start = (text or "")[:2].lower()
    return next((lang for lang in LANGUAGES if lang == start), otherwise)


def environment_lang(environ: Mapping[str, str] = os.environ) -> Lang:
    """The language the machine asks for by CHAINSIM_LANG, else Chinese.

    LANG and LC_ALL name a locale for nearly every machine, most of them English whatever their
    users read; so they do not choose.
    """
    return as_lang(environ.get("CHAINSIM_LANG"))
