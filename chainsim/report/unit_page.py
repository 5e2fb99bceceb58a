"""One plant of a run: how it ran, its balance with the figures behind it, what it costs."""

from __future__ import annotations

from typing import Final

import pandas as pd

from chainsim.errors import Lang
from chainsim.library.model import Coefficient
from chainsim.park.model import Unit
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import known, t
from chainsim.report.library_page import mark_name
from chainsim.report.names import component_name, material_name, plain, site_name
from chainsim.report.numbers import NOTHING, fmt, number, unit_label
from chainsim.study.result import RunResult

_MONEY: Final = ("transfer.value", "cost.", "revenue.")
_NOTE_CHARS: Final = 180


def unit_page(result: RunResult, unit_id: str, lang: Lang) -> Page:
    """Everything about one unit of a run.

    Raises:
        KeyError: the park has no such unit.
    """
    unit = result.park.units[unit_id]
    sections = [_operation(result, unit, lang), _balance(result, unit, lang)]
    costs = _costs(result, unit, lang)
    sources = _sources(result, unit, lang)
    return Page(
        title=component_name(result.park, unit_id, lang),
        lead=_lead(result, unit, lang),
        sections=tuple(s for s in (*sections, costs, sources) if s is not None),
    )


def _lead(result: RunResult, unit: Unit, lang: Lang) -> str:
    park = result.park
    process = "" if unit.process is None else plain(unit.process.name(lang))
    owner = component_name(park, unit.owner, lang) if unit.owner else ""
    status = t(f"status.{unit.status}", lang)
    assumed = t("unit.assumed", lang) if unit.assumed else ""
    parts = (process, site_name(park, unit.site, lang), owner, status, assumed)
    return " · ".join(p for p in parts if p)


def _operation(result: RunResult, unit: Unit, lang: Lang) -> Section:
    frame = result.simulation.units
    rows = frame[frame["component"] == unit.id]
    sums = rows[
        ["hours", "full_load_h", "running_h", "available_h", "failed_h", "overhaul_h", "held_h"]
    ].sum()
    port = next((p for p in unit.ports if p.name == unit.reference), None)
    base = "t" if port is None else port.material.unit
    cells = [
        ("capacity", fmt(unit.capacity_per_a, f"{base}/a", lang)),
        ("load", fmt(sums["full_load_h"] / sums["hours"], "ratio", lang)),
        ("running", fmt(sums["running_h"], "h", lang)),
        ("available", fmt(sums["available_h"] / sums["hours"], "ratio", lang)),
        ("failed", fmt(sums["failed_h"], "h", lang)),
        ("overhaul", fmt(sums["overhaul_h"], "h", lang)),
        ("held", fmt(sums["held_h"], "h", lang)),
        ("min_load", fmt(unit.min_load, "ratio", lang)),
    ]
    rows_ = tuple(Row((t(f"unit.{key}", lang), text)) for key, text in cells)
    headers = (t("page.indicator", lang), t("page.value", lang))
    grid = Grid(headers=headers, rows=rows_, numeric=frozenset({1}), wide=frozenset({0}))
    return Section(title=t("unit.operation", lang), grid=grid)


def _balance(result: RunResult, unit: Unit, lang: Lang) -> Section:
    """What went in and out, and the library's figure behind each port."""
    flows = result.flows
    own = flows[(flows["kind"] == "unit") & (flows["component"] == unit.id)]
    sums = own.groupby(["port", "material"], sort=False)["quantity"].sum().reset_index()
    found = zip(sums["port"], sums["material"], sums["quantity"], strict=True)
    rows = []
    for port, material, quantity in sorted(found, key=lambda x: (x[2] > 0, -abs(x[2]))):
        unit_of = result.park.materials[material].unit
        coefficient = _coefficient(unit, port)
        rows.append(
            Row(
                (
                    t("unit.in" if quantity < 0 else "unit.out", lang),
                    material_name(result.park, material, lang),
                    fmt(abs(quantity), unit_of, lang),
                    _figure(coefficient, lang),
                    "" if coefficient is None else coefficient.grade,
                )
            )
        )
    keys = ("direction", "material", "quantity", "figure", "grade")
    grid = Grid(
        headers=tuple(t(f"unit.{k}", lang) for k in keys),
        rows=tuple(rows),
        numeric=frozenset({2, 3}),
        wide=frozenset({1}),
    )
    return Section(title=t("unit.balance", lang), grid=grid)


