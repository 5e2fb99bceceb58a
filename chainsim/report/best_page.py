"""What the lp engine found, in sentences: value, shadow prices, use of gas, losses, repairs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from chainsim.errors import Lang
from chainsim.park.model import Park
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import known, listed, t
from chainsim.report.names import (
    component_name,
    material_name,
    park_name,
    policy_name,
    site_name,
    subject_name,
)
from chainsim.report.numbers import display_unit, fmt, number, signed, unit_label, with_unit
from chainsim.study.best_use import NoUse
from chainsim.study.optimum import ImpossibleError, Optimum, Worth
from chainsim.study.repair_costs import Repaired

MOST: Final = 15
"""Shadow prices shown."""
_EQUAL: Final = 1e-6


def best_sections(park: Park, optimum: Optimum, lang: Lang) -> tuple[Section, ...]:
    """Everything about an optimum that its flows do not tell."""
    sections = [_headline(park, optimum, lang), _prices(park, optimum, lang)]
    sections += [_gases(park, optimum, lang), _losses(park, optimum, lang)]
    sections.append(_skipped(park, optimum, lang))
    return tuple(s for s in sections if s is not None)


def aim_text(weights: Mapping[str, float], lang: Lang) -> str:
    """An objective in words."""
    named = {key: known(f"measure.{key}", lang, key) for key in weights}
    if len(named) == 1:
        return next(iter(named.values()))
    return " ".join(f"{weights[k]:+g}×{name}" for k, name in named.items())


def _sign(o: Optimum) -> float:
    """-1 where less is sought: then the amount itself is told, not the objective."""
    return -1.0 if len(o.aim.weights) == 1 and o.aim.saving else 1.0


def _headline(park: Park, o: Optimum, lang: Lang) -> Section:
    unit = f"{o.unit}/a"
    sign = _sign(o)
    gap = o.gap
    amounts = {
        "best": fmt(sign * o.gain, unit, lang, 5),
        "rule": fmt(sign * o.rule_gain, unit, lang, 5),
        "gap": signed(sign * gap, unit, lang),
    }
    lines = [t("best.gain", lang, **amounts)]
    if not o.rule_feasible:
        lines.append(t("best.outside", lang))
    elif abs(gap) <= _EQUAL * abs(o.gain):
        lines.append(t("best.equal", lang))
    for key, share in o.short:
        name = component_name(park, key, lang)
        lines.append(t("best.short", lang, name=name, share=fmt(share, "ratio", lang)))
    return Section(title=t("best.aim", lang, aim=aim_text(o.aim.weights, lang)), lines=tuple(lines))


def limit_name(park: Park, key: str, lang: Lang) -> str:
    """A limit of a year by its key (`q03/city`, `at_most/carbon`, `sales/x`)."""
    kind, _, what = key.partition("/")
    if kind in ("at_most", "at_least"):
        return t(f"best.{kind}", lang, measure=known(f"measure.{what}", lang, what))
    if kind == "sales":
        return t("best.sales", lang, name=component_name(park, what, lang))
    policy, subject = policy_name(park, kind, lang), subject_name(park, what, lang)
    return t("best.clause", lang, policy=policy, subject=subject)


def _prices(park: Park, o: Optimum, lang: Lang) -> Section | None:
    rows = []
    for worth in o.worths[:MOST]:
        rows.append(
            Row(
                (
                    worth_name(park, worth, lang),
                    fmt(worth.limit, worth.unit, lang),
                    price_text(_sign(o) * worth.price, o.unit, worth.unit, lang),
                )
            )
        )
    if not rows:
        return None
    headers = tuple(t(f"best.{k}", lang) for k in ("binds", "stands", "worth"))
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset({1, 2}), wide=frozenset({0}))
    return Section(title=t("best.prices", lang), grid=grid)


def worth_section(park: Park, o: Optimum, lang: Lang) -> Section | None:
    """The same as sentences."""
    lines = []
    for worth in o.worths[:MOST]:
        price = _sign(o) * worth.price
        lines.append(
            t(
                "best.sentence" if price > 0 else "best.sentence_less",
                lang,
                name=worth_name(park, worth, lang),
                limit=fmt(worth.limit, worth.unit, lang),
                worth=price_text(abs(price), o.unit, worth.unit, lang),
            )
        )
    return Section(title=t("best.prices", lang), lines=tuple(lines)) if lines else None


def worth_name(park: Park, worth: Worth, lang: Lang) -> str:
    """What binds."""
    if worth.kind == "limit":
        return limit_name(park, worth.key, lang)
    if worth.kind == "cap":
        measure, _, material = worth.key.partition(".")
        made = park.materials[material].name(lang)
        return t("best.cap", lang, measure=measure, material=made)
    return t(f"best.{worth.kind}", lang, name=component_name(park, worth.key, lang))


def price_text(price: float, unit: str, of: str, lang: Lang) -> str:
    """Objective per unit of a limit: `/a` on both sides cancels; clauses on ratios keep theirs."""
    per = of.removesuffix("/a")
    if per != of:
        return f"{signed(price, unit, lang)}/{unit_label(per, lang)}"
    year = f"{unit}/a"
    return f"{signed(price, year, lang)} / ({unit_label(per, lang)})"


def _gases(park: Park, o: Optimum, lang: Lang) -> Section | None:
    lines = []
    for gas in o.gases:
        header = park.headers[gas.header]
        values = {
            "header": header_name(park, gas.header, lang),
            "unit": unit_label(header.material.unit, lang),
            "price": fmt(gas.price, o.unit, lang),
        }
        if gas.uses:
            uses = listed((_use(park, *use, lang) for use in gas.uses), lang)
            lines.append(t("best.gas_line", lang, **values, uses=uses))
        else:
            lines.append(t("best.gas_unused", lang, **values))
    return Section(title=t("best.gas", lang), lines=tuple(lines)) if lines else None


def _use(park: Park, column: str, share: float, lang: Lang) -> str:
    kind, key = column.split(":", 1)
    if share < 0:
        return t("best.spares", lang, name=component_name(park, key, lang))
    if kind == "feed":
        return t("best.fuel", lang, name=component_name(park, key.split(".")[0], lang))
    return t("best.taken", lang, name=component_name(park, key, lang))


def header_name(park: Park, header: str, lang: Lang) -> str:
    """Material and place of a header."""
    found = park.headers[header]
    material = material_name(park, found.material.id, lang)
    if len(park.sites) < 2:
        return material
    return t("best.at", lang, site=site_name(park, found.site, lang), material=material)


def _losses(park: Park, o: Optimum, lang: Lang) -> Section | None:
    loads = {key: (rule, best) for key, rule, best in o.loads}
    lines = []
    for loss in o.losses:
        first = component_name(park, loss.first, lang)
        gain = fmt(loss.gain, f"{o.unit}/a", lang)
        if loss.then:
            header = header_name(park, loss.header, lang)
            then = component_name(park, loss.then, lang)
            lines.append(t("best.exchange", lang, header=header, first=first, then=then, gain=gain))
        else:
            rule, best = (fmt(x, "ratio", lang) for x in loads.get(loss.first, (0.0, 0.0)))
            lines.append(t("best.single", lang, first=first, rule=rule, best=best, gain=gain))
    return Section(title=t("best.losses", lang), lines=tuple(lines)) if lines else None


def _skipped(park: Park, o: Optimum, lang: Lang) -> Section | None:
    lines = []
    for s in o.skipped:
        name = limit_name(park, f"{s.policy}/{s.subject}", lang)
        values = {"value": fmt(s.value, s.unit, lang), "limit": fmt(s.limit, s.unit, lang)}
        lines.append(f"{s.policy}  " + t("best.skipped_line", lang, name=name, **values))
    return Section(title=t("best.skipped", lang), lines=tuple(lines)) if lines else None


# -- repairs ----------------------------------------------------------------------------------


def repair_page(park: Park, error: ImpossibleError | NoUse, lang: Lang) -> Page:
    """What would make an impossible park possible."""
    lines = [_short_of(park, r, lang) for r in error.alone if r.kind == "obligation"]
    if error.alone:
        lines += [t("best.alone", lang), *_listed(park, error.alone, lang)]
    elif error.together:
        lines += [t("best.together", lang), *_listed(park, error.together, lang)]
    else:
        lines += [t("best.never", lang)]
    section = Section(title=t("best.impossible", lang), lines=tuple(lines))
    return Page(title=park_name(park, lang), sections=(section,))


def _short_of(park: Park, repair: Repaired, lang: Lang) -> str:
    """What the park cannot deliver, in plain words."""
    name = header_name(park, park.obligations[repair.key].header, lang)
    return t("best.short_of", lang, name=name, amount=fmt(repair.amount, repair.unit, lang))


def _listed(park: Park, repairs: Sequence[Repaired], lang: Lang) -> list[str]:
    return [f"{i}. {repair_text(park, r, lang)}" for i, r in enumerate(repairs, 1)]


def repair_text(park: Park, repair: Repaired, lang: Lang) -> str:
    """One repair with its cost where it has one."""
    if repair.kind == "limit":
        name = limit_name(park, repair.key, lang)
    elif repair.kind in ("supply", "outlet"):
        name = header_name(park, repair.key, lang)
    else:
        name = component_name(park, repair.key, lang)
    shown = display_unit(repair.amount, repair.unit, lang)
    text = t(
        f"best.repair_{repair.kind}",
        lang,
        name=name,
        trains=repair.trains,
        amount=with_unit(number(repair.amount * shown.factor), shown.label),
        share=fmt(repair.share, "ratio", lang),
    )
    if not math.isnan(repair.cost_cny):
        text += t("best.costs", lang, cost=fmt(repair.cost_cny, "CNY", lang))
    return text
