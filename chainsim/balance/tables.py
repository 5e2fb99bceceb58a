"""The tables of a run from its totals: what is the same for every run of a park is made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from chainsim.balance.hauls import (
    DOCK_WAIT_H,
    GIVEN,
    LOADED,
    QUEUE_SUM,
    STARTED,
    TURNED_AWAY,
    WAITED_H,
    WAY_END,
    WAY_START,
    WAY_SUM,
    shipping_links,
)
from chainsim.balance.program import Array, Program
from chainsim.balance.state import (
    AVAILABLE_H,
    EMPTY_H,
    FAILED_H,
    FULL_H,
    FULL_TIME_H,
    HELD_H,
    LEVEL_END,
    LEVEL_START,
    LEVEL_SUM,
    OVERHAUL_H,
    RUNNING_H,
    STARTS,
)
from chainsim.park.model import Park, Unit, UnitPort
from chainsim.results import (
    FLOW_COLUMNS,
    LEVEL_COLUMNS,
    OBLIGATION_COLUMNS,
    SHIPMENT_COLUMNS,
    UNIT_COLUMNS,
    frame,
)

_Texts = pd.api.extensions.ExtensionArray
_Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One row of the flow table: quantity = total of `column` x `factor` x `per`.

    Attributes:
        role: of a unit's port, `ambient` where air or the like is taken from no header; else empty.
    """

    kind: str
    component: str
    site: str
    owner: str
    port: str
    material: str
    column: int
    factor: float
    per: float = 1.0
    role: str = ""


