"""Levers as a reader of a language meets them: name, range and help in that reader's units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chainsim import units
from chainsim.errors import Lang
from chainsim.report.i18n import t
from chainsim.report.names import component_name
from chainsim.report.numbers import trimmed, unit_label, with_unit
from chainsim.study.levers import PERCENT, Lever, Scheme, definitions, levers
from chainsim.study.result import RunResult

_NAMED: Final = 4
_DIGITS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class LeverView:
    """A lever for a slider; all numbers in the shown unit."""

    lever: Lever
    name: str
    unit: str
    help: str
    low: float
    high: float
    step: float
    base: float
    value: float
    factor: float

    @property
    def changed(self) -> bool:
        """Whether it stands elsewhere than in the base scenario."""
        return abs(self.value - self.base) > self.step * 1e-6

    def moved(self, scheme: Scheme, shown: float) -> Scheme:
        """The scheme with this lever at a shown value."""
        return scheme.with_value(self.lever, shown / self.factor)


def lever_views(scheme: Scheme, result: RunResult, lang: Lang) -> tuple[LeverView, ...]:
    """The levers of a scheme as they stand; `result` is its base's, for names."""
    values = dict(scheme.values)
    return tuple(
        _view(lever, values.get(lever.id, lever.base), result, lang)
        for lever in levers(scheme.base)
    )


def _view(lever: Lever, value: float, result: RunResult, lang: Lang) -> LeverView:
    unit, factor = lever.unit, 1.0
    english = definitions()[lever.id].get("unit_en")
    if lang == "en" and english:
        unit, factor = str(english), units.factor(unit, str(english))
    label = "%" if unit == PERCENT else unit_label(unit, lang)
    shown = [round(x * factor, _DIGITS) for x in (lever.low, lever.high, lever.step, lever.base)]
    return LeverView(
        lever=lever,
        name=t(f"lever.{lever.id}", lang),
        unit=label,
        help=_help(lever, with_unit(trimmed(shown[3], _DIGITS), label), result, lang),
        low=shown[0],
        high=shown[1],
        step=shown[2],
        base=shown[3],
        value=round(value * factor, _DIGITS),
        factor=factor,
    )


def _help(lever: Lever, base: str, result: RunResult, lang: Lang) -> str:
    """What the lever turns, where the base stands, which plants it means."""
    text = t(f"lever_help.{lever.id}", lang)
    names = [component_name(result.park, part, lang) for part in lever.parts]
    known = [n for n, part in zip(names, lever.parts, strict=True) if n != part]
    parts = t("words.comma", lang).join(known[:_NAMED])
    if len(known) > _NAMED:
        parts = t("lever.and_more", lang, names=parts, count=len(known))
    end = t("lever.base", lang, base=base)
    return " ".join(x for x in (text, end, t("lever.turns", lang, names=parts) if parts else "")
                    if x)  # fmt: skip


def changes(scheme: Scheme, result: RunResult, lang: Lang) -> tuple[str, ...]:
    """What was changed against the base scenario, `name: base → value`."""
    return tuple(
        f"{v.name}: {trimmed(v.base, _DIGITS)} → {with_unit(trimmed(v.value, _DIGITS), v.unit)}"
        for v in lever_views(scheme, result, lang)
        if v.changed
    )
