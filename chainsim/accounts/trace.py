"""Where a KPI comes from: formula, accounts, largest flows, their coefficients and sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from chainsim.accounts.account import Accounts
from chainsim.accounts.air import fired_kind
from chainsim.accounts.conventions import Figures
from chainsim.accounts.evidence import COMPOSITION, Evidence
from chainsim.accounts.kpis import kpi_info
from chainsim.accounts.view import View, condensed
from chainsim.library.census import figures
from chainsim.library.model import Coefficient
from chainsim.park.model import Market, Obligation, Park, Unit
from chainsim.results import FLOAT, TEXT, table

TRACE_COLUMNS: Final = {
    "level": TEXT,  # kpi | evidence | account | flow | coefficient | source
    "item": TEXT,
    "detail": TEXT,
    "value": FLOAT,
    "unit": TEXT,
    "grade": TEXT,
    "source": TEXT,
}
WASTE_FACTORS: Final = {
    "coking_water": ("coking_waste_water",),
    "sludge": ("coking_waste_water", "waste_water_sludge"),
    "salt": ("coking_waste_water", "waste_water_salt"),
}
"""Account of wastes -> figures behind it."""
FLOW_KEYS: Final = ["unit", "port", "material", "site"]


def trace_kpi(accounts: Accounts, park: Park, kpi_id: str, top: int = 5) -> pd.DataFrame:
    """Rows from the KPI down to the sources of its largest flows (`TRACE_COLUMNS`).

    Args:
        accounts: result of `account`.
        park: the same park.
        kpi_id: a KPI of this result.
        top: flows shown per account, largest first.

    Raises:
        KeyError: this result has no such KPI.
    """
    info = kpi_info(kpi_id)
    rows = [
        _row("kpi", kpi_id, info.formula, accounts.kpi(kpi_id), info.unit),
        *_share_rows(accounts, park, info.accounts),
        *_account_rows(accounts.ledger, park, kpi_id, info.accounts, top),
    ]
    return table(rows, TRACE_COLUMNS)


def _share_rows(
    accounts: Accounts, park: Park, prefixes: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """How much of the KPI's accounts rests on figures of grade A or B.

    What a ratio is divided by counts where nothing else does.
    """
    prefixes = tuple(p for p in prefixes if not p.startswith("output.")) or prefixes
    simulation = accounts.simulation
    rows = condensed(accounts.ledger)
    view = View(park, simulation, rows, simulation.hours, figures=Figures(park, {}))
    share = Evidence(park, view.flows).share(rows, prefixes) if prefixes else None
    if share is not None:
        yield _row("evidence", "share_ab", ", ".join(prefixes), share, "ratio")


def _account_rows(
    ledger: pd.DataFrame, park: Park, kpi_id: str, prefixes: tuple[str, ...], top: int
) -> Iterator[dict[str, Any]]:
    if not prefixes:
        return
    rows = ledger[ledger["account"].str.startswith(prefixes)]
    if kpi_id.startswith("output."):
        rows = rows[rows["material"] == kpi_id.removeprefix("output.").rsplit("_", 1)[0]]
    for account in sorted(rows["account"].unique()):
        group = rows[rows["account"] == account]
        unit = str(group["amount_unit"].iloc[0])
        yield _row("account", account, f"{len(group)}", float(group["amount"].sum()), unit)
        yield from _flow_rows(group, park, account, top)


def _flow_rows(group: pd.DataFrame, park: Park, account: str, top: int) -> Iterator[dict[str, Any]]:
    known = figures(park.library)
    unit = str(group["amount_unit"].iloc[0])
    sums = group.groupby(FLOW_KEYS, sort=True)["amount"].sum().reset_index()
    order = sums["amount"].abs().sort_values(ascending=False, kind="stable").index
    largest = sums.loc[order].head(top).itertuples(index=False, name=None)
    for component, port, material, site, amount in largest:
        detail = f"{material}@{site}" if material else site
        yield _row("flow", f"{component}.{port}" if port else component, detail, amount, unit)
        for path in _paths(park, account, component, port, material):
            if path in known:
                yield from _evidence(park, known[path])


def _paths(park: Park, account: str, component: str, port: str, material: str) -> Iterator[str]:
    """Paths of the coefficients behind a flow's amount."""
    unit = park.units.get(component)
    if unit is not None:
        yield from (p.coefficient for p in unit.ports if p.name == port and p.coefficient)
        if unit.process is not None and not port:
            figures = map(unit.process.figure, ("staff.persons", "fixed_opex", "capex.specific"))
            yield from (figure.path for figure in figures if figure is not None)
    elif account.startswith(("revenue.", "cost.", "vat.")):
        deals: dict[str, Market | Obligation] = {**park.sell, **park.obligations}
        if account.startswith("cost.") or account == "vat.input":
            deals = {**park.buy}
        if component in deals:
            yield deals[component].price_path
    if account.startswith(("energy.", "energy_equal.", "energy_use.")):
        yield f"materials.{material}.tce"
    yield from _carbon_paths(park, account, material)
    if account.startswith(("pollution.", "waste.")) and unit is not None:
        yield from _environment_paths(unit, account)


def _carbon_paths(park: Park, account: str, material: str) -> Iterator[str]:
    """Grid or heat factor, or what a material is made of."""
    if account == "carbon.power":
        yield f"factors.{park.economics.grid_factor}"
    elif account == "carbon.heat":
        yield "factors.purchased_heat"
    elif account.startswith("carbon."):
        known = park.library.materials.get(material)
        figures = () if known is None else known.coefficients
        yield from (c.path for c in figures if c.path.split(".")[2] in COMPOSITION)


def _environment_paths(unit: Unit, account: str) -> Iterator[str]:
    """A process's own emission figure, else the outlet of its kind of fire; yields of wastes."""
    family, name = account.split(".", 1)
    if family == "waste":
        yield from (f"factors.{key}" for key in WASTE_FACTORS.get(name, ()))
        return
    figure = unit.process.figure(f"pollutants.{name}") if unit.process is not None else None
    if figure is not None:
        yield figure.path
    else:
        kind = fired_kind(unit)
        yield from (f"factors.{kind}_{name}", f"factors.{kind}_oxygen")


def _evidence(park: Park, known: Coefficient) -> Iterator[dict[str, Any]]:
    figure = (known.path, known.note, known.value, known.unit)
    yield _row("coefficient", *figure, grade=known.grade, source=known.source)
    source = park.library.sources.get(known.source)
    if source is not None:
        origin = ("source", source.key, source.title, 0.0, "")
        yield _row(*origin, grade=known.grade, source=source.url)


def _row(
    level: str,
    item: str,
    detail: str,
    value: float,
    unit: str,
    *,
    grade: str = "",
    source: str = "",
) -> dict[str, Any]:
    return {
        "level": level,
        "item": item,
        "detail": detail,
        "value": value,
        "unit": unit,
        "grade": grade,
        "source": source,
    }