class Tables:
    """Makes the tables of all runs of one park."""

    def __init__(self, park: Park, program: Program) -> None:
        self.periods = park.horizon.periods()
        self.ends = np.array([end for _, _, end in self.periods])
        self._names = pd.array([name for name, _, _ in self.periods], dtype="str")
        self._made: dict[int, dict[str, _Texts]] = {}
        self._hours = np.array([end - begin for _, begin, end in self.periods])
        flows = list(flow_rows(park, program))
        self._flows = _texts(
            [
                {
                    "kind": f.kind,
                    "component": f.component,
                    "site": f.site,
                    "owner": f.owner,
                    "port": f.port,
                    "material": f.material,
                    "unit": _unit_of(park, f.material),
                    "role": f.role,
                }
                for f in flows
            ]
        )
        self._column = np.array([f.column for f in flows], dtype=int)
        self._factor = np.array([f.factor for f in flows])
        self._per = np.array([f.per for f in flows])
        self._units = _texts(
            [
                {"component": u.id, "unit": ref.material.unit if ref else "activity"}
                for u in park.units.values()
                for ref in [next((x for x in u.ports if x.name == u.reference), None)]
            ]
        )
        self._nameplate = np.array([u.nameplate_per_h for u in park.units.values()])
        at = [(k, park.headers[o.header]) for k, o in park.obligations.items()]
        self._owed = _texts(
            [
                {"component": k, "site": h.site, "material": h.material.id, "unit": h.material.unit}
                for k, h in at
            ]
        )
        self._owed_column = np.array(
            [program.column[f"obligation:{k}"] for k in park.obligations], dtype=int
        )
        held = [(k, park.headers[b.header].material) for k, b in park.buffers.items()]
        self._buffers = _texts(
            [{"component": k, "material": m.id, "unit": m.unit} for k, m in held]
        )
        self._capacity = np.array([b.capacity for b in park.buffers.values()])
        carriers = shipping_links(park)
        self._carriers = np.array([program.column[f"link:{x.id}"] for x in carriers], dtype=int)
        trips = [x.shipment for x in carriers if x.shipment is not None]
        taken = [f"draw:{t.source}" if t.source else f"buy:{t.bought}" for t in trips]
        brought = [f"fill:{t.target}" if t.target else f"sell:{t.sold}" for t in trips]
        self._drawn = np.array([program.column[key] for key in taken], dtype=int)
        self._filled = np.array([program.column[key] for key in brought], dtype=int)
        self._shipments = _texts(
            [
                {"component": x.id, "material": x.material.id, "unit": x.material.unit}
                for x in carriers
            ]
        )

    def flows(self, totals: Array) -> pd.DataFrame:
        """What moved.

        Args:
            totals: (p, n + 2 l) base units, full-load hours for units; then what each link by
                batches loaded and gave over, see `with_batches`.
        """
        quantity = totals[:, self._column] * self._factor * self._per
        period, row = np.nonzero(quantity)
        data = self._described(self._flows, period, row)
        return frame(data | {"quantity": quantity[period, row]}, FLOW_COLUMNS)

    def with_batches(self, totals: Array, by_haul: Array | None) -> Array:
        """`totals` (p, n) with two more columns for each link by batches.

        Batches are drawn from the stock at one end (or bought) and filled into that at the other
        (or sold).

        Args:
            totals: base units moved by the columns of the program.
            by_haul: (p, BY_HAUL, l) what vehicles moved; None where such links flowed.
        """
        count = len(self._carriers)
        both = np.repeat(totals[:, self._carriers], 2, axis=1)
        if by_haul is not None:
            for k in range(count):
                totals[:, self._drawn[k]] += by_haul[:, LOADED, k]
                totals[:, self._filled[k]] += by_haul[:, GIVEN, k]
            both = by_haul[:, [LOADED, GIVEN], :].transpose(0, 2, 1).reshape(len(totals), 2 * count)
        return np.concatenate([totals, both], axis=1)

    def shipments(self, by_haul: Array) -> pd.DataFrame:
        """Trips of links by batches; `by_haul` (p, BY_HAUL, l)."""
        period, row = self._all(by_haul.shape[2])
        data = self._whole(self._shipments, period, row)
        for name, which in (
            ("trips", STARTED),
            ("loaded", LOADED),
            ("delivered", GIVEN),
            ("on_the_way_start", WAY_START),
            ("on_the_way_end", WAY_END),
            ("waited_h", WAITED_H),
            ("dock_waited_h", DOCK_WAIT_H),
            ("turned_away", TURNED_AWAY),
        ):
            data[name] = by_haul[period, which, row]
        for name, which in (("on_the_way_mean", WAY_SUM), ("queue_mean", QUEUE_SUM)):
            data[name] = by_haul[period, which, row] / self._hours[period]
        return frame(data, SHIPMENT_COLUMNS)

    def units(self, by_unit: Array) -> pd.DataFrame:
        """Hours of units; `by_unit` (p, BY_UNIT, units)."""
        period, row = self._all(by_unit.shape[2])
        data = self._whole(self._units, period, row)
        data |= {"hours": self._hours[period], "nameplate": self._nameplate[row]}
        for name, which in (
            ("full_load_h", FULL_H),
            ("running_h", RUNNING_H),
            ("available_h", AVAILABLE_H),
            ("failed_h", FAILED_H),
            ("overhaul_h", OVERHAUL_H),
            ("held_h", HELD_H),
            ("starts", STARTS),
        ):
            data[name] = by_unit[period, which, row]
        return frame(data, UNIT_COLUMNS)

    def obligations(self, by_owed: Array, totals: Array) -> pd.DataFrame:
        """What was owed and served; `by_owed` (p, 2, obligations), `totals` as for `flows`."""
        period, row = self._all(by_owed.shape[2])
        requested, short = by_owed[period, 0, row], by_owed[period, 1, row]
        served = totals[period, self._owed_column[row]]
        missing = np.where(short > 0.0, np.maximum(requested - served, 0.0), 0.0)
        data = self._whole(self._owed, period, row)
        data |= {"requested": requested, "served": served, "shortfall": missing, "short_h": short}
        return frame(data, OBLIGATION_COLUMNS)

    def levels(self, by_buffer: Array) -> pd.DataFrame:
        """Levels of buffers; `by_buffer` (p, BY_BUFFER, buffers)."""
        period, row = self._all(by_buffer.shape[2])
        data = self._whole(self._buffers, period, row)
        data |= {
            "level_start": by_buffer[period, LEVEL_START, row],
            "level_end": by_buffer[period, LEVEL_END, row],
            "level_mean": by_buffer[period, LEVEL_SUM, row] / self._hours[period],
            "empty_h": by_buffer[period, EMPTY_H, row],
            "full_h": by_buffer[period, FULL_TIME_H, row],
            "capacity": self._capacity[row],
        }
        return frame(data, LEVEL_COLUMNS)

    def _all(self, count: int) -> tuple[_Places, _Places]:
        """Period and row of every row of a table without gaps."""
        period, row = np.divmod(np.arange(len(self.periods) * count), max(count, 1))
        return period, row

    def _whole(
        self, texts: Mapping[str, _Texts], period: _Places, row: _Places
    ) -> dict[str, object]:
        """Texts of a table without gaps: the same in every run, each with columns of its own."""
        if id(texts) not in self._made:
            self._made[id(texts)] = self._described(texts, period, row)
        return {name: column.copy() for name, column in self._made[id(texts)].items()}

    def _described(
        self, texts: Mapping[str, _Texts], period: _Places, row: _Places
    ) -> dict[str, _Texts]:
        described: dict[str, _Texts] = {"period": self._names.take(period)}
        return described | {name: column.take(row) for name, column in texts.items()}


