"""Cost of the accounts of a run beside its simulation, in one process, in processor time.

    python -m benchmarks.accounts [scenario] [--count 12]

Each row is the mean over the same replications, after one round that is not counted.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from chainsim.accounts.account import Accountant, account
from chainsim.balance.plant import Plant
from chainsim.des.engine import run_des
from chainsim.park.build import load_park
from chainsim.results import Simulation
from chainsim.study.heap import left_alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenario", nargs="?", default="xinzhou-base")
    parser.add_argument("--count", type=int, default=12)
    args = parser.parse_args()
    park = load_park(args.scenario)
    plant, keeper = Plant(park), Accountant(park)

    def simulate(k: int) -> Simulation:
        return run_des(park, replication=args.count + k, plant=plant)

    runs = [simulate(k - args.count) for k in range(args.count)]
    one = ("carbon.total_t",)
    ways: dict[str, Callable[[int], object]] = {
        "simulation and its tables": simulate,
        "account(park, run), as for a single run": lambda k: account(park, runs[k]),
        "Accountant": lambda k: keeper.account(runs[k]),
        "Accountant, brief": lambda k: keeper.account(runs[k], brief=True),
        "Accountant, no project appraised": lambda k: keeper.account(runs[k], finance=False),
        "Accountant, KPIs only": lambda k: keeper.account(runs[k], finance=False, policy=False),
        "Accountant, one KPI": lambda k: keeper.account(
            runs[k], finance=False, policy=False, kpis=one
        ),
    }
    spent = dict.fromkeys(ways, 0.0)
    with left_alone():
        for k in (-1, *range(args.count)):  # in turn, so that other work on the machine hits all
            for turn, (name, way) in enumerate(ways.items()):
                # Each way its own run: an accountant does not book again the one it had last.
                run = (k + turn) % args.count
                begin = time.process_time()
                way(run)
                spent[name] += time.process_time() - begin if k >= 0 else 0.0
    for name, seconds in spent.items():
        print(f"{name:44}{1e3 * seconds / args.count:8.1f} ms")


if __name__ == "__main__":
    main()
