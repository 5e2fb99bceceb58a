"""Small self-contained parks for tests, written as scenario text."""

from __future__ import annotations

import textwrap

from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park

HEAD = """
schema_version: 1
id: test
name_zh: test
name_en: test
library: false
"""


def park_of(text: str, *, hours: float = 100.0) -> Park:
    """The park of a scenario body; head and horizon are added."""
    body = textwrap.dedent(text)
    return build_park(parse_scenario(f"{HEAD}horizon: {{hours: {hours}}}\n{body}"))
