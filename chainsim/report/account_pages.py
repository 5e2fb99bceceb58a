"""The books of one run as tables a planner knows: energy, carbon, emissions, water, value, limits.

Tables come from the accounts as they are; here they get names and become texts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pandas as pd

from chainsim.accounts.carbon_tables import (
    carbon_costs,
    carbon_members,
    carbon_ratios,
    carbon_table,
)
from chainsim.accounts.cases import Case, blank
from chainsim.accounts.conventions import Figures
from chainsim.accounts.energy_tables import (
    energy_balance,
    energy_flows,
    energy_table,
    transformation_share,
)
from chainsim.accounts.limit_tables import unit_energy_table
from chainsim.accounts.place_tables import air_table, place_table, value_table, water_table
from chainsim.accounts.view import View, condensed
from chainsim.errors import Lang
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import known, t
from chainsim.report.names import component_name, material_name, park_name, site_name, subject_name
from chainsim.report.numbers import NOTHING, number, unit_label
from chainsim.study.result import RunResult

TABLES: Final[Mapping[str, Callable[[Case], pd.DataFrame]]] = {
    "energy": lambda case: energy_table(case.view),
    "energy_balance": lambda case: energy_balance(case.view),
    "energy_flow": lambda case: energy_flows(case.view),
    "unit_energy": unit_energy_table,
    "carbon": lambda case: carbon_table(case.view),
    "carbon_members": lambda case: carbon_members(case.view),
    "carbon_cost": lambda case: carbon_costs(case.view),
    "air": air_table,
    "water": water_table,
    "value": value_table,
    "places": place_table,
}
"""Table -> what makes it, in the order of the page."""
WIDE: Final = ("energy_flow",)
"""Tables for files and charts; too long for a page unless asked for."""
ON_PAGE: Final[Mapping[str, tuple[str, ...]]] = {
    "unit_energy": (
        "component", "value", "band", "level1", "level2", "level3", "benchmark", "baseline", "met",
    ),
    "energy": ("row", "material", "quantity", "unit", "kgce_per_unit", "tce", "tce_equal"),
    "energy_balance": ("material", "bought", "made", "transformed", "used", "delivered", "vented",
                       "stored"),
    "carbon_members": ("enterprise", "combustion", "coking", "extension", "other", "vent", "power",
                       "heat", "total"),
    "air": ("component", "limit_set", "basis", "pm", "so2", "nox", "voc"),
    "water": ("subject", "fresh", "coking_fresh_per_coke", "process_water_out",
              "coking_waste_water", "sludge", "residue"),
    "value": ("subject", "production", "income", "constant", "per_value", "per_value_constant",
              "per_coke", "least_per_coke"),
    "register": ("old", "capacity_wan_t", "closes", "new", "starts", "overlap_d", "accepted"),
    "moves": ("old", "new", "target", "capacity_wan_t", "energy_tce", "so2", "nox",
              "energy_cost_wan", "air_cost_wan"),
    "places": ("subject", "coke", "energy_a", "energy_b", "energy_c", "unit_energy",
               "value_added", "carbon"),
}  # fmt: skip
"""Columns of tables too broad for a page; files and JSON hold all."""
CARBON_GROUPS: Final = {
    "burnt": ("combustion",),
    "processes": ("coking", "extension", "other"),
    "rest": ("vent", "other_gas", "power", "heat", "total"),
    "products": ("product",),
}
"""Parts of the inventory that stand together on a page."""
NOTES: Final = {
    "unit_energy": "unit_energy_note",
    "air": "air_note",
    "water": "water_note",
    "value": "value_note",
}
"""Table -> the text beside it."""
NAMELESS: Final = {"enterprise": "none_enterprise", "subject": "none_enterprise"}
"""Column -> the word for an empty name."""
_NAMES: Final = ("material", "component", "enterprise", "subject", "source", "target", "old", "new")
_WORDS: Final = ("row", "part", "basis", "level", "limit_set", "met", "price", "source_kind")
_DIGITS: Final = 4


def case_of(result: RunResult) -> Case:
    """A run as the accounts' tables take it."""
    rows = condensed(result.ledger)
    figures = Figures(result.park, {})
    hours = result.simulation.hours
    view = View(result.park, result.simulation, rows, hours, figures=figures)
    return Case(park=result.park, view=view, policy=blank())


def account_tables(result: RunResult, wanted: Sequence[str] = ()) -> dict[str, pd.DataFrame]:
    """The tables asked for by name, all of them without any."""
    case = case_of(result)
    return {key: TABLES[key](case) for key in TABLES if not wanted or key in wanted}


def accounts_page(result: RunResult, lang: Lang, wanted: Sequence[str] = ()) -> Page:
    """The books of a run; tables meant for charts only when named."""
    keys = [k for k in TABLES if (k in wanted if wanted else k not in WIDE)]
    case = case_of(result)
    sections = []
    for key in keys:
        lines = _lines(case, key, lang)
        for title, part in _split(TABLES[key](case), key, lang):
            grid = frame_grid(result, on_page(part, key), lang)
            sections.append(Section(title=title, grid=grid, lines=lines))
            lines = ()
    return Page(title=park_name(result.park, lang), sections=tuple(sections))


