"""The page of an appraisal: indicators, investment, years, sensitivity, conventions, origins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields
from typing import Final

import pandas as pd

from chainsim.accounts.projects.terms import Term
from chainsim.errors import Lang
from chainsim.finance.appraisal import Appraisal
from chainsim.finance.indicators import cover
from chainsim.finance.project import Line
from chainsim.library.files import library_records
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.finance_tables import (
    MONEY,
    finance_table,
    indicator_table,
    line_name,
    sensitivity_table,
    texts,
    word,
)
from chainsim.report.names import component_name, plain, source_name
from chainsim.report.numbers import NOTHING, fmt, number, rounded, unit_label
from chainsim.study.appraise import Appraised
from chainsim.units import factor

_UNITS_SHOWN: Final = 12
_PLANTS_SHOWN: Final = 20
_MONEY_DIGITS: Final = 4


def appraisal_page(found: Appraised, lang: Lang) -> Page:
    """Everything an investor asks of a project."""
    appraisal = found.appraisal
    sections = [
        _indicators(appraisal, lang),
        _investment(appraisal, lang),
        *_plants(found, lang),
        line_section(appraisal, lang),
        _years(appraisal, lang),
        _sensitivity(appraisal, lang),
        *_by_year(appraisal, lang),
        Section(title=word("page", "conventions", lang), lines=convention_lines(appraisal, lang)),
        _terms(found.terms, lang),
    ]
    if found.problems:
        told = tuple(p.text(lang) for p in found.problems)
        sections.insert(1, Section(title=word("page", "warnings", lang), lines=told))
    return Page(
        title=plain(appraisal.project.name(lang)),
        lead=_lead(found, lang),
        sections=tuple(sections),
    )


def _lead(found: Appraised, lang: Lang) -> str:
    project = found.appraisal.project
    equity = found.appraisal.value("equity_cny") or 0.0
    total = found.appraisal.value("investment_cny") or math.nan
    text = word(
        "page",
        "lead",
        lang,
        built=project.construction_years,
        run=project.operation_years,
        hurdle=fmt(project.hurdle, "ratio", lang),
        equity=fmt(equity / total, "ratio", lang),
    )
    if found.park is None or found.result is None:
        return text
    park, scope = found.result.park, found.park.scope
    parts = [*(u.id for u in scope.units), *(link.id for link in scope.links)]
    names = [component_name(park, key, lang) for key in parts[:_UNITS_SHOWN]]
    more = [f"… +{len(parts) - _UNITS_SHOWN}"] if len(parts) > _UNITS_SHOWN else []
    listed = texts()["page"]["scope"][lang].format(units=" · ".join([*names, *more]))
    return f"{text}\n{listed}"


def _cell(value: object, digits: int = _MONEY_DIGITS) -> str:
    if isinstance(value, float):
        return NOTHING if math.isnan(value) else number(value, digits)
    return str(value)


def _grid(frame: pd.DataFrame, *, text: Sequence[int], wide: Sequence[int] = ()) -> Grid:
    """A table of texts and numbers; the columns `text` stand to the left."""
    rows = tuple(
        Row(tuple(_cell(v) for v in values)) for values in frame.itertuples(index=False, name=None)
    )
    numeric = frozenset(range(len(frame.columns))) - frozenset(text)
    return Grid(
        headers=tuple(map(str, frame.columns)), rows=rows, numeric=numeric, wide=frozenset(wide)
    )


def _indicators(appraisal: Appraisal, lang: Lang) -> Section:
    frame = indicator_table(appraisal, lang)
    frame.iloc[:, 2] = [_unit(str(u), lang) for u in frame.iloc[:, 2]]
    grid = _grid(frame, text=(0, 1, 2, 5), wide=(1, 5))
    rows = tuple(
        Row((*r.cells[:4], "" if r.cells[4] == NOTHING else r.cells[4], r.cells[5]))
        for r in grid.rows
    )
    grid = Grid(headers=grid.headers, rows=rows, numeric=grid.numeric, wide=grid.wide)
    return Section(title=word("page", "indicators", lang), grid=grid)


def _unit(unit: str, lang: Lang) -> str:
    return unit_label(unit, lang) if unit.startswith("CNY") else unit


def _investment(appraisal: Appraisal, lang: Lang) -> Section:
    frame = finance_table(appraisal, "investment", lang)
    unit = word("units", "money", lang)
    title = word("page", "investment", lang, unit=unit)
    return Section(title=title, grid=_grid(frame, text=(0, 1), wide=(1,)))


def _plants(found: Appraised, lang: Lang) -> list[Section]:
    """Investment of a park's plants, largest first: base, escalation, site."""
    if found.park is None or found.result is None or not found.park.invested:
        return []
    ordered = sorted(found.park.invested, key=lambda part: -part.cny)
    rows = [
        Row(
            (
                component_name(found.result.park, part.component, lang),
                fmt(part.base_cny, "CNY", lang),
                str(part.year),
                f"{part.escalation:.3f}",
                f"{part.site:.2f}",
                fmt(part.cny, "CNY", lang),
            )
        )
        for part in ordered[:_PLANTS_SHOWN]
    ]
    rest = ordered[_PLANTS_SHOWN:]
    if rest:
        more = word("page", "rest", lang, count=len(rest))
        rows.append(Row((more, "", "", "", "", fmt(sum(p.cny for p in rest), "CNY", lang))))
    keys = ("name", "base", "money_of", "escalation", "site", "amount")
    grid = Grid(
        headers=tuple(word("page", k, lang) for k in keys),
        rows=tuple(rows),
        numeric=frozenset(range(1, len(keys))),
        wide=frozenset({0}),
    )
    return [Section(title=word("page", "plants", lang), grid=grid)]


