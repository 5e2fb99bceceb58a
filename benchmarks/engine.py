"""Speed of the event engine and of one allocation, beside other ways to do the same, in one run.

    python -m benchmarks.engine [--quick] [--full] [--json]

All figures come from one process, one after the other, in processor time. What the rows mean:

- *ours*: `run_des` with its tables, the park made ready before; the mean over replications.
  *Alone*: nothing is remembered from those before; *in a batch*: they share what they remember.
- *reference*: the same engine, every allocation by the reference (HiGHS, one LP after another).
- *hourly*, *10 min*: a plain simpy model, one process per unit and one `Container` per header, in
  fixed steps. It decides locally, in order of priority, without look-ahead, so its answer differs:
  another rule, not a coarser step of the same one.
- *simpy*, *salabim*, *python-drs*: other clocks around our compiled allocation, see `peers.py`; the
  last also around the reference, which is what it would be without a kernel of ours.
- *PyPSA*: another task, a linear program over 8,760 hours with perfect foresight; 168 h of it, as
  a year takes minutes (`--full` for the year).
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.hourly import run_hourly
from benchmarks.peers import peer_rows
from benchmarks.synthetic import synthetic_park
from chainsim.balance.instant import prepare
from chainsim.balance.lexicographic import Lexicographic
from chainsim.balance.motion import Running
from chainsim.balance.plant import Plant
from chainsim.balance.sequel import follow
from chainsim.balance.state import FLOOR_NOW, UPPER_NOW, VALUE, WAKE, full_columns
from chainsim.balance.tableau import OK
from chainsim.des import engine as des_engine
from chainsim.des.engine import run_des
from chainsim.park.build import load_park
from chainsim.park.model import Park


@dataclass(frozen=True)
class Row:
    name: str
    seconds: float
    years: float
    allocations: float = 0.0

    @property
    def rate(self) -> float:
        return self.years / self.seconds


def best(action: Callable[[int], object], times: int) -> float:
    """Shortest of `times` calls, s of processor time."""
    found = []
    for k in range(times):
        begin = time.process_time()
        action(k)
        found.append(time.process_time() - begin)
    return min(found)


def replications(name: str, park: Park, plant: Plant, count: int, *, alone: bool) -> Row:
    """Mean of `count` different replications; `alone`: nothing remembered from those before."""
    seconds, allocations = [], []
    for k in range(count):
        if alone or k == 0:
            plant.memo.keys[:] = 0
            plant.memo.used[:] = 0
        begin = time.process_time()
        found = run_des(park, replication=k, plant=plant)
        seconds.append(time.process_time() - begin)
        allocations.append(found.allocations)
    label = "alone" if alone else f"in a batch of {count}"
    mean = float(np.mean(seconds))
    return Row(f"{name}, {label}", mean, park.horizon.years, float(np.mean(allocations)))


def states_of(park: Park, plant: Plant, count: int = 200) -> list[tuple[np.ndarray, np.ndarray]]:
    """Bounds as a year of the park meets them: units down by their failure rates."""
    r = np.random.default_rng(1)
    program, found = plant.program, []
    units = list(park.units.values())
    columns = [program.column[f"unit:{u.id}"] for u in units]
    for _ in range(count):
        upper, floors = program.upper.copy(), np.zeros(program.n)
        for j, unit in zip(columns, units, strict=True):
            up = unit.load if r.random() > 0.02 else 0.0
            upper[j], floors[j] = up, unit.least_load if up else 0.0
        for key in park.buffers:
            closed = r.choice(["fill", "draw", ""])
            if closed:
                upper[program.column[f"{closed}:{key}"]] = 0.0
        found.append((upper, floors))
    return found


def by_reference(park: Park, plant: Plant) -> float:
    """One run, every allocation by the reference, s."""
    reference = Lexicographic(plant.program)
    program, kernel = plant.program, plant.kernel

    def advance(running: Running, hour: float, until: float) -> int:
        s = running.state
        while True:
            if math.isnan(hour):
                if s.clock[WAKE] >= until:
                    return OK
                hour = float(s.clock[WAKE])
            status = prepare(s, hour)
            if status == OK:
                upper = full_columns(program, kernel, s.column[UPPER_NOW])
                floors = full_columns(program, kernel, s.column[FLOOR_NOW])
                values = reference.allocate(upper, floors).values
                s.column[VALUE] = values[kernel.layout.live]
                status = follow(s, hour)
            if status != OK:
                return status
            hour = math.nan

    compiled = des_engine.advance
    des_engine.advance = advance  # the same loop with another allocator
    try:
        return best(lambda _: run_des(park, plant=plant), 1)
    finally:
        des_engine.advance = compiled


def allocation_row(park: Park, plant: Plant, times: int) -> dict[str, float]:
    """Us per allocation: kernel (compiled loop) and reference, and the largest difference."""
    from benchmarks.loops import allocate_all

    kernel, reference = plant.kernel, Lexicographic(plant.program)
    states = states_of(park, plant)
    live = kernel.layout.live
    upper = np.array([u[live] for u, _ in states])
    floors = np.array([f[live] for _, f in states])
    answers = np.zeros_like(upper)
    allocate_all(kernel.tableau, kernel.nodes, upper, floors, answers)
    own = best(
        lambda _: allocate_all(kernel.tableau, kernel.nodes, upper, floors, answers), times
    ) / len(states)
    few = states[:25]
    begin = time.process_time()
    expected = [reference.allocate(*state).values for state in few]
    other = (time.process_time() - begin) / len(few)
    full = full_columns(plant.program, kernel, answers)
    worst = max(float(np.abs(a - b).max()) for a, b in zip(full, expected, strict=False))
    return {"kernel_us": own * 1e6, "reference_us": other * 1e6, "difference": worst}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, shorter peers")
    parser.add_argument("--full", action="store_true", help="PyPSA over the whole year")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    times = 4 if args.quick else 15
    base, synthetic = load_park("xinzhou-base"), synthetic_park(4)
    cases = [
        ("xinzhou-base", base),
        ("synthetic, 60 units", synthetic),
        ("synthetic, 120 units", synthetic_park(8)),
        ("synthetic, 60 units, tanks x 0.1", synthetic_park(4, tank=0.1)),
        ("synthetic, 60 units, 24 lorry routes", synthetic_park(4, lorries=True)),
        ("synthetic, 60 units, 15 years", synthetic_park(4, hours=15 * 8760.0)),
    ]
    table: list[dict[str, object]] = []
    plants = {}
    for name, park in cases:
        plants[name] = Plant(park)
        run_des(park, plant=plants[name])
        short_run = park.horizon.years < 2
        count = (10 if args.quick else 50) if short_run else 3
        rows = [replications(name, park, plants[name], count, alone=True)]
        if short_run:
            rows.append(replications(name, park, plants[name], count, alone=False))
        for row in rows:
            table.append(
                {
                    "case": f"ours: {row.name}",
                    "ms_per_year": 1e3 / row.rate,
                    "park_years_per_s": row.rate,
                    "allocations_per_year": row.allocations / row.years,
                }
            )
    fast = next(r for r in table if str(r["case"]).startswith("ours: synthetic, 60 units, alone"))
    for name, park in cases[:2]:
        seconds = by_reference(park, plants[name])
        table.append(
            {
                "case": f"reference: {name}",
                "ms_per_year": 1e3 * seconds / park.horizon.years,
                "park_years_per_s": park.horizon.years / seconds,
                "allocations_per_year": 0.0,
            }
        )
    short = synthetic_park(4, hours=168.0 if args.quick else 730.0)
    hourly = best(lambda k: run_hourly(short, seed=k), 2) / short.horizon.years
    table.append(
        {"case": "hourly simpy: synthetic, 60 units", "ms_per_year": hourly * 1e3,
         "park_years_per_s": 1.0 / hourly, "allocations_per_year": 8760.0}
    )  # fmt: skip
    table += peer_rows(synthetic, plants["synthetic, 60 units"], full=args.full)
    for row_ in table:
        row_["times_ours"] = float(row_["ms_per_year"]) / float(fast["ms_per_year"])  # type: ignore[arg-type]
    allocations = {name: allocation_row(park, plants[name], times) for name, park in cases[:2]}
    if args.json:
        print(json.dumps({"runs": table, "allocations": allocations}, indent=2))
        return
    print(f"{'':54}{'ms/year':>10}{'years/s':>10}{'alloc/year':>12}{'x ours':>9}")
    for r in table:
        print(
            f"{r['case']:54}{r['ms_per_year']:10.1f}{r['park_years_per_s']:10.2f}"
            f"{r['allocations_per_year']:12.0f}{r['times_ours']:9.1f}"
        )
    print(f"\n{'one allocation':54}{'kernel us':>10}{'ref us':>10}{'ratio':>8}{'difference':>13}")
    for name, a in allocations.items():
        ratio = a["reference_us"] / a["kernel_us"]
        print(
            f"{name:54}{a['kernel_us']:10.1f}{a['reference_us']:10.0f}{ratio:8.0f}{a['difference']:13.1e}"
        )


if __name__ == "__main__":
    main()
