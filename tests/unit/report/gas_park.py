"""A result of the small gas park beside this file, with two verdicts made up for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from chainsim.accounts.conventions import Figures
from chainsim.accounts.kpis import compute_kpis
from chainsim.accounts.ledger import build_ledger
from chainsim.balance.steady import run_steady
from chainsim.errors import Problem
from chainsim.library.model import Library, Policy
from chainsim.park.build import load_park
from chainsim.results import POLICY_COLUMNS, Manifest, table
from chainsim.study.result import RunResult

FILE = Path(__file__).with_name("gas_park.yaml")

_CHECK = {
    "clause_zh": "二(六)",
    "check": "kpi",
    "unit": "t",
    "comparison": "<=",
    "lead_zh": "",
    "lead_en": "",
    "source": "doc",
    "mark": "",
    "note": "",
}
POLICIES = {
    "q02": Policy(
        id="q02", name_zh="焦炭产量", name_en="Coke output", kpi="output.coke_t", limit=8e5,
        level="city", **_CHECK,
    ),
    "q01": Policy(
        id="q01", name_zh="焦化产能", name_en="Coke capacity", kpi="", limit=1e6,
        level="city", **_CHECK,
    ),
}  # fmt: skip


def gas_result(overrides: Sequence[str] = ()) -> RunResult:
    """One year of the gas park in the steady engine."""
    park = load_park(FILE, tuple(overrides))
    park = replace(park, library=Library(policies=POLICIES), policies=("q01", "q02"))
    simulation = run_steady(park)
    figures = Figures(park, {})
    ledger = build_ledger(park, simulation, figures)
    kpis = compute_kpis(park, simulation, ledger, figures)
    coke = float(kpis.loc[kpis["id"] == "output.coke_t", "value"].iloc[0])
    verdicts = [
        _verdict("q01", 876_000.0, 1e6),
        _verdict("q02", coke, 8e5),
    ]
    manifest = Manifest(
        scenario=park.id,
        scenario_digest=park.digest,
        library_digest="none",
        engine="steady",
        version="0",
        seed=1,
        replications=1,
        years=park.horizon.years,
        versions={},
        wall_s=0.0123,
        allocations=simulation.allocations,
        residual=simulation.residual,
    )
    return RunResult(
        park=park,
        simulation=simulation,
        ledger=ledger,
        kpis=kpis,
        policy=table(verdicts, POLICY_COLUMNS),
        problems=(Problem(code="CS-S018", severity="warning", path="units.psa", found="tail_gas"),),
        manifest=manifest,
    )


def _verdict(key: str, value: float, limit: float) -> dict[str, object]:
    return {
        "id": key,
        "level": "city",
        "subject": "city",
        "value": value,
        "limit": limit,
        "comparison": "<=",
        "margin": limit - value,
        "unit": "t",
        "verdict": "pass" if value <= limit else "fail",
        "band": 1000.0,
        "note": "",
    }
