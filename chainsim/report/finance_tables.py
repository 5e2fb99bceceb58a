"""Statements of an appraisal as printed tables: numbered rows, names, 10^4 CNY, years in columns.

Names and numbers stand in `finance.toml`. Nothing is reckoned here but sums over years and units.
"""

from __future__ import annotations

import functools
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, Final

import pandas as pd

from chainsim.errors import InternalError, Lang
from chainsim.finance.appraisal import Appraisal
from chainsim.finance.indicators import Indicator
from chainsim.finance.project import Line
from chainsim.finance.statements import TABLES
from chainsim.report.names import plain
from chainsim.units import factor

MONEY: Final = "wan_CNY"
ALL_TABLES: Final = (*TABLES, "indicators", "sensitivity")
"""Every table, in the order of a study."""
_DIGITS: Final = 6
HURDLE_KEYS: Final = ("firr_before_tax", "firr_after_tax")
"""Rates of return that are compared with the hurdle rate."""


@functools.cache
def texts() -> Mapping[str, Any]:
    """The whole of `finance.toml`."""
    text = resources.files("chainsim.report").joinpath("finance.toml").read_text("utf-8")
    return tomllib.loads(text)


def word(section: str, key: str, lang: Lang, **values: object) -> str:
    """One text of `finance.toml` with its placeholders filled.

    Raises:
        InternalError: there is no such text.
    """
    try:
        return str(texts()[section][key][lang]).format_map(values)
    except KeyError as exc:
        raise InternalError(f"finance text {section}.{key} [{lang}]: {exc}") from exc


def table_title(key: str, lang: Lang) -> str:
    """Name of a table as studies print it."""
    return str(texts()["tables"][key][lang])


def table_note(key: str, lang: Lang) -> str:
    """What the numbers of a table are in."""
    return word("notes", key if key in texts()["notes"] else "statements", lang)


def finance_table(appraisal: Appraisal, key: str, lang: Lang) -> pd.DataFrame:
    """One table of `ALL_TABLES` for print.

    Columns: number, item, total and the years 1 to n for a yearly statement; names of the columns
    in `lang`. Money in 10^4 CNY, shares in percent, empty cells NaN.
    """
    if key == "indicators":
        return indicator_table(appraisal, lang)
    if key == "sensitivity":
        return sensitivity_table(appraisal, lang)
    frame = appraisal.statements[key]
    if key == "investment":
        return _investment(appraisal, frame, lang)
    rows = []
    for number, row, name, kind in _rows(appraisal, key, lang):
        if row in frame.index:
            values = frame.loc[row].to_numpy() * _scale(kind)
            total = float(values.sum()) if kind == "flow" else math.nan
            rows.append([number, name, _tidy(total), *map(_tidy, values.tolist())])
    columns = [word("columns", c, lang) for c in ("number", "item", "total")]
    return pd.DataFrame(rows, columns=[*columns, *map(str, appraisal.years)])


def _tidy(value: float) -> float:
    return round(value, _DIGITS) + 0.0


def _scale(kind: str) -> float:
    if kind in ("flow", "stock", "money"):
        return factor("CNY", MONEY)
    return factor("ratio", "percent") if kind == "share" else 1.0


def _rows(appraisal: Appraisal, table: str, lang: Lang) -> Iterator[tuple[str, str, str, str]]:
    """(number, row key, name, kind) of a table, one row of each line where a key says so."""
    for number, row, zh, en, kind in texts()["tables"][table]["rows"]:
        if not row.endswith(":*"):
            yield number, row, zh if lang == "zh" else en, kind
            continue
        for index, (key, name) in enumerate(_lines(appraisal, row.removesuffix(":*"), lang), 1):
            yield f"{number.rpartition('.')[0]}.{index}", key, name, kind


def _lines(appraisal: Appraisal, row: str, lang: Lang) -> Iterator[tuple[str, str]]:
    """Row keys and names of the parts, products or costs that `row` stands for."""
    project = appraisal.project
    if row == "part":
        for part in project.parts:
            name = part.name_zh if lang == "zh" else part.name_en
            yield f"part:{part.key}", plain(name or part.key)
        return
    lines = project.products
    if row != "product":
        kind = row.removeprefix("cost:")
        lines = tuple(line for line in project.costs if line.kind == kind)
    for line in lines:
        yield f"{row.split(':')[0]}:{line.key}", line_name(line, lang)


