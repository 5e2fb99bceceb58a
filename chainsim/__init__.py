"""chainsim: coal-to-chemicals value chains of coking regions, simulated and accounted.

    import chainsim as cs
    result = cs.run("xinzhou-base", engine="steady")
    result.kpis

Everything public is listed in `__all__`; it is imported on first use, so `import chainsim` is fast.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chainsim.errors import (
        BalanceError as BalanceError,
    )
    from chainsim.errors import (
        DataError as DataError,
    )
    from chainsim.errors import (
        InfeasibleError as InfeasibleError,
    )
    from chainsim.errors import (
        Problem as Problem,
    )
    from chainsim.errors import (
        StructureError as StructureError,
    )
    from chainsim.errors import (
        UserError as UserError,
    )
    from chainsim.library.files import load_library as load_library
    from chainsim.park.build import load_park as load_park
    from chainsim.park.graph import park_graph as park_graph
    from chainsim.study.aim import Aim as Aim
    from chainsim.study.appraise import appraise as appraise
    from chainsim.study.compare import compare as compare
    from chainsim.study.explain import explain as explain
    from chainsim.study.optimise import Effort as Effort
    from chainsim.study.optimise import optimise as optimise
    from chainsim.study.result import RunResult as RunResult
    from chainsim.study.run import load as load
    from chainsim.study.run import run as run
    from chainsim.study.sensitivity import sensitivity as sensitivity
    from chainsim.study.sweeps.sweep import sweep as sweep
    from chainsim.study.uncertainty import uncertainty as uncertainty

_HOMES = {
    "BalanceError": "chainsim.errors",
    "DataError": "chainsim.errors",
    "InfeasibleError": "chainsim.errors",
    "Problem": "chainsim.errors",
    "StructureError": "chainsim.errors",
    "UserError": "chainsim.errors",
    "load_library": "chainsim.library.files",
    "load_park": "chainsim.park.build",
    "park_graph": "chainsim.park.graph",
    "Aim": "chainsim.study.aim",
    "appraise": "chainsim.study.appraise",
    "compare": "chainsim.study.compare",
    "explain": "chainsim.study.explain",
    "Effort": "chainsim.study.optimise",
    "optimise": "chainsim.study.optimise",
    "RunResult": "chainsim.study.result",
    "load": "chainsim.study.run",
    "run": "chainsim.study.run",
    "sensitivity": "chainsim.study.sensitivity",
    "sweep": "chainsim.study.sweeps.sweep",
    "uncertainty": "chainsim.study.uncertainty",
}
__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(name)
    return getattr(importlib.import_module(_HOMES[name]), name)
