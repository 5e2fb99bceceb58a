"""Scenario record + library -> typed park. Every reference and unit is checked; all problems at once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from chainsim.errors import Problem, StructureError, UserError, did_you_mean
from chainsim.library.files import load_library
from chainsim.library.model import Failure, Library, Material, Overhaul, Port, Process
from chainsim.library.processes import failure, overhaul
from chainsim.library.scenario_records import (
    BufferRecord,
    InlineMaterial,
    InlinePort,
    LinkRecord,
    MarketRecord,
    ObligationRecord,
    Recipe,
    ScenarioRecord,
    UnitRecord,
)
from chainsim.library.scenarios import Scenario, load_scenario
from chainsim.park.amounts import Reader
from chainsim.park.checks import check_park
from chainsim.park.dispatch import build_goals
from chainsim.park.model import (
    Assumption,
    Buffer,
    Economics,
    Enterprise,
    Header,
    Horizon,
    Link,
    Market,
    Obligation,
    Option,
    Park,
    Site,
    Unit,
    UnitPort,
    Vent,
)
from chainsim.units import GJ_PER_TCE, HOURS_PER_YEAR

DEFAULT_SITE = "site"


def load_park(
    name: str | Path,
    overrides: Iterable[str] = (),
    values: Mapping[str, float] | None = None,
) -> Park:
    """Read a scenario and the library it uses, and build the park.

    Args:
        name: path of a scenario file, or id of a shipped scenario.
        overrides: `key.path=value` strings.
        values: sampled library coefficients by path.

    Raises:
        UserError: with every problem of the stage that failed.
    """
    return build_park(load_scenario(name, tuple(overrides)), values=values)


def build_park(
    scenario: Scenario,
    library: Library | None = None,
    values: Mapping[str, float] | None = None,
) -> Park:
    """The park of a resolved scenario.

    Raises:
        StructureError: every wrong reference, unit or number, with file, line and key path.
    """
    record = scenario.record
    if library is None:
        library = load_library(values=values) if record.library else Library()
    builder = _Builder(scenario, library)
    park = builder.park()
    problems = builder.problems or check_park(park)
    errors = [scenario.place(p) for p in problems if p.severity == "error"]
    if errors:
        raise StructureError(errors)
    return park


class _Builder:
    """Collects problems while it turns records into components."""

    def __init__(self, scenario: Scenario, library: Library) -> None:
        self.record: ScenarioRecord = scenario.record
        self.scenario = scenario
        self.library = library
        self.problems: list[Problem] = []
        self.read = Reader(self.problems)
        self.headers: dict[str, Header] = {}
        self.horizon = _horizon(self.record)
        self.sites = self._sites()
        self.materials: dict[str, Material] = {
            **library.materials,
            **{k: _material(k, m) for k, m in self.record.materials.items()},
        }
        self.prices = self._prices()

    def park(self) -> Park:
        """Everything built; the problems stand in `problems`."""
        record = self.record
        units = {k: u for k, r in sorted(record.units.items()) if (u := self.unit(k, r))}
        links = {k: x for k, r in sorted(record.links.items()) if (x := self.link(k, r))}
        buy = {k: m for k, r in sorted(record.buy.items()) if (m := self.market("buy", k, r))}
        sell = {k: m for k, r in sorted(record.sell.items()) if (m := self.market("sell", k, r))}
        obligations = {
            k: o for k, r in sorted(record.obligations.items()) if (o := self.obligation(k, r))
        }
        vents = self._vents()
        buffers = {k: b for k, r in sorted(record.buffers.items()) if (b := self.buffer(k, r))}
        park = Park(
            id=record.id,
            name_zh=record.name_zh,
            name_en=record.name_en,
            story_zh=record.story_zh,
            story_en=record.story_en,
            library=self.library,
            materials=self.materials,
            sites=self.sites,
            enterprises=self._enterprises(),
            units=units,
            headers=dict(sorted(self.headers.items())),
            buffers=buffers,
            links=links,
            buy=buy,
            sell=sell,
            obligations=obligations,
            vents=vents,
            goals=(),
            horizon=self.horizon,
            economics=Economics(
                grid_factor=record.economics.grid_factor,
                boundary=record.economics.boundary,
                carbon_price_cny_per_t=self.read(
                    "economics.carbon_price", record.economics.carbon_price, "CNY/t"
                ),
            ),
            prices=self.prices,
            policies=tuple(record.policies or sorted(self.library.policies)),
            assumptions=tuple(
                Assumption(key=k, zh=a.zh, en=a.en) for k, a in record.assumptions.items()
            ),
            digest=self.scenario.digest,
            resolved=self.scenario.data,
        )
        for policy in record.policies:
            self._known("policies", policy, self.library.policies, "CS-S002")
        for index, unit_record in record.units.items():
            for buffer in unit_record.restart_level or {}:
                self._known(f"units.{index}.restart_level", buffer, buffers, "CS-S002")
        if self.problems:
            return park
        units = {k: self._with_levels(u, buffers) for k, u in units.items()}
        park = replace(park, units=units)
        return replace(park, goals=build_goals(park, record.dispatch, self.problems.append))

    # -- pieces -------------------------------------------------------------------------------

    def unit(self, key: str, record: UnitRecord) -> Unit | None:
        """One unit, or None with problems."""
        path = f"units.{key}"
        site = self._site(path, record.site)
        if record.owner is not None:
            self._known(f"{path}.owner", record.owner, self.record.enterprises, "CS-S002")
        if (record.process is None) == (record.recipe is None):
            self.problems.append(Problem(code="CS-S003", path=path))
            return None
        used: list = []
        modes: tuple[Failure, ...] | None = None
        if record.failures is not None:
            modes = tuple(
                failure(f"{path}.failures.{f.mode}", f, {}, used) for f in record.failures
            )
        stop: Overhaul | None = None
        if record.overhaul:
            stop = overhaul(f"{path}.overhaul", record.overhaul, {}, used)
        common = {
            "id": key,
            "site": site,
            "owner": record.owner or "",
            "trains": record.trains,
            "priority": record.priority,
            "weight": record.weight,
            "load": record.load,
            "restart_levels": dict(record.restart_level or {}),
            "start_h": self._hour(record.start, -math.inf),
            "close_h": self._hour(record.close, math.inf),
            "approval": record.approval or "",
            "status": record.status,
            "assumed": record.assumed,
            "capex_cny": None
            if record.capex is None
            else self.read(f"{path}.capex", record.capex, "CNY"),
        }
        if record.process is not None:
            process = self.library.processes.get(record.process)
            if process is None:
                self._known(f"{path}.process", record.process, self.library.processes, "CS-S001")
                return None
            return self._library_unit(path, record, process, common, modes, stop)
        return self._inline_unit(path, record, common, modes or (), stop)

    def _library_unit(
        self,
        path: str,
        record: UnitRecord,
        process: Process,
        common: dict,
        modes: tuple[Failure, ...] | None,
        stop: Overhaul | None,
    ) -> Unit | None:
        reference = process.port(process.reference)
        per_hour = self.read.capacity(
            f"{path}.capacity", record.capacity, reference.material.unit, process.operating_hours
        )
        activity = per_hour / process.reference_amount
        ports = []
        for port in process.ports:
            rate = port.amount * activity * curve_factor(port.load_curve, record.load)
            order = (record.feeds or {}).get(port.name)
            ports.append(self._unit_port(path, port, rate, common["site"], order))
        for name in record.feeds or {}:
            self._known(f"{path}.feeds", name, [p.name for p in process.ports], "CS-S004")
        return Unit(
            **common,
            name_zh=record.name_zh or process.name_zh,
            name_en=record.name_en or process.name_en,
            process=process,
            ports=tuple(p for p in ports if p is not None),
            nameplate_per_h=per_hour,
            capacity_per_a=per_hour * process.operating_hours,
            reference=process.reference,
            min_load=process.turndown if record.min_load is None else record.min_load,
            min_down_h=process.min_down_h if record.min_down_h is None else record.min_down_h,
            follow=process.follow if record.follow is None else record.follow,
            failures=process.failures if modes is None else modes,
            overhaul=process.overhaul if record.overhaul is None else stop,
            heat_loss_gj_per_h=process.heat_loss_gj * activity,
            boundary=process.boundary,
            capex=process.capex,
        )

    def _inline_unit(
        self,
        path: str,
        record: UnitRecord,
        common: dict,
        modes: tuple[Failure, ...],
        stop: Overhaul | None,
    ) -> Unit | None:
        recipe = record.recipe
        if isinstance(recipe, str):
            self._known(f"{path}.recipe", recipe, self.record.recipes, "CS-S002")
            recipe = self.record.recipes.get(recipe, Recipe())
        assert recipe is not None
        activity = self.read.capacity(
            f"{path}.capacity", record.capacity, "", HOURS_PER_YEAR, plain=True
        )
        ports: list[UnitPort | None] = []
        for sign, group in ((-1.0, recipe.feeds), (1.0, recipe.products)):
            for name, given in group.items():
                port = InlinePort(rate=given) if isinstance(given, float) else given
                order = (record.feeds or {}).get(name)
                ports.append(
                    self._inline_port(path, name, port, sign * port.rate * activity, common["site"], order)
                )
        for name in record.feeds or {}:
            self._known(f"{path}.feeds", name, recipe.feeds, "CS-S004")
        return Unit(
            **common,
            name_zh=record.name_zh or common["id"],
            name_en=record.name_en or common["id"],
            process=None,
            ports=tuple(p for p in ports if p is not None),
            nameplate_per_h=activity,
            capacity_per_a=activity * HOURS_PER_YEAR,
            reference="",
            min_load=record.min_load or 0.0,
            min_down_h=record.min_down_h or 0.0,
            follow=bool(record.follow),
            failures=modes,
            overhaul=stop,
        )

    def _unit_port(
        self, path: str, port: Port, rate: float, site: str, order: list[str] | None
    ) -> UnitPort | None:
        options: tuple[Option, ...] = ()
        if port.connected:
            names = order or port.alternatives or (port.material.id,)
            options = self._options(
                f"{path}.feeds.{port.name}", names, site, 1.0 if port.by_heat else None, {}
            )
        return UnitPort(
            name=port.name,
            material=port.material,
            role=port.role,
            rate=rate,
            options=options,
            burn=port.burn,
            by_heat=port.by_heat,
            coefficient=port.coefficient.path if port.coefficient else "",
        )

    def _inline_port(
        self,
        path: str,
        name: str,
        port: InlinePort,
        rate: float,
        site: str,
        order: list[str] | None,
    ) -> UnitPort | None:
        nominal = port.material or name
        covers = port.alternatives if isinstance(port.alternatives, dict) else {}
        names = order or list(port.alternatives or ()) or [nominal]
        material = self.materials.get(nominal)
        if material is None and port.alternatives:
            # A port may carry a name of its own ("fuel") when its alternatives are named; it is
            # then counted in GJ unless the alternatives say how much of the need they cover.
            material = Material(
                id=nominal, name_zh=nominal, name_en=nominal, phase="energy",
                unit="piece" if covers else "GJ", energy_gj=0.0 if covers else 1.0,
            )
        if material is None:
            self._known(f"{path}.recipe", nominal, self.materials, "CS-S005")
            return None
        by_heat = port.alternatives is not None and not covers and material.unit == "GJ"
        options: tuple[Option, ...] = ()
        if port.connected:
            options = self._options(
                f"{path}.feeds.{name}", names, site, 1.0 if by_heat else None, covers
            )
        return UnitPort(
            name=name,
            material=material,
            role=("feed" if rate < 0 else "product") if port.connected else "emission",
            rate=rate,
            options=options,
            burn=port.burn,
            by_heat=by_heat,
        )

    def _options(
        self,
        path: str,
        names: Iterable[str],
        site: str,
        gj_per_need: float | None,
        covers: Mapping[str, float],
    ) -> tuple[Option, ...]:
        options = []
        for name in names:
            material = self.materials.get(name)
            if material is None:
                self._known(path, name, self.materials, "CS-S005")
                continue
            per_need = 1.0
            if name in covers:
                per_need = 1.0 / covers[name]
            elif gj_per_need is not None:
                content = material.lhv_gj or material.energy_gj
                if content <= 0:
                    self.problems.append(Problem(code="CS-S006", path=path, found=name))
                    continue
                per_need = gj_per_need / content
            options.append(
                Option(material=name, header=self._header(name, site), per_need=per_need)
            )
        return tuple(options)

    def buffer(self, key: str, record: BufferRecord) -> Buffer | None:
        """One buffer."""
        path = f"buffers.{key}"
        header = self._at(path, record.material or key, record.site)
        if header is None:
            return None
        unit = self.headers[header].material.unit
        capacity = self.read(f"{path}.capacity", record.capacity, unit)
        if record.initial is not None:
            initial = self.read(f"{path}.initial", record.initial, unit)
        else:
            initial = (record.initial_share or 0.0) * capacity
        if initial > capacity * (1 + 1e-12):
            self.problems.append(
                Problem(code="CS-S007", path=f"{path}.initial", found=f"{initial:g}", expected=f"<= {capacity:g}")
            )
        return Buffer(
            id=key,
            name_zh=record.name_zh or key,
            name_en=record.name_en or key,
            header=header,
            capacity=capacity,
            initial=initial,
            fill_rate=self.read.limit(f"{path}.fill_rate", record.fill_rate, f"{unit}/h"),
            draw_rate=self.read.limit(f"{path}.draw_rate", record.draw_rate, f"{unit}/h"),
            priority=record.priority,
            serves=tuple(record.serves or ()),
            assumed=record.assumed,
        )

    def link(self, key: str, record: LinkRecord) -> Link | None:
        """One link."""
        path = f"links.{key}"
        origin = self._at(path, record.material, record.origin, "from")
        target = self._at(path, record.material, record.to, "to")
        if origin is None or target is None:
            return None
        material = self.headers[origin].material
        freight_key = f"{record.mode}_freight"
        factor = self.library.factors.get(freight_key)
        freight = factor.coefficient.value if factor is not None else 0.0
        if record.freight is not None:
            freight = self.read(f"{path}.freight", record.freight, "CNY/t/km")
        electricity = 0.0
        if record.electricity is not None:
            electricity = self.read(f"{path}.electricity", record.electricity, f"MWh/{material.unit}")
        return Link(
            id=key,
            name_zh=record.name_zh or key,
            name_en=record.name_en or key,
            material=material,
            origin=origin,
            target=target,
            mode=record.mode,
            km=record.km,
            capacity=self.read.limit(f"{path}.capacity", record.capacity, f"{material.unit}/h"),
            freight_cny_per_t_km=freight,
            electricity_header=self._header("electricity", record.origin) if electricity else "",
            electricity_mwh=electricity,
            owner=record.owner or "",
            priority=record.priority,
            status=record.status,
            assumed=record.assumed,
        )

    def market(self, side: str, key: str, record: MarketRecord) -> Market | None:
        """One purchase or sale."""
        path = f"{side}.{key}"
        header = self._at(path, record.material or key, record.site)
        if header is None:
            return None
        material = self.headers[header].material
        price_key = record.price_key or material.id
        if record.price_key is not None:
            self._known(f"{path}.price_key", record.price_key, self.prices, "CS-S002")
        price = self.prices.get(price_key, 0.0)
        price_path = f"prices.{price_key}" if price_key in self.prices else ""
        if record.price is not None:
            price = self.read(f"{path}.price", record.price, f"CNY/{material.unit}")
            price_path = f"{path}.price"
        known = self.library.prices.get(price_key)
        return Market(
            id=key,
            name_zh=record.name_zh or material.name_zh,
            name_en=record.name_en or material.name_en,
            header=header,
            limit=self.read.limit(f"{path}.limit", record.limit, f"{material.unit}/h"),
            price_cny=price,
            vat=known.vat if known is not None else 0.0,
            price_path=price_path,
            priority=record.priority,
        )

    def obligation(self, key: str, record: ObligationRecord) -> Obligation | None:
        """One obligation."""
        path = f"obligations.{key}"
        header = self._at(path, record.material or key, record.site)
        if header is None:
            return None
        material = self.headers[header].material
        if (record.rate is None) == (record.monthly is None):
            self.problems.append(Problem(code="CS-S008", path=path))
            return None
        rates = [record.rate] * 12 if record.monthly is None else list(record.monthly)
        price = self.prices.get(material.id, 0.0)
        price_path = f"prices.{material.id}" if material.id in self.prices else ""
        if record.price is not None:
            price = self.read(f"{path}.price", record.price, f"CNY/{material.unit}")
            price_path = f"{path}.price"
        known = self.library.prices.get(material.id)
        return Obligation(
            id=key,
            name_zh=record.name_zh or key,
            name_en=record.name_en or key,
            header=header,
            monthly=tuple(self.read(f"{path}.monthly", r or 0.0, f"{material.unit}/h") for r in rates),
            priority=record.priority,
            hard=record.hard,
            price_cny=price,
            vat=known.vat if known is not None else 0.0,
            price_path=price_path,
            assumed=record.assumed,
        )

    def _vents(self) -> dict[str, Vent]:
        vents = {}
        for key, record in sorted(self.record.vents.items()):
            path = f"vents.{key}"
            header = self._at(path, record.material or key, record.site)
            if header is not None:
                unit = self.headers[header].material.unit
                vents[key] = Vent(
                    id=key,
                    header=header,
                    kind=record.kind,
                    limit=self.read.limit(f"{path}.limit", record.limit, f"{unit}/h"),
                    priority=record.priority,
                )
        return vents

    # -- references ---------------------------------------------------------------------------

    def _sites(self) -> dict[str, Site]:
        sites = {
            k: Site(
                id=k,
                name_zh=s.name_zh,
                name_en=s.name_en,
                county=s.county or s.name_zh,
                x_km=s.x_km,
                y_km=s.y_km,
                park=s.park,
                assumed=s.assumed,
            )
            for k, s in sorted(self.record.sites.items())
        }
        return sites or {
            DEFAULT_SITE: Site(
                id=DEFAULT_SITE, name_zh=self.record.name_zh, name_en=self.record.name_en,
                county="", x_km=0.0, y_km=0.0, park=True, assumed=False,
            )
        }

    def _enterprises(self) -> dict[str, Enterprise]:
        return {
            k: Enterprise(
                id=k, name_zh=e.name_zh, name_en=e.name_en, county=e.county or "", assumed=e.assumed
            )
            for k, e in sorted(self.record.enterprises.items())
        }

    def _prices(self) -> dict[str, float]:
        prices = {k: p.net_cny for k, p in self.library.prices.items()}
        prices |= {
            k: m.price_cny for k, m in self.record.materials.items() if m.price_cny is not None
        }
        for key, amount in self.record.economics.prices.items():
            path = f"economics.prices.{key}"
            known = self.library.prices.get(key)
            if key not in prices and key not in self.materials:
                self._known(path, key, prices, "CS-S002")
                continue
            material = self.materials.get(key)
            unit = material.unit if material else (known.coefficient.unit.split("/")[1] if known else "t")
            value = self.read(path, amount, f"CNY/{unit}")
            prices[key] = value / (1.0 + known.vat) if known is not None and known.taxed else value
        return prices

    def _header(self, material: str, site: str) -> str:
        key = f"{material}@{site}"
        if key not in self.headers:
            self.headers[key] = Header(id=key, material=self.materials[material], site=site)
        return key

    def _at(self, path: str, material: str, site: str | None, key: str = "site") -> str | None:
        if material not in self.materials:
            self._known(f"{path}.material", material, self.materials, "CS-S005")
            return None
        return self._header(material, self._site(path, site, key))

    def _site(self, path: str, site: str | None, key: str = "site") -> str:
        if site is None:
            if len(self.sites) == 1:
                return next(iter(self.sites))
            self.problems.append(
                Problem(code="CS-S009", path=path, expected=" | ".join(sorted(self.sites)))
            )
            return next(iter(self.sites))
        self._known(f"{path}.{key}", site, self.sites, "CS-S002")
        return site if site in self.sites else next(iter(self.sites))

    def _known(self, path: str, word: str, known: Iterable[str], code: str) -> None:
        if word not in known:
            self.problems.append(
                Problem(code=code, path=path, found=word, hint=did_you_mean(word, known))
            )

    def _with_levels(self, unit: Unit, buffers: Mapping[str, Buffer]) -> Unit:
        if not unit.restart_levels:
            return unit
        levels = {k: s * buffers[k].capacity for k, s in unit.restart_levels.items()}
        return replace(unit, restart_levels=levels)

    def _hour(self, day: dt.date | None, otherwise: float) -> float:
        return otherwise if day is None else self.horizon.hour_of(day)


def curve_factor(curve: tuple[tuple[float, float], ...], load: float) -> float:
    """Factor of a load curve at a set-point, linear between points, constant outside them."""
    if not curve:
        return 1.0
    points = sorted(curve)
    if load <= points[0][0]:
        return points[0][1]
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if load <= x1:
            return y0 + (y1 - y0) * (load - x0) / (x1 - x0)
    return points[-1][1]


def _horizon(record: ScenarioRecord) -> Horizon:
    start = record.horizon.start
    if record.horizon.hours is not None:
        return Horizon(start=start, hours=record.horizon.hours)
    years = record.horizon.years or 1
    try:
        end = start.replace(year=start.year + years)
    except ValueError:  # 29 February
        end = start.replace(year=start.year + years, day=28)
    return Horizon(start=start, hours=(end - start).days * 24.0)


def _material(key: str, record: InlineMaterial) -> Material:
    mass = record.mass_t
    if mass is None:
        mass = sum(record.elements.values()) if record.elements else float(record.unit == "t")
    energy = record.lhv_gj or {"GJ": 1.0, "MWh": 3.6}.get(record.unit, 0.0)
    return Material(
        id=key,
        name_zh=record.name_zh or key,
        name_en=record.name_en or key,
        phase="energy" if record.unit in ("GJ", "MWh") else "gas" if record.unit == "kNm3" else "solid",
        unit=record.unit,
        group=record.group,
        colour=record.colour,
        mass_t=mass,
        elements=None if record.elements is None else {"other": 0.0, **record.elements},
        energy_gj=energy,
        lhv_gj=record.lhv_gj,
        tce_kgce=1000.0 * energy / GJ_PER_TCE if record.tce_kgce is None else record.tce_kgce,
    )