def line_section(appraisal: Appraisal, lang: Lang) -> Section:
    """Products and costs of the first year at full load."""
    year = appraisal.project.full_year
    keys = ("name", "quantity", "price", "amount", "vat", "origin")
    rows = [
        *(_line(x, year, "sold", lang) for x in appraisal.project.products),
        *(_line(x, year, "paid", lang) for x in appraisal.project.costs),
    ]
    return Section(
        title=word("page", "lines", lang),
        grid=Grid(
            headers=("", *(word("page", k, lang) for k in keys)),
            rows=tuple(rows),
            numeric=frozenset({2, 3, 4, 5}),
            wide=frozenset({1}),
        ),
    )


def _line(line: Line, year: int, side: str, lang: Lang) -> Row:
    amount = line.yearly_cny[year]
    quantity, price = "", ""
    if line.unit and line.quantity and line.quantity[year]:
        quantity = fmt(line.quantity[year], line.unit, lang)
        price = fmt(amount / line.quantity[year], f"CNY/{line.unit}", lang)
    basis = texts()["basis"].get(line.basis, {}).get(lang, line.basis)
    return Row(
        (
            word("page", side, lang),
            line_name(line, lang),
            quantity,
            price,
            fmt(amount, "CNY", lang),
            fmt(line.vat, "ratio", lang),
            basis,
        )
    )


def _years(appraisal: Appraisal, lang: Lang) -> Section:
    """The heart of the statements, one line a year."""
    flows, project = appraisal.flows, appraisal.project
    run, profit = flows.operation, flows.profit
    load = [0.0] * project.construction_years + list(project.load)
    columns = (
        run.revenue,
        run.cost,
        run.vat + run.surcharges,
        profit.before_tax,
        profit.bare_tax,
        flows.cash.after_tax,
        flows.cash.after_tax.cumsum(),
    )
    served, scale = cover(flows).service, factor("CNY", MONEY)
    rows = []
    for i in range(project.years):
        money = [number(float(c[i]) * scale, _MONEY_DIGITS) for c in columns]
        dscr = served[i]
        ratio = NOTHING if dscr is None else number(dscr)
        rows.append(Row((str(i + 1), fmt(load[i], "ratio", lang, 2), *money, ratio)))
    keys = (
        "year",
        "load",
        "revenue",
        "operating_cost",
        "taxes",
        "profit",
        "adjusted_tax",
        "net",
        "cumulated",
        "dscr",
    )
    unit = word("units", "money", lang)
    return Section(
        title=word("page", "years", lang, unit=unit),
        grid=Grid(
            headers=tuple(word("page", k, lang) for k in keys),
            rows=tuple(rows),
            numeric=frozenset(range(len(keys))),
        ),
    )


