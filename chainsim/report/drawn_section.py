"""What a study drew anew in every run, and which prices it left where the scenario has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chainsim.errors import Lang
from chainsim.library.uncertainty_records import UncertaintyRecord
from chainsim.park.model import Park
from chainsim.report.document import Section
from chainsim.report.i18n import listed, t
from chainsim.report.names import component_name, material_name, park_name

PRICES: Final = "prices"
"""Section of the library's figures that are prices."""
_SHAPES: Final = {"triangular": "drawn.triangular", "uniform": "drawn.uniform"}
_PATHS: Final = {"base": "drawn.paths_base", "history": "drawn.paths_history"}


def drawn_section(park: Park, record: UncertaintyRecord | None, lang: Lang) -> Section | None:
    """What was drawn for one scenario; None where only failures were, and no price is held."""
    lines = tuple(_lines(park, record, lang))
    if not lines:
        return None
    return Section(title=t("drawn.title", lang, name=park_name(park, lang)), lines=lines)


def _lines(park: Park, record: UncertaintyRecord | None, lang: Lang) -> Iterator[str]:
    if record is not None and record.coefficients is not None:
        given = record.coefficients
        shape = t(_SHAPES[given.distribution], lang)
        prices = given.only == [PRICES]
        yield t("drawn.prices" if prices else "drawn.figures", lang, shape=shape)
        if given.only and not prices:
            yield t("drawn.only", lang, names=listed(given.only, lang))
        if given.ranges:
            names = [r.figure for r in given.ranges.values()]
            yield t("drawn.ranges", lang, names=listed(names, lang))
    if record is not None and record.prices is not None:
        if record.prices.paths and park.library.series:
            yield t(_PATHS[record.prices.anchor], lang)
        if record.prices.ranges:
            names = [_price_name(park, key, lang) for key in record.prices.ranges]
            yield t("drawn.price_ranges", lang, names=listed(names, lang))
    if record is not None and not record.failures:
        yield t("drawn.no_failures", lang)
    if park.economics.fixed_prices:
        names = [_price_name(park, name, lang) for name in park.economics.fixed_prices]
        yield t("drawn.held", lang, names=listed(names, lang))


def _price_name(park: Park, name: str, lang: Lang) -> str:
    """A price key by its price or material, a deal by its own name; the id behind it."""
    section, _, component = name.rpartition(".")
    known = park.library.prices.get(name)
    if section == "transfer_prices":
        word = material_name(park, component, lang)
    elif section:
        word = component_name(park, component, lang)
    elif known is not None:
        word = known.name_zh if lang == "zh" else known.name_en
    else:
        word = material_name(park, name, lang)
    return name if word == name else f"{word} ({name})"
