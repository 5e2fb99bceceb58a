"""One HiGHS instance as this package wants it: silent, single-threaded, tight tolerances."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import highspy

FEASIBILITY = 1e-9
OPTIONS: Mapping[str, bool | int | float | str] = {
    "output_flag": False,
    "presolve": "off",
    "solver": "simplex",
    "threads": 1,
    "primal_feasibility_tolerance": FEASIBILITY,
    "dual_feasibility_tolerance": FEASIBILITY,
}


def quiet_solver() -> Any:
    """A solver with `OPTIONS`; untyped, for the stubs of highspy lack half of its methods."""
    solver = highspy.Highs()  # type: ignore[no-untyped-call] # its constructor is not annotated
    for option, value in OPTIONS.items():
        solver.setOptionValue(option, value)
    return solver
