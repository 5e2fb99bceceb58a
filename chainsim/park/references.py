"""What the pieces of a park refer to: sites, materials, headers, prices, enterprises.

Every wrong reference becomes a problem in one list; a lookup that fails answers with something
harmless, so that building goes on and all problems are told at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

from chainsim.errors import Problem, UnitError, did_you_mean
from chainsim.library.materials import standard_coal
from chainsim.library.model import Library, Material
from chainsim.library.price_sets import priced_at
from chainsim.library.scenario_records import InlineMaterial, ScenarioRecord
from chainsim.park.amounts import Reader
from chainsim.park.model import Enterprise, Header, Horizon, Site
from chainsim.park.price_series import series_prices
from chainsim.units import GJ_PER_MWH, factor

DEFAULT_SITE = "site"
_CONTENT_GJ = {"GJ": 1.0, "MWh": GJ_PER_MWH}
_GROUPS = {"coking_coal": "coal", "coke": "coke", "coke_hot": "coke"}
"""What the accounts have to recognise, where a scenario defines it without a group."""


class References:
    """Lookups of one scenario; headers come into being when something refers to them."""

    def __init__(self, record: ScenarioRecord, library: Library) -> None:
        self.record = record
        self.problems: list[Problem] = []
        self.library = self._held(self._at_price_set(library))
        self.read = Reader(self.problems)
        self.headers: dict[str, Header] = {}
        self.horizon = horizon_of(record)
        self.sites = sites_of(record)
        self.enterprises = enterprises_of(record)
        self.materials: dict[str, Material] = {
            **library.materials,
            **{k: inline_material(k, m) for k, m in record.materials.items()},
        }
        self.measured = self._measured()
        self.materials |= self.measured
        self.prices = self._prices()
        series = series_prices(self)
        self.prices |= {key: mean for key, (mean, _) in series.items()}
        self.price_shares = {key: shares for key, (_, shares) in series.items()}
        """Price key -> month of the horizon -> its price as a share of the mean."""

    def known(self, path: str, word: str, known: Iterable[str], code: str = "CS-S002") -> bool:
        """Whether `word` is among `known`; a problem when it is not."""
        if word in known:
            return True
        self.problems.append(
            Problem(code=code, path=path, found=word, hint=did_you_mean(word, known))
        )
        return False

    def only_one(self, path: str, **given: object) -> None:
        """A problem when more than one of the keys `given` holds a value: none wins silently."""
        names = [key for key, value in given.items() if value is not None]
        if len(names) > 1:
            self.problems.append(Problem(code="CS-S033", path=path, found=", ".join(names)))

    def material(self, path: str, material: str) -> Material | None:
        """The material, or None with a problem."""
        self.known(path, material, self.materials, "CS-S005")
        return self.materials.get(material)

    def owner(self, path: str, owner: str | None) -> str:
        """Id of the owner; empty when none is named."""
        if owner is not None:
            self.known(f"{path}.owner", owner, self.enterprises)
        return owner or ""

    def site(self, path: str, site: str | None, key: str = "site") -> str:
        """The site named, or the only one there is."""
        first = next(iter(self.sites))
        if site is None:
            if len(self.sites) > 1:
                self.problems.append(
                    Problem(code="CS-S009", path=path, expected=" | ".join(sorted(self.sites)))
                )
            return first
        return site if self.known(f"{path}.{key}", site, self.sites) else first

    def header(self, material: str, site: str) -> str:
        """Id of the header of a known material at a known site."""
        key = f"{material}@{site}"
        if key not in self.headers:
            self.headers[key] = Header(id=key, material=self.materials[material], site=site)
        return key

    def at(self, path: str, material: str, site: str | None, key: str = "site") -> Header | None:
        """The header of `material` at `site`, or None with a problem."""
        if self.material(f"{path}.material", material) is None:
            return None
        return self.headers[self.header(material, self.site(path, site, key))]

    def hour(self, day: dt.date | None, otherwise: float) -> float:
        """Hours from the start to `day`."""
        return otherwise if day is None else self.horizon.hour_of(day)

    def price(
        self, path: str, key: str, given: float | str | None, material: Material
    ) -> tuple[float, float, str]:
        """(net CNY per unit of `material`, VAT rate, where the price stands).

        Args:
            path: component the price is for.
            key: price key.
            given: the component's own price, which comes before the key's.
            material: what is traded.
        """
        known = self.library.prices.get(key)
        vat = known.vat if known is not None else 0.0
        if given is not None:
            own = f"{path}.price"
            return self.read(own, given, f"CNY/{material.unit}"), vat, own
        if key not in self.prices:
            return 0.0, vat, ""
        try:
            scale = factor(f"CNY/{self.price_base(key)}", f"CNY/{material.unit}")
        except UnitError as exc:
            self.problems += [
                Problem(code=p.code, path=f"{path}.price_key", found=p.found, expected=p.expected)
                for p in exc.problems
            ]
            scale = 0.0
        return self.prices[key] * scale, vat, f"prices.{key}"

    def moved(self, key: str, deal: str = "") -> float:
        """What a study moves a price by: the ratio of its key, 1 where the scenario holds it.

        Args:
            key: price key.
            deal: key path of the market, obligation or transfer price.
        """
        if deal in self.record.economics.fixed_prices:
            return 1.0
        return self.library.price_draws.get(key, 1.0)

    def price_base(self, key: str) -> str:
        """Unit per which the price `key` counts: the material's, else as the library wrote it."""
        if key in self.materials:
            return self.materials[key].unit
        return self.library.prices[key].coefficient.unit.split("/", 1)[-1]

    def _at_price_set(self, library: Library) -> Library:
        """The library with the prices of the set that the scenario names."""
        name = self.record.economics.price_set
        if name is None or not self.known("economics.price_set", name, library.price_sets):
            return library
        return replace(library, prices=priced_at(library.prices, library.price_sets[name]))

    def _held(self, library: Library) -> Library:
        """The library without draws of the price keys that the scenario holds fixed."""
        if not library.price_draws:
            return library
        fixed = self.record.economics.fixed_prices
        draws = {k: ratio for k, ratio in library.price_draws.items() if k not in fixed}
        return replace(library, price_draws=draws)

    def _measured(self) -> dict[str, Material]:
        """Materials whose heating value the scenario measured."""
        found = {}
        for key, given in self.record.measured.items():
            path = f"measured.{key}"
            material = self.material(path, key)
            if material is None:
                continue
            lhv = self.read(f"{path}.lhv", given.lhv, f"GJ/{material.unit}")
            tce = standard_coal(lhv)
            if given.tce is not None:
                tce = self.read(f"{path}.tce", given.tce, f"kgce/{material.unit}")
            energy = material.energy_gj + lhv - material.lhv_gj
            found[key] = replace(material, lhv_gj=lhv, energy_gj=energy, tce_kgce=tce)
        return found

    def _prices(self) -> dict[str, float]:
        """Net CNY per unit by key: the library's, inline materials, the scenario's own prices."""
        prices = {k: p.net_cny for k, p in self.library.prices.items()}
        for key, material in self.record.materials.items():
            if material.price_cny is not None:
                prices[key] = material.price_cny
        for key, amount in self.record.economics.prices.items():
            path = f"economics.prices.{key}"
            if key not in self.materials and not self.known(path, key, prices):
                continue
            value = self.read(path, amount, f"CNY/{self.price_base(key)}")
            known = self.library.prices.get(key)
            prices[key] = value / (1.0 + known.vat) if known is not None and known.taxed else value
        return prices


