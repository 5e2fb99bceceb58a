"""The page of a layout search: what to build, what it brings, alternatives, fronts, the test."""

from __future__ import annotations

from chainsim.errors import Lang
from chainsim.library.candidate_files import CandidateFile
from chainsim.park.model import Park
from chainsim.report.best_page import aim_text
from chainsim.report.document import Grid, Page, Row, Section
from chainsim.report.i18n import known, listed, t
from chainsim.report.names import component_name, plain, policy_name, site_name, subject_name
from chainsim.report.numbers import fmt, number, signed, unit_label
from chainsim.study.layout.asking import NoLayout
from chainsim.study.layout.hindrances import Hindrance, NoLayoutError
from chainsim.study.layout.layouts import Built, Layout
from chainsim.study.layout.tuning import INDIFFERENCE, Tried
from chainsim.study.layout.verify import LIMIT, Verified
from chainsim.study.optimise import Optimised


def layout_page(found: Optimised, lang: Lang) -> Page:
    """Everything found."""
    sections = [
        plan_section(found, found.layouts[0], lang),
        brings_section(found, found.layouts[0], lang),
        limits_section(found, lang),
        others_section(found, lang),
        *(front_section(found, measure, lang) for measure in found.fronts),
        tested_section(found, lang),
        tuned_section(found, lang),
        effort_section(found, lang),
    ]
    record = found.file.record
    return Page(
        title=plain(record.name_zh if lang == "zh" else record.name_en),
        lead=plain(record.story_zh if lang == "zh" else record.story_en),
        sections=tuple(s for s in sections if s is not None),
    )


def layout_name(name: str, lang: Lang) -> str:
    """`best`, `alternative-2`, `front-3` in words."""
    kind, _, number = name.partition("-")
    return t(f"layout.{kind}", lang, number=number)


def worth(found: Optimised, value: float) -> float:
    """A difference in the objective; of what had better be less, as much less."""
    weights = list(found.weights.values())
    return -value if len(weights) == 1 and weights[0] < 0.0 else value


def worth_text(found: Optimised, value: float, lang: Lang) -> str:
    """The same as text."""
    return signed(worth(found, value), found.unit, lang)


def plan_section(found: Optimised, layout: Layout, lang: Lang) -> Section:
    """What a layout builds, where, how large and when."""
    headers = tuple(t(f"layout.{k}", lang) for k in ("what", "where", "size", "year", "capex"))
    rows = [Row(_built(found, b, lang)) for b in layout.built]
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset({2, 4}), wide=frozenset({0}))
    title = t("layout.plan", lang, aim=aim_text(found.weights, lang))
    lines = (t("layout.nothing", lang),) if not rows else ()
    return Section(title=title, grid=grid if rows else None, lines=lines)


def _built(found: Optimised, b: Built, lang: Lang) -> tuple[str, ...]:
    named = candidate_name(found.file, b.candidate, lang)
    return (
        named or component_name(found.park, b.component, lang),
        site_name(found.park, b.site, lang) if b.site else "",
        size_text(found, b, lang),
        str(b.year),
        fmt(b.capex_cny, "CNY", lang) if b.capex_cny else t("words.nothing", lang),
    )


def candidate_name(file: CandidateFile, key: str, lang: Lang) -> str:
    """A candidate as its file names it; empty where it does not."""
    candidate = file.record.candidates[key]
    return plain((candidate.name_zh if lang == "zh" else candidate.name_en) or "")


def size_text(found: Optimised, b: Built, lang: Lang) -> str:
    """Capacity of what is built, in units of its reference port."""
    unit = found.park.units.get(b.component)
    if unit is None:
        link = found.park.links[b.component]
        return fmt(link.capacity * b.size, f"{link.material.unit}/h", lang)
    port = next((p for p in unit.ports if p.name == unit.reference), None)
    if port is None:
        return number(unit.nameplate_per_h * b.size)
    label = port.material.unit
    if label == "kNm3":
        return fmt(unit.nameplate_per_h * b.size, "kNm3", lang) + f"/{unit_label('h', lang)}"
    return fmt(unit.capacity_per_a * b.size, f"{label}/a", lang)


