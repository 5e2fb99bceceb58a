"""A result of the small gas park beside this file, with two verdicts made up for the page."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chainsim.errors import Problem
from chainsim.library.model import Library, Policy
from chainsim.park.build import load_park
from chainsim.results import POLICY_COLUMNS, table
from chainsim.study.result import RunResult
from chainsim.study.run import run

FILE = Path(__file__).with_name("gas_park.yaml")

_CHECK = {
    "clause_zh": "二(六)",
    "check": "kpi",
    "unit": "t/a",
    "comparison": "<=",
    "lead_zh": "",
    "lead_en": "",
    "source": "doc",
    "mark": "",
    "note": "",
    "level": "city",
}
_COKE = {"name_zh": "焦炭产量", "name_en": "Coke output", "kpi": "output.coke_t"}
_PLANT = {"name_zh": "焦化产能", "name_en": "Coke capacity", "kpi": ""}
POLICIES = {
    "q01": Policy(id="q01", limit=1e6, **_PLANT, **_CHECK),
    "q02": Policy(id="q02", limit=8e5, **_COKE, **_CHECK),
    "q02e": Policy(id="q02e", limit=8e5, **_PLANT, **{**_CHECK, "level": "enterprise"}),
}


@functools.cache
def gas_result(overrides: Sequence[str] = ()) -> RunResult:
    """One year of the gas park in the steady engine."""
    park = load_park(FILE, tuple(overrides))
    result = run(park, engine="steady")
    coke = result.kpi("output.coke_t")
    verdicts = [
        verdict("q01", 876_000.0, 1e6),
        verdict("q02", coke, 8e5),
        verdict("q02e", 9e5, 8e5, level="enterprise", subject="battery"),
        verdict("q02e", 9.5e5, 8e5, level="enterprise", subject="psa"),
        verdict("q02e", 1e5, 8e5, level="enterprise", subject="methanol_plant"),
    ]
    return replace(
        result,
        park=replace(park, library=Library(policies=POLICIES)),
        policy=table(verdicts, POLICY_COLUMNS),
        problems=(Problem(code="CS-S018", severity="warning", path="units.psa", found="tail_gas"),),
    )


def verdict(
    key: str, value: float, limit: float, *, level: str = "city", subject: str = "city"
) -> dict[str, object]:
    """A row of the policy table."""
    return {
        "id": key,
        "level": level,
        "subject": subject,
        "value": value,
        "limit": limit,
        "comparison": "<=",
        "margin": limit - value,
        "unit": "t/a",
        "verdict": "pass" if value <= limit else "fail",
        "band": 1000.0,
        "note": "",
    }
