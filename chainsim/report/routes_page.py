"""Pages about routes: the ladder of uses of a by-product, route maxima, the structure doctor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from chainsim.accounts.doctor import Finding
from chainsim.accounts.ladder import Rung
from chainsim.errors import Lang
from chainsim.library.model import Library, Material
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import listed, t
from chainsim.report.names import plain
from chainsim.report.numbers import fmt, number

ARROW: Final = " → "
COLUMNS: Final = [
    "source", "route", "processes", "product", "yield", "value", "netback",
    "netback_after_capital", "capex", "energy_kgce", "co2_t", "most_per_coke", "most_per_a",
    "in_park", "unpriced", "source_unit", "product_unit",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The uses of one by-product.

    Attributes:
        source: the by-product.
        rungs: marginal use first.
        per_coke: what a t of coke leaves of it, base units; None when it is no by-product.
        per_a: what the park has of it in a year, base units.
        named: names of routes of the city's document by the ids of their processes.
        present: ids of the processes that the park has.
    """

    source: Material
    rungs: Sequence[Rung]
    per_coke: float | None
    per_a: float
    named: Mapping[tuple[str, ...], str]
    present: frozenset[str]


def ladder_table(ladders: Sequence[Ladder], library: Library, lang: Lang) -> pd.DataFrame:
    """One line per route; money in CNY, per base unit of the source."""
    rows = []
    for ladder in ladders:
        for rung in ladder.rungs:
            ids = tuple(step.process.id for step in rung.chain.steps)
            product = library.materials[rung.chain.product]
            rows.append(
                {
                    "source": ladder.source.id,
                    "route": ladder.named.get((*ids, product.id), ""),
                    "processes": ARROW.join(ids),
                    "product": product.id,
                    "yield": rung.yield_,
                    "value": rung.value_cny,
                    "netback": rung.netback_cny,
                    "netback_after_capital": rung.netback_after_capital_cny,
                    "capex": rung.capex_cny,
                    "energy_kgce": rung.energy_kgce,
                    "co2_t": rung.co2_t,
                    "most_per_coke": (ladder.per_coke or float("nan")) * rung.yield_,
                    "most_per_a": ladder.per_a * rung.yield_,
                    "in_park": set(ids) <= ladder.present,
                    "unpriced": " ".join(rung.unpriced),
                    "source_unit": ladder.source.unit,
                    "product_unit": product.unit,
                }
            )
    return pd.DataFrame(rows, columns=COLUMNS)


def routes_page(
    ladders: Sequence[Ladder],
    findings: Sequence[Finding],
    library: Library,
    name: str,
    lang: Lang,
) -> Page:
    """Ladders with what all of each by-product could become, and the doctor's findings."""
    sections = [_section(ladder, library, lang) for ladder in ladders]
    lines = tuple(finding_text(f, library, lang) for f in findings)
    sections.append(
        Section(title=t("doctor.title", lang), lines=lines or (t("doctor.nothing", lang),))
    )
    return Page(title=t("routes.title", lang, name=name), sections=tuple(sections))


def _section(ladder: Ladder, library: Library, lang: Lang) -> Section:
    per, money = _per(ladder.source)
    keys = ("route", "yield", "value", "netback", "capex", "energy", "co2", "most")
    grid = Grid(
        headers=tuple(t(f"routes.{key}", lang) for key in keys),
        rows=tuple(_row(ladder, rung, library, money, lang) for rung in ladder.rungs),
        numeric=frozenset(range(1, len(keys))),
        wide=frozenset({0}),
    )
    name = plain(ladder.source.name(lang))
    lines = [t("routes.note", lang, per=per)]
    if ladder.per_coke is not None:
        lines.append(
            t(
                "routes.supply",
                lang,
                material=name,
                per_coke=fmt(ladder.per_coke, ladder.source.unit, lang),
                per_a=fmt(ladder.per_a, f"{ladder.source.unit}/a", lang),
            )
        )
    title = t("routes.ladder", lang, material=name, per=per)
    return Section(title=title, grid=grid, lines=tuple(lines))


def _row(ladder: Ladder, rung: Rung, library: Library, money: float, lang: Lang) -> Row:
    ids = tuple(step.process.id for step in rung.chain.steps)
    product = library.materials[rung.chain.product]
    steps = [plain(step.process.name(lang)) for step in rung.chain.steps]
    marks = "*" * ((*ids, product.id) in ladder.named) + "●" * (set(ids) <= ladder.present)
    most = rung.yield_ * ladder.per_coke if ladder.per_coke is not None else float("nan")
    by_mass = product.unit == "kNm3" and product.mass_t > 0
    return Row(
        (
            f"{ARROW.join([*steps, plain(product.name(lang))])} {marks}",
            fmt(rung.yield_ * money, product.unit, lang),
            number(rung.value_cny * money),
            number(rung.netback_after_capital_cny * money),
            number(rung.capex_cny * money),
            number(rung.energy_kgce * money),
            number(rung.co2_t * money * 1000.0),
            fmt(most * product.mass_t, "t", lang) if by_mass else fmt(most, product.unit, lang),
        )
    )


def _per(source: Material) -> tuple[str, float]:
    """(unit shown, factor from base units): a gas counts in Nm3, everything else as it is."""
    return ("Nm³", 0.001) if source.unit == "kNm3" else (source.unit, 1.0)


def finding_text(finding: Finding, library: Library, lang: Lang) -> str:
    """One finding as a sentence."""
    material = library.materials.get(finding.material)
    name = finding.material if material is None else plain(material.name(lang))
    process = library.processes.get(finding.subject)
    others = [
        plain(library.processes[k].name(lang)) if k in library.processes else k
        for k in finding.others
    ]
    yearly = f"{finding.unit}/a" if finding.unit else "ratio"
    return t(
        f"doctor.{finding.kind}",
        lang,
        material=name,
        subject=finding.subject if process is None else plain(process.name(lang)),
        amount=fmt(finding.amount, yearly, lang),
        needed=fmt(finding.needed, yearly, lang),
        share=fmt(finding.amount / finding.needed if finding.needed else 0.0, "ratio", lang),
        others=listed(others, lang),
    )


def finding_table(findings: Sequence[Finding]) -> pd.DataFrame:
    """Findings as a table: kind, subject, material, amount, needed, unit, others."""
    return pd.DataFrame(
        [
            {
                "kind": f.kind,
                "subject": f.subject,
                "material": f.material,
                "amount": f.amount,
                "needed": f.needed,
                "unit": f.unit,
                "others": " ".join(f.others),
            }
            for f in findings
        ],
        columns=["kind", "subject", "material", "amount", "needed", "unit", "others"],
    )
