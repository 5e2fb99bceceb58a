"""Which factors matter: Morris screening and Sobol indices (SALib) over the sweep's own path.

The samples become the points of a sweep like any other, so they run on any engine, are stored and
resumed; a run that fails stops the analysis, for an index of the rest would be wrong. Sobol indices
by Saltelli's scheme (Saltelli et al., Comput. Phys. Commun. 181 (2010) 259-270), elementary effects
by Morris (Technometrics 33 (1991) 161-174) with mu* of Campolongo et al. (2007).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.errors import DataError, Problem
from chainsim.library.files import load_library
from chainsim.library.scenarios import Scenario
from chainsim.library.study_files import StudyFile, load_study
from chainsim.study.sweeps.engines import EngineSpec
from chainsim.study.sweeps.plan import Plan, library_ranges, plan_of, unknown_kpis
from chainsim.study.sweeps.points import Span, from_shares, point_of, spans
from chainsim.study.sweeps.reading import read_results
from chainsim.study.sweeps.sweep import Progress, sweep_plan

Method = Literal["morris", "sobol"]
METHODS: Final = ("morris", "sobol")
LEVELS: Final = 4
FIFTHS: Final = 5
"""Stretches of a factor's range in a spider."""
VALUE_ADDED: Final = "value.added_cny"
"""What is analysed when nothing is named."""
_UNIT: Final = (0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Samples in the unit cube, one column a factor."""

    method: Method
    names: tuple[str, ...]
    shares: NDArray[np.float64]
    seed: int

    @property
    def problem(self) -> dict[str, Any]:
        """What SALib calls the problem."""
        return {
            "num_vars": len(self.names),
            "names": list(self.names),
            "bounds": [_UNIT] * len(self.names),
        }


def sample(method: Method, names: Sequence[str], samples: int, seed: int) -> Design:
    """Samples of a method.

    Args:
        method: `sobol` runs samples x (factors + 2) points, `morris` samples x (factors + 1).
        names: factors.
        samples: base samples (a power of two for `sobol`), or trajectories.
        seed: of the design.
    """
    design = Design(method=method, names=tuple(names), shares=np.zeros((0, 0)), seed=seed)
    if method == "sobol":
        from SALib.sample import sobol

        shares = sobol.sample(
            design.problem, samples, calc_second_order=False, scramble=True, seed=seed
        )
    else:
        from SALib.sample import morris

        shares = morris.sample(design.problem, samples, num_levels=LEVELS, seed=seed)
    return replace(design, shares=np.asarray(shares))


def analyse(design: Design, results: NDArray[np.float64]) -> pd.DataFrame:
    """Indices of one KPI.

    Args:
        design: the samples.
        results: (points,) the KPI at each.

    Returns:
        `sobol`: `factor`, `first`, `first_conf`, `total`, `total_conf` (half widths, 95 %);
        `morris`: `factor`, `mu_star`, `mu_star_conf`, `mu`, `sigma` in units of the KPI over the
        whole range of the factor. The strongest first.
    """
    if float(np.ptp(results)) == 0.0:
        return _still(design)
    if design.method == "sobol":
        from SALib.analyze import sobol

        found = sobol.analyze(
            design.problem,
            results,
            calc_second_order=False,
            seed=design.seed,
            print_to_console=False,
        )
        columns = {"first": "S1", "first_conf": "S1_conf", "total": "ST", "total_conf": "ST_conf"}
        key = "total"
    else:
        from SALib.analyze import morris

        found = morris.analyze(
            design.problem,
            design.shares,
            results,
            num_levels=LEVELS,
            seed=design.seed,
            print_to_console=False,
        )
        columns = {
            "mu_star": "mu_star",
            "mu_star_conf": "mu_star_conf",
            "mu": "mu",
            "sigma": "sigma",
        }
        key = "mu_star"
    data: dict[str, Any] = {"factor": list(design.names)}
    data |= {name: np.asarray(found[theirs], dtype=float) for name, theirs in columns.items()}
    frame = pd.DataFrame(data)
    order = frame[key].sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _still(design: Design) -> pd.DataFrame:
    """A KPI that no factor moves has no effects; its indices do not exist."""
    columns = ("first", "first_conf", "total", "total_conf")
    value = float("nan")
    if design.method == "morris":
        columns, value = ("mu_star", "mu_star_conf", "mu", "sigma"), 0.0
    return pd.DataFrame({"factor": list(design.names)} | dict.fromkeys(columns, value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """Indices by KPI, and the curves behind a spider and a tornado."""

    method: Method
    design: Design
    factors: Mapping[str, Span]
    indices: Mapping[str, pd.DataFrame]
    """KPI -> indices of its factors."""
    units: Mapping[str, str]
    tornado: pd.DataFrame
    """`kpi`, `factor`, `at_low`, `at_high`, `base`: mean of the fifth of the runs with the factor
    lowest, highest, and of all."""
    spider: pd.DataFrame
    """`kpi`, `factor`, `share` (0..1, quantile of the factor), `at` (its value there), `value`:
    mean of the runs with the factor in that fifth of its range."""
    runs: int


def sensitivity(
    study: str | Path | StudyFile,
    out: str | Path,
    *,
    method: Method = "sobol",
    samples: int | None = None,
    kpis: Sequence[str] = (),
    engine: EngineSpec | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> Sensitivity:
    """Run a study's factors through a method and analyse its KPIs.

    Args:
        study: a study file, its path, or the id of a shipped one; its factors need ranges, its
            design gives seed and, unless told, samples.
        out: folder of the sweep.
        method: `morris` or `sobol`.
        samples: as in `sample`.
        kpis: KPIs to analyse; those the study keeps when left out.
        engine: where it runs.
        resume: go on with what the folder holds.
        progress: told after each chunk.

    Raises:
        UserError: factors without ranges, several scenarios, a failed run, a folder that does not
            fit, an unknown KPI.
    """
    if not isinstance(study, StudyFile):
        study = load_study(study)
    scenarios = study.scenarios()
    plan, design, factors = sensitivity_plan(study, method, samples, scenarios)
    materials = {*load_library().materials, *(m for s in scenarios for m in s.record.materials)}
    if wrong := list(unknown_kpis(kpis, materials)):
        raise DataError(wrong)
    sweep_plan(plan, out, engine=engine, resume=resume, progress=progress)
    wanted = list(kpis or study.record.kpis)
    return analysed(design, factors, read_results(out, wanted))


def sensitivity_plan(
    study: StudyFile,
    method: Method,
    samples: int | None,
    scenarios: list[Scenario] | None = None,
) -> tuple[Plan, Design, dict[str, Span]]:
    """The sweep behind an analysis, its samples, and the ranges of the factors."""
    record = study.record
    problems: list[Problem] = []
    factors = spans(study, library_ranges(), problems)
    if not record.factors:
        problems.append(Problem(code="CS-V002", path="factors"))
    if len(record.scenarios) > 1:
        path, found = "scenarios", str(len(record.scenarios))
        problems.append(Problem(code="CS-V006", path=path, found=found, expected="<= 1"))
    count = samples or record.design.samples
    if count is None:
        problems.append(Problem(code="CS-V002", path="design.samples"))
    elif method == "sobol" and count & (count - 1):
        problems.append(Problem(code="CS-T004", path="design.samples", found=str(count)))
    if problems or count is None:
        raise DataError([study.place(p) for p in problems])
    design = sample(method, list(factors), count, record.design.seed)
    base = plan_of(_without_design(study), scenarios or study.scenarios())
    rows = from_shares(factors, design.shares)
    points = tuple(point_of(record.factors, k, 0, row) for k, row in enumerate(rows))
    told = {**base.study, "sensitivity": {"method": method, "samples": count}}
    return replace(base, points=points, study=told), design, factors


def _without_design(study: StudyFile) -> StudyFile:
    """The study as a single point; the method brings the others."""
    record = study.record.model_copy(
        update={"design": study.record.design.model_copy(update={"kind": "list", "points": [{}]})}
    )
    return replace(study, record=record)


def analysed(design: Design, factors: Mapping[str, Span], frame: pd.DataFrame) -> Sensitivity:
    """Indices from the rows of a sweep; the mean over replications counts.

    Raises:
        DataError: a KPI has no value at some point (CS-T019): it cannot be analysed.
    """
    table = frame.pivot_table(
        index="point", columns="id", values="value", aggfunc="mean", dropna=False, sort=True
    )
    table = table.reindex(range(len(design.shares)))
    gaps = [str(k) for k in table.columns if table[k].isna().any()]
    if gaps:
        raise DataError([Problem(code="CS-T019", path=k, found=k) for k in gaps])
    indices = {str(k): analyse(design, table[k].to_numpy()) for k in table.columns}
    each = [
        (str(k), name, table[k].to_numpy(), design.shares[:, column])
        for k in table.columns
        for column, name in enumerate(design.names)
    ]
    curves = (_curve(k, name, factors[name], *data) for k, name, *data in each)
    return Sensitivity(
        method=design.method,
        design=design,
        factors=factors,
        indices=indices,
        units=dict(zip(frame["id"], frame["unit"], strict=True)),
        tornado=pd.DataFrame([_bar(*one) for one in each]),
        spider=pd.DataFrame([row for curve in curves for row in curve]),
        runs=len(frame.drop_duplicates(["point", "replication"])),
    )


def _bar(
    kpi: str, factor: str, values: NDArray[np.float64], shares: NDArray[np.float64]
) -> dict[str, Any]:
    low, high = np.quantile(shares, [0.2, 0.8])
    return {
        "kpi": kpi,
        "factor": factor,
        "at_low": float(values[shares <= low].mean()),
        "at_high": float(values[shares >= high].mean()),
        "base": float(values.mean()),
    }


def _curve(
    kpi: str, factor: str, span: Span, values: NDArray[np.float64], shares: NDArray[np.float64]
) -> list[dict[str, Any]]:
    """Means over the runs with the factor in each fifth of its range; fifths without runs miss."""
    place = np.minimum((shares * FIFTHS).astype(int), FIFTHS - 1)
    middle = (np.arange(FIFTHS) + 0.5) / FIFTHS
    return [
        {
            "kpi": kpi,
            "factor": factor,
            "share": float(middle[k]),
            "at": float(span.at(middle)[k]),
            "value": float(values[place == k].mean()),
        }
        for k in range(FIFTHS)
        if (place == k).any()
    ]