def _coefficient(unit: Unit, port: str) -> Coefficient | None:
    if unit.process is None:
        return None
    found = next((p for p in unit.process.ports if p.name == port), None)
    return None if found is None else found.coefficient


def _figure(coefficient: Coefficient | None, lang: Lang) -> str:
    if coefficient is None:
        return NOTHING
    return f"{number(coefficient.value, 4)} {unit_label(coefficient.unit, lang)}"


def _costs(result: RunResult, unit: Unit, lang: Lang) -> Section | None:
    """Money of the ledger that is this unit's, by account and material; + earns."""
    ledger = result.ledger
    own = ledger[
        (ledger["unit"] == unit.id)
        & ledger["account"].str.startswith(_MONEY)
        & (ledger["amount_unit"] == "CNY")
    ]
    if own.empty:
        return None
    sums = own.groupby(["account", "material"], sort=True)["amount"].sum().reset_index()
    columns = (sums["account"], sums["material"], sums["amount"])
    rows = [_cost_row(result, a, m, float(x), lang) for a, m, x in zip(*columns, strict=True)]
    total = t("unit.total", lang)
    rows.append(Row((total, "", fmt(float(own["amount"].sum()), "CNY", lang))))
    headers = (t("page.account", lang), t("page.material", lang), t("page.amount", lang))
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset({2}), wide=frozenset({0, 1}))
    return Section(title=t("unit.money", lang), grid=grid, lines=(t("unit.money_note", lang),))


def _cost_row(result: RunResult, account: str, material: str, amount: float, lang: Lang) -> Row:
    name = material_name(result.park, material, lang) if material else ""
    return Row((known(f"account.{account}", lang, account), name, fmt(amount, "CNY", lang)))


def _sources(result: RunResult, unit: Unit, lang: Lang) -> Section | None:
    """Each figure of the process with its range, grade, source and note."""
    if unit.process is None:
        return None
    library = result.park.library
    rows = [
        Row(
            (
                c.path.split(".", 2)[-1],
                _figure(c, lang),
                f"{number(c.low, 4)} … {number(c.high, 4)}",
                " ".join(x for x in (c.grade, mark_name(c.mark, lang)) if x),
                _cited(c, library.sources.get(c.source)),
            )
        )
        for c in sorted(unit.process.coefficients, key=lambda c: c.path)
    ]
    keys = ("figure", "value", "range", "grade", "source")
    grid = Grid(
        headers=tuple(t(f"library.{k}", lang) for k in keys),
        rows=tuple(rows),
        numeric=frozenset({1}),
        wide=frozenset({0, 4}),
    )
    return Section(title=t("unit.sources", lang), grid=grid)


def _cited(coefficient: Coefficient, source: object) -> str:
    title = plain(str(getattr(source, "title", coefficient.source)))
    note = plain(coefficient.note)
    text = f"{title}: {note}" if note else title
    return text if len(text) <= _NOTE_CHARS else text[: _NOTE_CHARS - 1] + "…"


def unit_names(result: RunResult, lang: Lang) -> pd.Series[str]:
    """Unit id -> its name with its site, by name."""
    park = result.park
    names = {
        key: f"{component_name(park, key, lang)} · {site_name(park, unit.site, lang)}"
        for key, unit in park.units.items()
    }
    return pd.Series(names).sort_values()