def brings_section(found: Optimised, layout: Layout, lang: Lang) -> Section:
    """What a layout adds and its measures."""
    rows = [
        Row((known(f"measure.{k}", lang, k), fmt(v, found.units[k], lang)))
        for k, v in layout.measures.items()
    ]
    grid = Grid(headers=("", t("layout.paper", lang)), rows=tuple(rows), numeric=frozenset({1}))
    key = "added" if found.standing_keeps else "added_free"
    lines = [t(f"layout.{key}", lang, value=worth_text(found, layout.value, lang))]
    if layout.status != "optimal":
        lines.append(t("layout.stopped", lang, gap=fmt(layout.gap, "ratio", lang)))
    return Section(title=t("layout.brings", lang), grid=grid, lines=tuple(lines))


def limits_section(found: Optimised, lang: Lang) -> Section:
    """What one more unit of each limit of the best layout is worth."""
    lines = []
    for key, price in found.layouts[0].prices.items():
        unit = unit_label(found.limit_units[key], lang)
        if found.limit_units[key] == "CNY" and not found.unit.startswith("CNY"):
            price, unit = price * 1e6, t("layout.million", lang)
        brings = worth_text(found, price, lang)
        name = limit_title(found.file, found.park, key, lang)
        lines.append(t("layout.price", lang, name=name, unit=unit, worth=brings))
    return Section(title=t("layout.prices", lang), lines=(*lines,) or (t("layout.free", lang),))


def limit_title(file: CandidateFile, park: Park, key: str, lang: Lang) -> str:
    """The budget, a limit of the file or a clause in words."""
    limit = file.record.limits.get(key)
    if limit is not None:
        return f"{known(f'measure.{limit.measure}', lang, limit.measure)} ({key})"
    if key == "budget":
        return t("layout.budget", lang)
    return policy_name(park, key, lang)


def others_section(found: Optimised, lang: Lang) -> Section | None:
    """Layouts that stand elsewhere."""
    best, others = found.layouts[0], found.layouts[1:]
    rows = []
    for layout in others:
        rows.append(
            Row(
                (
                    layout_name(layout.name, lang),
                    worth_text(found, layout.value, lang),
                    _names(found, layout.siting - best.siting, lang),
                    _names(found, best.siting - layout.siting, lang),
                )
            )
        )
    if not rows:
        return None
    headers = tuple(t(f"layout.{k}", lang) for k in ("name", "value", "instead", "without"))
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset({1}), wide=frozenset({2, 3}))
    tolerance = fmt(found.effort.tolerance, "ratio", lang)
    return Section(title=t("layout.others", lang, tolerance=tolerance), grid=grid)


def _names(found: Optimised, components: frozenset[str], lang: Lang) -> str:
    names = []
    for component in sorted(components):
        unit = found.park.units.get(component)
        name = component_name(found.park, component, lang)
        place = "" if unit is None else site_name(found.park, unit.site, lang)
        names.append(t("best.at", lang, site=place, material=name) if place else name)
    return listed(names, lang)


def front_section(found: Optimised, against: str, lang: Lang) -> Section:
    """A front, layout by layout, from the best to the one with least of the measure."""
    measures = against.split("+")
    rows = []
    for layout in found.fronts[against]:
        traded = (fmt(layout.measures[m], found.units[m], lang) for m in measures)
        value = worth_text(found, layout.value, lang)
        spent = fmt(layout.measures["capex"], "CNY", lang)
        rows.append(
            Row((layout_name(layout.name, lang), value, *traded, spent, str(len(layout.built))))
        )
    names = [known(f"measure.{m}", lang, m) for m in measures]
    shown = ("name", "value"), ("capex", "plants")
    headers = [tuple(t(f"layout.{k}", lang) for k in part) for part in shown]
    grid = Grid(
        headers=(*headers[0], *names, *headers[1]),
        rows=tuple(rows),
        numeric=frozenset(range(1, 4 + len(names))),
    )
    return Section(title=t("layout.trade", lang, measure=listed(names, lang)), grid=grid)