def horizon_of(record: ScenarioRecord) -> Horizon:
    """The horizon of a scenario: hours, else calendar years, else one year."""
    given = record.horizon
    if given.hours is not None:
        return Horizon(start=given.start, hours=given.hours)
    return Horizon.of_years(given.start, given.years or 1)


def sites_of(record: ScenarioRecord) -> dict[str, Site]:
    """The sites by id; one site without a name of its own when the scenario names none."""
    sites = {
        k: Site(
            id=k,
            name_zh=s.name_zh or k,
            name_en=s.name_en or k,
            county=s.county or s.name_zh or k,
            x_km=s.x_km,
            y_km=s.y_km,
            park=s.park,
            assumed=s.assumed,
        )
        for k, s in sorted(record.sites.items())
    }
    only = Site(
        id=DEFAULT_SITE,
        name_zh=record.name_zh,
        name_en=record.name_en,
        county="",
        x_km=0.0,
        y_km=0.0,
        park=True,
        assumed=False,
    )
    return sites or {DEFAULT_SITE: only}


def enterprises_of(record: ScenarioRecord) -> dict[str, Enterprise]:
    """The enterprises by id."""
    return {
        k: Enterprise(
            id=k,
            name_zh=e.name_zh or k,
            name_en=e.name_en or k,
            county=e.county or "",
            assumed=e.assumed,
        )
        for k, e in sorted(record.enterprises.items())
    }


def inline_material(key: str, record: InlineMaterial) -> Material:
    """A material of the scenario itself."""
    mass = record.mass_t
    if mass is None:
        mass = sum(record.elements.values()) if record.elements else float(record.unit == "t")
    energy = record.lhv_gj or _CONTENT_GJ.get(record.unit, 0.0)
    phase = "gas" if record.unit == "kNm3" else "solid"
    return Material(
        id=key,
        name_zh=record.name_zh or key,
        name_en=record.name_en or key,
        phase=record.phase or ("energy" if record.unit in _CONTENT_GJ else phase),
        unit=record.unit,
        group=record.group or _GROUPS.get(key, "other"),
        colour=record.colour,
        mass_t=mass,
        elements=None if record.elements is None else {"other": 0.0, **record.elements},
        energy_gj=energy,
        lhv_gj=record.lhv_gj,
        tce_kgce=standard_coal(energy) if record.tce_kgce is None else record.tce_kgce,
        tce_equal_kgce=record.tce_equal_kgce,
    )
