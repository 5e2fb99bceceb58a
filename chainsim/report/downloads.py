"""Tables and pictures as files to take away, made from what the page shows.

Texts that a spreadsheet would take for a formula are made harmless; CSV carries a byte-order mark,
without which Excel misreads Chinese.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd
import vl_convert
import xlsxwriter

from chainsim.report.document import Grid

_RISKY: Final = ("=", "+", "-", "@", "\t", "\r")
_BOM: Final = "\ufeff"
_SHEET_CHARS: Final = 31
_SHEET_FORBIDDEN: Final = re.compile(r"[\[\]:*?/\\']")
_WIDEST: Final = 60
SCALE: Final = 2.0
"""Pixels of a PNG per px of the picture."""


def grid_frame(grid: Grid) -> pd.DataFrame:
    """A printed table as a frame of texts; equal headers are numbered."""
    seen: dict[str, int] = {}
    headers = []
    for header in grid.headers:
        seen[header] = seen.get(header, 0) + 1
        headers.append(header if seen[header] == 1 else f"{header} ({seen[header]})")
    return pd.DataFrame([row.cells for row in grid.rows], columns=headers)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """A table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([_harmless(c) for c in map(str, frame.columns)])
    for values in frame.itertuples(index=False, name=None):
        writer.writerow([_harmless(v) if isinstance(v, str) else _number(v) for v in values])
    return (_BOM + text.getvalue()).encode()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_RISKY) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def _number(value: Any) -> Any:
    return "" if pd.isna(value) else value


def xlsx_bytes(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Tables as one workbook, a sheet each; numbers stay numbers, texts stay texts."""
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#e6f0ef", "bottom": 1})
        for name, frame in zip(_sheet_names(list(tables)), tables.values(), strict=True):
            sheet = book.add_worksheet(name)
            for column, title in enumerate(map(str, frame.columns)):
                sheet.write_string(0, column, title, head)
                cells = [title, *(str(v) for v in frame.iloc[:, column])]
                sheet.set_column(column, column, min(_WIDEST, 2 + max(map(_width, cells))))
            for line, values in enumerate(frame.itertuples(index=False, name=None), 1):
                for column, value in enumerate(values):
                    if isinstance(value, str):
                        sheet.write_string(line, column, value)
                    elif pd.isna(value):
                        continue
                    elif math.isfinite(value):
                        sheet.write_number(line, column, float(value))
                    else:  # a workbook knows no infinity
                        sheet.write_string(line, column, str(value))
            sheet.freeze_panes(1, 0)
    return file.getvalue()


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def _sheet_names(names: Sequence[str]) -> list[str]:
    """Names that Excel allows, each once."""
    found: list[str] = []
    for name in names:
        plain = _SHEET_FORBIDDEN.sub(" ", name).strip()[:_SHEET_CHARS] or "-"
        unique, count = plain, 2
        while unique.lower() in (x.lower() for x in found):
            tail = f" {count}"
            unique, count = plain[: _SHEET_CHARS - len(tail)] + tail, count + 1
        found.append(unique)
    return found


def svg_png(svg: str) -> bytes:
    """One of our SVG pictures as PNG."""
    return bytes(vl_convert.svg_to_png(svg, scale=SCALE))


def chart_svg(spec: Mapping[str, Any]) -> str:
    """A Vega-Lite specification as SVG."""
    return str(vl_convert.vegalite_to_svg(dict(spec)))


def zip_bytes(files: Mapping[str, str]) -> bytes:
    """Texts by file name as one archive, the same bytes for the same texts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text.encode("utf-8"))
    return buffer.getvalue()