def _texts(
    rows: Sequence[Mapping[str, str]],
) -> dict[str, _Texts]:
    """Columns of text; none without rows, where there is nothing to describe."""
    names = list(rows[0]) if rows else []
    return {name: pd.array([r[name] for r in rows], dtype="str") for name in names}


def _unit_of(park: Park, material: str) -> str:
    known = park.materials.get(material)
    return "t" if known is None else known.unit


def flow_rows(park: Park, program: Program, *, batches: bool = True) -> Iterator[FlowRow]:
    """All rows of the flow table in one period, the units' first.

    With `batches`, what shipments load and give over is counted in columns of its own, two by link
    from `program.n` on; without, every row has a column of the program.
    """
    for unit in park.units.values():
        yield from _port_flows(unit, program.column)
    groups = (
        ("buy", 1.0, park.buy),
        ("sell", -1.0, park.sell),
        ("obligation", -1.0, park.obligations),
        ("vent", -1.0, park.vents),
        ("fill", -1.0, park.buffers),
        ("draw", 1.0, park.buffers),
    )
    for kind, sign, group in groups:
        for key, item in group.items():
            header = park.headers[item.header]
            column = program.column[f"{kind}:{key}"]
            yield FlowRow(kind, key, header.site, "", kind, header.material.id, column, sign)
    apart = shipping_links(park) if batches else ()
    by_batches = {link.id: program.n + 2 * i for i, link in enumerate(apart)}
    for link in park.links.values():
        own = program.column[f"link:{link.id}"]
        loaded = by_batches.get(link.id, own)
        given = loaded + 1 if link.id in by_batches else own
        ends = [("in", link.origin, loaded, -1.0, 1.0), ("out", link.target, given, 1.0, 1.0)]
        if link.electricity_header:
            ends.append(("power", link.electricity_header, own, -1.0, link.electricity_mwh))
        for port, key, column, factor, per in ends:
            header = park.headers[key]
            material = header.material.id
            yield FlowRow(
                "link", link.id, header.site, link.owner, port, material, column, factor, per
            )


def _port_flows(unit: Unit, columns: Mapping[str, int]) -> Iterator[FlowRow]:
    """Ports of one unit; what serves a port of several feeds has columns of its own."""

    def flow(
        port: UnitPort, material: str, column: int, factor: float, per: float = 1.0
    ) -> FlowRow:
        place = (unit.id, unit.site, unit.owner)
        return FlowRow("unit", *place, port.name, material, column, factor, per, _role(port))

    own = columns[f"unit:{unit.id}"]
    for port in unit.ports:
        if port.alternative:
            sign = 1.0 if port.rate > 0 else -1.0
            for option in port.options:
                column = columns[f"feed:{unit.id}.{port.name}.{option.material}"]
                yield flow(port, option.material, column, sign)
        elif port.options:
            option = port.options[0]
            yield flow(port, option.material, own, port.rate, option.per_need)
        else:
            yield flow(port, port.material.id, own, port.rate)


def _role(port: UnitPort) -> str:
    """The port's role; what is taken from no header, or given to none, can be told by it."""
    return port.role if port.options or port.role in ("emission", "loss") else "ambient"
