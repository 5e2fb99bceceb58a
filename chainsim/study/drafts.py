"""Scenarios that visitors edit or upload: plain data, checked as a whole, kept under their content.

A draft that passes is kept as a file and has an id (`draft-…`), which stands for it wherever the
id of a shipped scenario may: in schemes, event runs, links.
"""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from chainsim.errors import Problem, UserError
from chainsim.library.scenarios import canonical, load_scenario, parse_scenario, scenario_of
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.study.shares import keep_text, share_folder

LENGTH: Final = 12
_ID: Final = re.compile(rf"draft-[0-9a-f]{{{LENGTH}}}")
FILE: Final = "scenario.yaml"
"""Display name of a draft in messages."""


def is_draft(name: str) -> bool:
    """Whether `name` is the id of a draft that is kept here."""
    return bool(_ID.fullmatch(name)) and _path(name).is_file()


def source(name: str) -> str | Path:
    """What to load for the id of a shipped scenario or of a draft."""
    return _path(name) if _ID.fullmatch(name) else name


def draft_of(name: str, overrides: Sequence[str] = ()) -> dict[str, Any]:
    """A scenario with its base and overrides merged, as plain data to be edited.

    Raises:
        UserError: the scenario cannot be read.
    """
    return copy.deepcopy(load_scenario(source(name), overrides).data)


def read_draft(content: bytes, file: str = FILE) -> dict[str, Any]:
    """The same of a YAML file that somebody brings; its base may only be a shipped scenario.

    Raises:
        UserError: everything that is wrong with the text, its records or its references.
    """
    scenario = parse_scenario(content, file=file)
    build_park(scenario)
    return scenario.data


def check_draft(data: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Everything that is wrong with a draft; empty when it can be run."""
    try:
        draft_park(data)
    except UserError as exc:
        return exc.problems
    return ()


def draft_park(data: Mapping[str, Any]) -> Park:
    """A draft as a park.

    Raises:
        UserError: as `check_draft` tells.
    """
    return build_park(scenario_of(data, file=""))


def draft_text(data: Mapping[str, Any]) -> str:
    """A draft as the text of a scenario file."""
    return to_yaml(data)


def keep_draft(data: Mapping[str, Any]) -> str:
    """Keep a draft that passed `check_draft`; returns its id. Equal drafts have one id.

    Raises:
        MachineError: the folder cannot be written.
    """
    digest = hashlib.sha256(canonical(data).encode()).hexdigest()[:LENGTH]
    name = f"draft-{digest}"
    if not _path(name).is_file():
        keep_text(_path(name).name, to_yaml(data))
    return name


def _path(name: str) -> Path:
    return share_folder() / f"{name}.yaml"