def tested_section(found: Optimised, lang: Lang) -> Section | None:
    """How the layouts did by the event engine."""
    if not found.verified:
        return None
    rows = [Row(_trial(found, v, lang)) for v in found.verified]
    shown = ("name", "paper", "simulated", "spread", "kept", "regret", "places")
    headers = tuple(t(f"layout.{k}", lang) for k in shown)
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset({1, 2, 4, 5}))
    lines = []
    for v in found.verified:
        for (policy, subject), count in v.broken:
            if policy == LIMIT:
                what = limit_title(found.file, found.park, subject, lang)
            else:
                named = subject_name(found.park, subject, lang)
                clause = policy_name(found.park, policy, lang)
                what = t("best.clause", lang, policy=clause, subject=named)
            name = layout_name(v.layout.name, lang)
            lines.append(t("layout.breaks", lang, name=name, what=what, count=count))
    if any(policy != LIMIT for v in found.verified for (policy, _), _ in v.broken):
        lines.append(t("layout.unheld", lang))
    title = t("layout.tested", lang, reps=found.effort.reps, seed=found.effort.seed)
    return Section(title=title, grid=grid, lines=tuple(lines))


def _trial(found: Optimised, v: Verified, lang: Lang) -> tuple[str, ...]:
    ends = [worth_text(found, x, lang) for x in (min(v.values), max(v.values))]
    return (
        layout_name(v.layout.name, lang),
        worth_text(found, v.paper, lang),
        worth_text(found, v.mean, lang),
        " … ".join(ends),
        fmt(v.kept, "ratio", lang),
        fmt(v.regret, found.unit, lang),
        f"{v.paper_rank} → {v.rank}",
    )


def tuned_section(found: Optimised, lang: Lang) -> Section | None:
    """How the winner's overhauls and buffers did in simulation."""
    if found.tuned is None:
        return None
    rows = [Row(_way(found, tried, lang)) for tried in found.tuned.tried]
    shown = ("overhauls", "buffers", "gain", "runs", "kept", "")
    headers = tuple(t(f"layout.{k}", lang) if k else "" for k in shown)
    grid = Grid(headers=headers, rows=tuple(rows), numeric=frozenset({1, 2, 3, 4}))
    winner = found.verified[0].layout if found.verified else found.layouts[0]
    title = t("layout.tuned", lang, name=layout_name(winner.name, lang))
    line = t("layout.tuned_note", lang, equal=fmt(INDIFFERENCE, "ratio", lang))
    return Section(title=title, grid=grid, lines=(line,))


def _way(found: Optimised, tried: Tried, lang: Lang) -> tuple[str, ...]:
    return (
        t(f"layout.plan_{tried.variant.plan}", lang),
        f"x {number(tried.variant.buffers)}",
        worth_text(found, tried.gain, lang),
        str(tried.reps),
        fmt(tried.kept, "ratio", lang),
        t("layout.chosen", lang) if tried.chosen else "",
    )


def hindrance_page(file: CandidateFile, error: NoLayoutError | NoLayout, lang: Lang) -> Page:
    """Which rules would have to give way before any layout is possible."""
    record = file.record
    found = error.alone or error.together
    key = "alone" if error.alone else "all_of" if found else "never"
    lines = [t(f"layout.{key}", lang)]
    for place, h in enumerate(found, 1):
        lines.append(f"{place}. {_hindrance(file, error, h, lang)}")
    section = Section(title=t("layout.impossible", lang), lines=tuple(lines))
    title = plain(record.name_zh if lang == "zh" else record.name_en)
    return Page(title=title, sections=(section,))


def _hindrance(
    file: CandidateFile, error: NoLayoutError | NoLayout, h: Hindrance, lang: Lang
) -> str:
    name = limit_title(file, error.park, h.key, lang) if h.kind == "limit" else h.key
    if h.kind == "required" and h.key in file.record.candidates:
        name = candidate_name(file, h.key, lang) or h.key
    amount = fmt(h.amount, h.unit, lang) if h.unit else ""
    share = fmt(h.share, "ratio", lang)
    return t(f"layout.give_{h.kind}", lang, name=name, amount=amount, share=share)


def effort_section(found: Optimised, lang: Lang) -> Section:
    """Size of the program and time taken."""
    columns, binaries, rows = found.size
    line = t(
        "layout.effort",
        lang,
        columns=f"{columns:,}",
        binaries=f"{binaries:,}",
        rows=f"{rows:,}",
        gap=fmt(found.effort.gap, "ratio", lang),
        reached=fmt(found.layouts[0].gap, "ratio", lang),
        limit=number(found.effort.time_limit_s),
        wall=number(found.wall_s),
        rate=fmt(found.rate, "ratio", lang),
    )
    return Section(title=t("page.cost", lang), lines=(line,))
