"""What a sweep came to: quantiles, probabilities, convergence; read from its folder alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from chainsim.library.scenarios import parse_scenario
from chainsim.library.uncertainty_records import UncertaintyRecord
from chainsim.library.yaml_writer import to_yaml
from chainsim.park.build import build_park
from chainsim.park.model import Park
from chainsim.study.statistics import convergence, share_estimate
from chainsim.study.sweeps.folder import SweepFolder
from chainsim.study.sweeps.parts import found_parts
from chainsim.study.sweeps.reading import (
    kpi_quantiles,
    points_table,
    read_results,
    verdict_shares,
)

BELOW_HURDLE: Final = "finance.fnpv_cny"
"""A present value at the hurdle rate below zero: the rate of return is below the hurdle."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A sweep at a glance."""

    folder: Path
    id: str
    names: Mapping[str, str]
    """Name by language."""
    parks: tuple[Park, ...]
    """The parks of its scenarios, by place."""
    runs: int
    done: int
    """Runs that are stored."""
    points: pd.DataFrame
    quantiles: pd.DataFrame
    """`kpi_quantiles`: per point and KPI."""
    verdicts: pd.DataFrame
    """Per point, clause and subject: `judged`, `share` that passed with `low`, `high`."""
    below_hurdle: pd.DataFrame
    """Per point: `share` of runs whose rate of return is below the hurdle, `low`, `high`, `n`."""
    drawn: Mapping[str, UncertaintyRecord | None]
    """Scenario -> what its runs drew besides failures."""
    held: Mapping[str, tuple[str, ...]]
    """Scenario -> prices that no draw moves."""


def summary(out: str | Path) -> Summary:
    """The summary of a sweep, finished or not.

    Raises:
        DataError: the folder holds no sweep or no results yet (CS-T014), or is damaged (CS-T020).
    """
    folder = SweepFolder(Path(out).resolve())
    head = folder.begun()
    quantiles = kpi_quantiles(folder.path)
    study = head["study"]
    parks = tuple(build_park(parse_scenario(to_yaml(s))) for s in study["scenarios"])
    return Summary(
        folder=folder.path,
        id=head["id"],
        names={lang: str(study.get(f"name_{lang}", head["id"])) for lang in ("zh", "en")},
        parks=parks,
        runs=head["runs"],
        done=sum(_runs_of(p.number, head) for p in found_parts(folder.parts)),
        points=points_table(folder.path),
        quantiles=quantiles,
        verdicts=_verdicts(verdict_shares(folder.path)),
        below_hurdle=_below_hurdle(folder.path, set(quantiles["id"])),
        drawn={p.id: drawn_in(study, p) for p in parks},
        held={p.id: p.economics.fixed_prices for p in parks},
    )


def drawn_in(study: Mapping[str, Any], park: Park) -> UncertaintyRecord | None:
    """What the runs of a scenario draw: what the study says, else what the scenario says."""
    given = study.get("uncertainty")
    return park.uncertainty if given is None else UncertaintyRecord.model_validate(given)


def _runs_of(number: int, head: Mapping[str, Any]) -> int:
    chunk = int(head["study"].get("chunk", 8))
    return max(0, min(chunk, int(head["runs"]) - number * chunk))


def _verdicts(frame: pd.DataFrame) -> pd.DataFrame:
    shares = [
        share_estimate(int(p), int(n))
        for p, n in zip(frame["passed"], frame["judged"], strict=True)
    ]
    return frame.assign(
        share=[s.mean for s in shares], low=[s.low for s in shares], high=[s.high for s in shares]
    )


def _below_hurdle(folder: Path, known: set[str]) -> pd.DataFrame:
    columns = ["point", "share", "low", "high", "n"]
    if BELOW_HURDLE not in known:
        return pd.DataFrame(columns=columns)
    rows: list[dict[str, Any]] = []
    for point, group in read_results(folder, [BELOW_HURDLE]).groupby("point"):
        values = group["value"].dropna()
        found = share_estimate(int((values < 0).sum()), len(values))
        if found.n:
            rows.append(
                {
                    "point": point,
                    "share": found.mean,
                    "low": found.low,
                    "high": found.high,
                    "n": found.n,
                }
            )
    return pd.DataFrame(rows, columns=columns)


def convergence_table(out: str | Path, kpis: Sequence[str]) -> pd.DataFrame:
    """How the means settle: `point`, `id`, `n`, `mean`, `low`, `high` (95 %).

    Raises:
        DataError: no sweep, or an unknown KPI (CS-T007).
    """
    rows = []
    for (point, key), group in read_results(out, kpis).groupby(["point", "id"], sort=False):
        values = group.sort_values("replication")["value"].dropna().to_numpy()
        for found in convergence(values):
            rows.append(
                {
                    "point": point,
                    "id": key,
                    "n": found.n,
                    "mean": found.mean,
                    "low": found.low,
                    "high": found.high,
                }
            )
    return pd.DataFrame(rows, columns=["point", "id", "n", "mean", "low", "high"])