def _split(frame: pd.DataFrame, key: str, lang: Lang) -> list[tuple[str, pd.DataFrame]]:
    """A table as the parts that stand under titles of their own on a page, empty ones left out."""
    title = t(f"books.{key}", lang)
    if key == "energy":
        parts = [(f"{title} {b}", frame[frame["boundary"] == b]) for b in ("A", "B", "C")]
    elif key == "carbon":
        groups = {name: frame["part"].isin(of) for name, of in CARBON_GROUPS.items()}
        parts = [(f"{title}: {t(f'books.{n}', lang)}", frame[chosen]) for n, chosen in
                 groups.items()]  # fmt: skip
    else:
        parts = [(title, frame)]
    return [(name, part) for name, part in parts if len(part)]


def on_page(frame: pd.DataFrame, key: str) -> pd.DataFrame:
    """The columns of a table that a page shows; figures that are zero throughout are left out."""
    shown = frame[list(ON_PAGE.get(key, frame.columns))]
    empty = [c for c in shown.columns if is_number(shown[c]) and not shown[c].any()]
    if "part" in shown.columns and shown["part"].nunique() == 1:
        empty.append("part")
    return shown.drop(columns=empty)


def is_number(column: pd.Series[Any]) -> bool:
    """True for a column of figures."""
    return bool(pd.api.types.is_float_dtype(column))


def _lines(case: Case, key: str, lang: Lang) -> tuple[str, ...]:
    """What must be said beside a table."""
    view = case.view
    if key == "energy":
        error, band = view.closure_error, view.coal_heat_band
        shown = t("books.closure", lang, error=number(error or 0.0), band=number(band))
        return (t("books.gas_both", lang), shown)
    if key == "energy_balance":
        share = transformation_share(view)
        value = NOTHING if share is None else f"{100.0 * share:.1f}"
        return (t("books.transformation", lang, share=value),)
    if key == "carbon":
        ratios = {k: number(v) for k, v in carbon_ratios(view).items()}
        lines = [t("books.factor", lang, factor=case.park.economics.grid_factor)]
        if len(ratios) == len(("per_coke", "per_value")):
            lines.append(t("books.carbon_ratios", lang, **ratios))
        return tuple(lines)
    return (t(f"books.{NOTES[key]}", lang),) if key in NOTES else ()


def frame_grid(result: RunResult, frame: pd.DataFrame, lang: Lang) -> Grid:
    """A tidy table as texts: ids become names, numbers four digits, zeros a dash."""
    columns = list(frame.columns)
    numeric = {i for i, c in enumerate(columns) if is_number(frame[c])}
    rows = tuple(
        Row(tuple(_cell(result, c, record[c], lang, i in numeric) for i, c in enumerate(columns)))
        for record in frame.to_dict("records")
    )
    headers = tuple(known(f"column.{c}", lang, c) for c in columns)
    wide = frozenset(i for i, c in enumerate(columns) if c in _NAMES)
    return Grid(headers=headers, rows=rows, numeric=frozenset(numeric), wide=wide)


def named_frame(result: RunResult, frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """A tidy table with ids as names and titles instead of column ids; numbers stay numbers."""
    named: dict[str, Any] = {}
    for column in frame.columns:
        values = frame[column]
        named[known(f"column.{column}", lang, column)] = (
            values
            if pd.api.types.is_numeric_dtype(values)
            else [_cell(result, column, v, lang, numeric=False) for v in values]
        )
    return pd.DataFrame(named)


def _cell(result: RunResult, column: str, value: Any, lang: Lang, numeric: bool) -> str:
    if numeric:
        return _number(float(value))
    text = str(value)
    if not text:
        return t(f"word.{NAMELESS[column]}", lang) if column in NAMELESS else ""
    park = result.park
    if column == "unit":
        return unit_label(text, lang)
    if column == "material":
        return material_name(park, text, lang)
    if column == "site":
        return site_name(park, text, lang)
    if column in ("component", "enterprise", "subject", "old", "new"):
        name = subject_name(park, text, lang)
        return known(f"word.{text}", lang, text) if name == text else name
    if column in _WORDS or column == "target_kind":
        return known(f"word.{text}", lang, text)
    if column == "limit":
        found = park.library.limits.get(text)
        return known(f"word.{text}", lang, text) if found is None else found.name(lang)
    if column in ("source", "target"):
        return known(f"word.{text}", lang, _end_name(result, text, lang))
    return text


def _end_name(result: RunResult, key: str, lang: Lang) -> str:
    """Name of an end of an energy flow: a process, a material or a unit."""
    process = result.park.library.processes.get(key)
    if process is not None:
        return process.name(lang)
    if key in result.park.materials:
        return material_name(result.park, key, lang)
    return component_name(result.park, key, lang)


def _number(value: float) -> str:
    if math.isnan(value) or value == 0.0:
        return NOTHING
    return number(value, _DIGITS)