def line_name(line: Line, lang: Lang) -> str:
    """Display name of a product or cost."""
    return plain((line.name_zh if lang == "zh" else line.name_en) or line.key)


def _investment(appraisal: Appraisal, frame: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    sums_of: dict[str, dict[str, float]] = frame.to_dict("index")  # type: ignore[assignment]
    whole = sums_of["total"]["gross"]
    rows = []
    for number, row, name, kind in _rows(appraisal, "investment", lang):
        sums = [_tidy(sums_of[row][c] * _scale(kind)) for c in ("net", "vat", "gross")]
        share = sums_of[row]["gross"] / whole * _scale("share")
        rows.append([number, name, *sums, _tidy(share)])
    names = ("number", "item", "net", "vat", "gross", "share")
    return pd.DataFrame(rows, columns=[word("columns", c, lang) for c in names])


# -- indicators and sensitivity ---------------------------------------------------------------


def indicator_table(appraisal: Appraisal, lang: Lang) -> pd.DataFrame:
    """Indicators: number, name, unit, value, benchmark, and a verdict or why there is no value."""
    rows: list[list[object]] = []
    for number, key, name, kind in _rows(appraisal, "indicators", lang):
        found = appraisal.indicators[key]
        value = math.nan if found.value is None else _tidy(found.value * _scale(kind))
        benchmark, verdict = _judged(appraisal, key, found, lang)
        rows.append([number, name, _unit(kind, lang), value, benchmark, verdict])
    count = max(int(n) for n, *_ in texts()["tables"]["indicators"]["rows"] if n.isdigit())
    for product in appraisal.project.products:
        levelised = appraisal.indicators.get(f"levelised.{product.key}")
        if levelised is not None:
            count += 1
            name = word("words", "levelised", lang, name=line_name(product, lang))
            value = math.nan if levelised.value is None else _tidy(levelised.value)
            reason = reason_text(levelised, lang)
            rows.append([str(count), name, levelised.unit, value, math.nan, reason])
    names = ("number", "indicator", "unit", "value", "benchmark", "verdict")
    return pd.DataFrame(rows, columns=[word("columns", c, lang) for c in names])


def _unit(kind: str, lang: Lang) -> str:
    units = {"money": "money", "share": "percent", "years": "years"}
    return word("units", units[kind], lang) if kind in units else ""


def _judged(appraisal: Appraisal, key: str, found: Indicator, lang: Lang) -> tuple[float, str]:
    """(benchmark, verdict): rates against the hurdle rate, present values against 0."""
    if found.value is None:
        return math.nan, reason_text(found, lang)
    if key in HURDLE_KEYS:
        bound, scale = appraisal.project.hurdle, _scale("share")
    elif key.startswith("fnpv_"):
        bound, scale = 0.0, 1.0
    elif key.startswith("dscr_"):
        bound, scale = 1.0, 1.0
    else:
        return math.nan, ""
    return _tidy(bound * scale), word("words", "meets" if found.value >= bound else "fails", lang)


def reason_text(found: Indicator, lang: Lang) -> str:
    """Why an indicator has no value; empty when it has one."""
    if found.value is not None or not found.reason:
        return ""
    roots = ", ".join(f"{root:.2%}" for root in found.roots)
    return word("reasons", found.reason, lang, roots=roots)


def sensitivity_table(appraisal: Appraisal, lang: Lang) -> pd.DataFrame:
    """Rate of return (%) by factor and change, sensitivity coefficient, critical point (%)."""
    rows: list[list[object]] = []
    changes: Sequence[float] = ()
    for found in appraisal.sensitivity:
        changes = [change for change, _ in found.rates]
        rates = [math.nan if r is None else _tidy(r * _scale("share")) for _, r in found.rates]
        coefficient = math.nan if found.coefficient is None else _tidy(found.coefficient)
        critical = math.nan if found.critical is None else _tidy(found.critical * _scale("share"))
        rows.append([word("factors", found.factor, lang), *rates, coefficient, critical])
    heads = [word("columns", "base", lang) if not c else f"{c:+.0%}" for c in changes]
    names = [word("columns", c, lang) for c in ("factor", "coefficient", "critical")]
    return pd.DataFrame(rows, columns=[names[0], *heads, *names[1:]])
