"""The park as a linear program in flat arrays: columns, header rows, bounds, dispatch stages.

A column is scaled so that 1 is "nameplate": units by their own nameplate, everything else by the
size of its header. Rows are scaled by the same size, so all entries lie around 1 and solver
tolerances mean the same everywhere. `flow = value * scale` gives base units per hour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from chainsim.errors import InternalError
from chainsim.park.model import Goal, Park

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stage:
    """One goal in column indices; `weights` turn values into shares of each one's request."""

    sense: str
    columns: tuple[int, ...]
    weights: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Arrays of one park. `n` columns, `m` rows.

    Attributes:
        keys: (n,) column keys in the order of the arrays.
        upper: (n,) largest values with everything up and every buffer half full.
        scale: (n,) base units per hour of value 1.
        row_names: (m,) what each row balances.
        row_lower, row_upper: (m,) bounds of the rows.
        starts, index, value: the matrix by columns (compressed).
        stages: the dispatch list.
        column: key -> index.
        row_scale: (m,) base units per hour of a row's 1; 1 for rows that balance no header.
    """

    keys: tuple[str, ...]
    upper: Array
    scale: Array
    row_names: tuple[str, ...]
    row_lower: Array
    row_upper: Array
    starts: NDArray[np.int32]
    index: NDArray[np.int32]
    value: Array
    stages: tuple[Stage, ...]
    column: Mapping[str, int] = field(default_factory=dict)
    row_scale: Array = field(default_factory=lambda: np.zeros(0))

    @property
    def n(self) -> int:
        """Number of columns."""
        return len(self.keys)

    def entries(self, column: int) -> list[tuple[int, float]]:
        """(row, coefficient) of one column."""
        span = slice(self.starts[column], self.starts[column + 1])
        return list(zip(self.index[span].tolist(), self.value[span].tolist(), strict=True))

    @property
    def m(self) -> int:
        """Number of rows."""
        return len(self.row_names)

    def residual(self, values: Array) -> float:
        """Largest violation of a row by `values` (n,), in scaled units."""
        activity = np.zeros(self.m)
        counts = np.diff(self.starts)
        np.add.at(activity, self.index, self.value * np.repeat(values, counts))
        below = np.maximum(self.row_lower - activity, 0.0)
        above = np.maximum(activity - self.row_upper, 0.0)
        return float(max(below.max(initial=0.0), above.max(initial=0.0)))


class _Assembly:
    """Collects columns and rows, then freezes them."""

    def __init__(self, park: Park) -> None:
        self.park = park
        self.header_scale = _header_scales(park)
        self.rows: dict[str, int] = {}
        self.row_bounds: list[tuple[float, float]] = []
        for header in park.headers:
            self.row(f"header:{header}")
        self.columns: dict[str, dict[int, float]] = {}
        self.upper: list[float] = []
        self.scale: list[float] = []

    def row(self, name: str, lower: float = 0.0, upper: float = 0.0) -> int:
        self.rows[name] = len(self.rows)
        self.row_bounds.append((lower, upper))
        return self.rows[name]

    def header(self, header: str) -> tuple[int, float]:
        return self.rows[f"header:{header}"], self.header_scale[header]

    def add(self, key: str, upper: float, scale: float) -> dict[int, float]:
        if key in self.columns:
            raise InternalError(f"two columns are called {key}")
        self.columns[key] = {}
        self.upper.append(upper)
        self.scale.append(scale)
        return self.columns[key]

    def plain(self, key: str, header: str, sign: float, limit: float) -> dict[int, float]:
        """A column that moves its header's material in (+) or out (-)."""
        row, size = self.header(header)
        entries = self.add(key, limit / size, size)
        entries[row] = sign
        return entries


