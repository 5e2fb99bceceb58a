"""`chainsim library`: closure table, listing, a record with its evidence, origin of a KPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chainsim.accounts.unit_limits import judge_library
from chainsim.cli.data import unknown
from chainsim.cli.output import Output, rows
from chainsim.errors import did_you_mean
from chainsim.library.census import grades
from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.report.i18n import LANGUAGES
from chainsim.report.library_page import (
    census_text,
    closure_page,
    closure_table,
    listing_page,
    listing_table,
    record_page,
    record_tables,
    trace_page,
)
from chainsim.report.limits_page import limit_page, limit_table
from chainsim.report.rank_page import rank_page
from chainsim.report.series_page import series_page
from chainsim.study.price_history import (
    monthly_prices,
    series_correlation,
    series_statistics,
)
from chainsim.study.rank import KPIS, rank_figures
from chainsim.study.run import run
from chainsim.study.traces import trace as trace_result


def check(output: Output, folder: Path | None) -> None:
    """Load the library and show how every process closes; problems leave with exit code 4."""
    library = load_library(folder)
    if output.json:
        output.data({"closure": rows(closure_table(library)), "problems": []})
    else:
        output.page(closure_page(library, output.lang))


def listing(output: Output, kind: str | None) -> None:
    """Everything the library holds, or one kind of it."""
    library = load_library()
    frame = listing_table(library, output.lang, kind)
    if output.json:
        output.data({"records": rows(frame), "grades": grades(library), "problems": []})
    else:
        output.page(listing_page(frame, output.lang, census_text(library, output.lang)))


def rank(
    output: Output, scenario: str, kpis: Sequence[str], top: int, overrides: Sequence[str]
) -> None:
    """Figures in the order in which they move the KPIs."""
    result = run(scenario, engine="steady", overrides=overrides)
    units = dict(zip(result.kpis["id"], result.kpis["unit"], strict=True))
    wanted = tuple(kpis) or KPIS
    for kpi in wanted:
        if kpi not in units:
            raise unknown(kpi, did_you_mean(kpi, units))
    frame = rank_figures(scenario, wanted, overrides=overrides, progress=output.progress)
    frame["kpi_unit"] = frame["kpi"].map(units)
    frame = frame.groupby("kpi", sort=False).head(top)
    if output.json:
        output.data({"rank": rows(frame), "problems": []})
    else:
        output.page(rank_page(result.park, frame, top, output.lang))


def limits(output: Output) -> None:
    """Every process against the limits of its standards."""
    library = load_library()
    verdicts = list(judge_library(library))
    if output.json:
        output.data({"limits": rows(limit_table(verdicts)), "problems": []})
    else:
        output.page(limit_page(library, verdicts, output.lang))


def series(output: Output, first: str, last: str) -> None:
    """The monthly price series from `first` to `last`, and how they move together."""
    library = load_library()
    prices = monthly_prices(library, first, last)
    if prices.empty:
        known = monthly_prices(library).index
        raise unknown(f"{first} … {last}", f"{known.min()} … {known.max()}")
    statistics, together = series_statistics(prices), series_correlation(prices)
    if output.json:
        table = rows(together.rename_axis("series").reset_index())
        output.data({"series": rows(statistics), "correlation": table, "problems": []})
    else:
        output.page(series_page(library, statistics, together, output.lang))


def show(output: Output, key: str) -> None:
    """A material, process, price, factor, policy or source with every figure and its source."""
    library = load_library()
    found = record_tables(library, key, output.lang)
    if not found:
        raise unknown(key, _meant(library, key))
    if output.json:
        data: Mapping[str, Any] = {name: rows(frame) for name, frame in found.items()}
        output.data({"id": key, "records": data, "problems": []})
    else:
        output.page(record_page(found, key, output.lang))


def _meant(library: Library, key: str) -> str:
    """The id of the record that `key` is close to, by its id or its name in either language."""
    tables = [listing_table(library, lang) for lang in LANGUAGES]
    ids = {name: i for table in tables for i, name in zip(table["id"], table["name"], strict=True)}
    return did_you_mean(key, tables[0]["id"]) or ids.get(did_you_mean(key, ids), "")


def trace(output: Output, kpi: str, scenario: str) -> None:
    """From a KPI of a scenario down to the sources of its largest flows."""
    result = run(scenario, engine="steady")
    if not (result.kpis["id"] == kpi).any():
        raise unknown(kpi, did_you_mean(kpi, result.kpis["id"]))
    frame = trace_result(result, kpi)
    if output.json:
        output.data({"id": kpi, "trace": rows(frame), "problems": []})
    else:
        output.page(trace_page(result.park, kpi, frame, output.lang))
