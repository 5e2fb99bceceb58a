"""How the cost of a park-year grows with units, buffers, events, years and lorry trips.

    python -m benchmarks.scaling [--json]

Processor time of `run_des` with its tables, the park made ready before, the mean of a few
replications without what is remembered from those before. The exponent is that of the power law
through the first and the last point.
"""

from __future__ import annotations

import argparse
import json
import math
import time

import numpy as np

from benchmarks.synthetic import synthetic_park
from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from chainsim.park.model import Park

_REPLICATIONS = 4


def cost(park: Park) -> tuple[float, float]:
    """(ms a run, allocations a run)."""
    plant = Plant(park)
    run_des(park, plant=plant)
    seconds, allocations = [], []
    for k in range(1, _REPLICATIONS + 1):
        plant.memo.keys[:] = 0
        plant.memo.used[:] = 0
        begin = time.process_time()
        found = run_des(park, replication=k, plant=plant)
        seconds.append(time.process_time() - begin)
        allocations.append(found.allocations)
    return 1e3 * float(np.mean(seconds)), float(np.mean(allocations))


SERIES: dict[str, list[tuple[float, dict[str, float]]]] = {
    "units": [(15.0 * n, {"sites": n}) for n in (1, 2, 4, 8)],
    "buffers": [(4.0 * n, {"kept": n}) for n in (2, 4, 8)],
    "failures and repairs": [(480.0 * p, {"pace": p}) for p in (1, 2, 4, 8)],
    "years": [(float(y), {"hours": 8760.0 * y}) for y in (1, 2, 5, 15)],
    "lorry routes": [(6.0 * n, {"sites": n, "lorries": True}) for n in (1, 2, 4)],
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    found: dict[str, dict[str, object]] = {}
    for name, points in SERIES.items():
        rows = []
        for size, options in points:
            ms, allocations = cost(synthetic_park(**options))  # type: ignore[arg-type]
            rows.append({"size": size, "ms": ms, "allocations": allocations})
        first, last = rows[0], rows[-1]
        exponent = math.log(last["ms"] / first["ms"]) / math.log(last["size"] / first["size"])
        found[name] = {"points": rows, "exponent": exponent}
        if not args.json:
            told = ", ".join(f"{r['size']:g}: {r['ms']:.1f} ms" for r in rows)
            print(f"{name:22} {told}; exponent {exponent:.2f}", flush=True)
    if args.json:
        print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