def compile_park(park: Park) -> Program:
    """The program of a park; columns in the order units, feeds, markets, buffers, vents, links."""
    a = _Assembly(park)
    for unit in park.units.values():
        own = a.add(f"unit:{unit.id}", 1.0, 1.0)
        for port in unit.ports:
            if not port.options:
                continue
            if not port.alternative:
                option = port.options[0]
                row, size = a.header(option.header)
                own[row] = own.get(row, 0.0) + port.rate * option.per_need / size
                continue
            need = a.row(f"port:{unit.id}.{port.name}")
            own[need] = -1.0
            for option in port.options:
                key = f"feed:{unit.id}.{port.name}.{option.material}"
                arc = a.add(key, 1.0, abs(port.rate) * option.per_need)
                row, size = a.header(option.header)
                arc[need] = 1.0
                arc[row] = arc.get(row, 0.0) + port.rate * option.per_need / size
    for market in park.buy.values():
        a.plain(f"buy:{market.id}", market.header, 1.0, market.limit)
    for market in park.sell.values():
        a.plain(f"sell:{market.id}", market.header, -1.0, market.limit)
    for obligation in park.obligations.values():
        a.plain(f"obligation:{obligation.id}", obligation.header, -1.0, max(obligation.monthly))
    for buffer in park.buffers.values():
        a.plain(f"fill:{buffer.id}", buffer.header, -1.0, buffer.fill_rate)
        a.plain(f"draw:{buffer.id}", buffer.header, 1.0, buffer.draw_rate)
    for vent in park.vents.values():
        a.plain(f"vent:{vent.id}", vent.header, -1.0, vent.limit)
    for link in park.links.values():
        most = link.capacity if link.shipment is None else link.shipment.mean_rate
        entries = a.plain(f"link:{link.id}", link.origin, -1.0, most)
        size = a.header_scale[link.origin]
        row, target_size = a.header(link.target)
        entries[row] = entries.get(row, 0.0) + size / target_size
        if link.electricity_header:
            row, power_size = a.header(link.electricity_header)
            entries[row] = entries.get(row, 0.0) - link.electricity_mwh * size / power_size
    _serving_rows(a)
    _output_rows(a)
    return _freeze(a)


def _serving_rows(a: _Assembly) -> None:
    """A buffer that serves some consumers only is drawn at most at what they take."""
    for buffer in a.park.buffers.values():
        if not buffer.serves:
            continue
        row = a.row(f"serves:{buffer.id}", -math.inf, 0.0)
        header_row, _ = a.header(buffer.header)
        a.columns[f"draw:{buffer.id}"][row] = 1.0
        for key, entries in a.columns.items():
            spoken = key.split(":", 1)[1].split(".", 1)[0]
            taking = entries.get(header_row, 0.0) < 0.0
            if spoken in buffer.serves and taking and not key.startswith(("fill:", "draw:")):
                entries[row] = entries[header_row]


def _output_rows(a: _Assembly) -> None:
    """What units make under a measure is counted by a column of its own, which can be limited."""
    for measure in a.park.measures:
        for material in measure.outputs:
            makers = dict(measure.makers(a.park, material))
            size = sum(makers.values()) or 1.0
            row = a.row(f"cap:{measure.id}.{material}")
            a.add(f"cap:{measure.id}.{material}", math.inf, size)[row] = -1.0
            for unit, made in makers.items():
                a.columns[f"unit:{unit}"][row] = made / size


def _header_scales(park: Park) -> dict[str, float]:
    """Size of each header: its largest nameplate flow, else its largest finite limit, else 1."""
    sizes = dict.fromkeys(park.headers, 0.0)
    for unit in park.units.values():
        for port in unit.ports:
            for option in port.options:
                flow = abs(port.rate) * option.per_need
                sizes[option.header] = max(sizes[option.header], flow)
    limits = [(m.header, m.limit) for m in (*park.buy.values(), *park.sell.values())]
    limits += [(o.header, max(o.monthly)) for o in park.obligations.values()]
    limits += [(x.origin, x.capacity) for x in park.links.values()]
    limits += [(x.target, x.capacity) for x in park.links.values()]
    found = dict(sizes)
    for header, limit in limits:
        if sizes[header] == 0.0 and math.isfinite(limit):
            found[header] = max(found[header], limit)
    return {header: size or 1.0 for header, size in found.items()}


def _freeze(a: _Assembly) -> Program:
    keys = tuple(a.columns)
    column = {key: i for i, key in enumerate(keys)}
    starts, index, value = [0], [], []
    for entries in a.columns.values():
        for row, coefficient in sorted(entries.items()):
            if coefficient != 0.0:
                index.append(row)
                value.append(coefficient)
        starts.append(len(index))
    upper = np.array(a.upper)
    bounds = np.array(a.row_bounds, dtype=float).reshape(-1, 2)
    return Program(
        keys=keys,
        upper=upper,
        scale=np.array(a.scale),
        row_names=tuple(a.rows),
        row_lower=bounds[:, 0].copy(),
        row_upper=bounds[:, 1].copy(),
        starts=np.array(starts, dtype=np.int32),
        index=np.array(index, dtype=np.int32),
        value=np.array(value),
        stages=tuple(_stage(goal, column, upper) for goal in a.park.goals),
        column=column,
        row_scale=np.array([a.header_scale.get(name.split(":", 1)[1], 1.0) for name in a.rows]),
    )


def _stage(goal: Goal, column: Mapping[str, int], upper: Array) -> Stage:
    columns = []
    weights = []
    for target, weight in zip(goal.targets, goal.weights, strict=True):
        if target not in column:
            raise InternalError(f"goal names unknown column {target}")
        j = column[target]
        request = upper[j] if 0.0 < upper[j] < math.inf else 1.0
        columns.append(j)
        weights.append(weight * float(request))
    return Stage(goal.sense, tuple(columns), tuple(weights))