def _sensitivity(appraisal: Appraisal, lang: Lang) -> Section:
    frame = sensitivity_table(appraisal, lang)
    last = len(frame.columns) - 1
    rows = []
    for values in frame.itertuples(index=False, name=None):
        rates = [NOTHING if math.isnan(v) else f"{number(v)}%" for v in values[1:-2]]
        critical = NOTHING if math.isnan(values[-1]) else f"{values[-1]:+.3g}%"
        rows.append(Row((str(values[0]), *rates, _cell(values[-2], 3), critical)))
    grid = Grid(
        headers=tuple(map(str, frame.columns)),
        rows=tuple(rows),
        numeric=frozenset(range(1, last + 1)),
    )
    return Section(title=word("page", "sensitivity", lang), grid=grid)


def _by_year(appraisal: Appraisal, lang: Lang) -> list[Section]:
    """Renewals and price indices by year of operation, where there are any."""
    project, unit = appraisal.project, word("units", "money", lang)
    lines: list[tuple[str, list[float]]] = []
    if appraisal.conventions.renewals != "left_out":
        for item in project.renewals:
            name = plain(item.name_zh if lang == "zh" else item.name_en)
            title = word("page", "renewal", lang, unit=unit, name=name)
            lines.append((title, [x * factor("CNY", MONEY) for x in item.spend_cny]))
    for key, indices in project.price_paths.items():
        lines.append((word("page", "price_path", lang, name=key), list(indices)))
    shown = tuple(f"{title}  {_changes(values)}" for title, values in lines)
    return [Section(title=word("page", "by_year", lang), lines=shown)] if shown else []


def _changes(values: Sequence[float]) -> str:
    """`year: value` where it changes, so that a long row stays short."""
    told = [
        f"{year}: {number(value, _MONEY_DIGITS)}"
        for year, (before, value) in enumerate(zip([math.nan, *values], values, strict=False), 1)
        if value != before
    ]
    return ", ".join(told)


def convention_lines(appraisal: Appraisal, lang: Lang) -> tuple[str, ...]:
    """One sentence for every choice of method."""
    chosen = texts()["conventions"]
    return tuple(
        str(chosen[field.name][getattr(appraisal.conventions, field.name)][lang])
        for field in fields(appraisal.conventions)
        if field.name in chosen
    )


def _terms(terms: Sequence[Term], lang: Lang) -> Section:
    """Every figure used and where it comes from."""
    rows, sources = [], library_records().sources
    for term in terms:
        name = (term.name_zh if lang == "zh" else term.name_en) or term.key
        value = rounded(term.value, "ratio" if term.unit == "1/a" else term.unit, lang)
        title = sources[term.source].title if term.source in sources else ""
        read = lang == "zh" or title.isascii()  # else its key: most titles are Chinese
        origin = source_name(term.source, title if read else "", lang)
        if term.given:
            origin = f"{word('page', 'given', lang)} {term.key}"
        rows.append(Row((plain(name), value, origin, term.grade)))
    keys = ("name", "amount", "origin", "grade")
    heads = [word("page", k, lang) for k in keys]
    heads[1] = word("columns", "value", lang)
    return Section(
        title=word("page", "terms", lang),
        grid=Grid(
            headers=tuple(heads),
            rows=tuple(rows),
            numeric=frozenset({1}),
            wide=frozenset({0, 2}),
        ),
    )
