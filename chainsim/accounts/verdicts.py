"""From a measured value and a clause to a verdict row. Margin is positive inside the limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from chainsim.accounts.conventions import catalogue
from chainsim.library.model import Policy

Verdict = Literal["pass", "fail", "warn", "cannot_judge", "report"]
CITY: Final = "city"
_EXACT: Final = 1e-9
"""Relative slack for rounding of sums; no tolerance of the clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a check found for one subject.

    Attributes:
        subject: `city`, or the id of a site, enterprise or unit, or a county's name.
        value: in the clause's unit; None when it cannot be judged.
        band: uncertainty of the value in the same unit.
        limit: replaces the clause's limit where it follows from other figures.
        derived: `limit` was made from the clause's own limit.
        failed: forces a failure that the numbers alone do not show.
        assumed: the value rests on an assumption about what is judged: a pass only warns.
        nothing: there is no subject the clause could bite on: it is only listed.
        unlimited: the clause's own limit does not stand in for one that is missing.
        notes: note key -> parameters, see `policy_notes.toml`.
    """

    subject: str = CITY
    value: float | None = None
    band: float = 0.0
    limit: float | None = None
    derived: bool = False
    failed: bool = False
    assumed: bool = False
    nothing: bool = False
    unlimited: bool = False
    notes: Mapping[str, Mapping[str, object]] = field(default_factory=dict)

    def noting(self, key: str, parameters: Mapping[str, object]) -> Measured:
        """The same with one more note."""
        return replace(self, notes={**self.notes, key: parameters})


def missing(subject: str, *paths: str) -> Measured:
    """A subject that cannot be judged for want of what stands at `paths` of the scenario."""
    return Measured(subject=subject, notes={"missing": {"what": ",".join(paths)}})


def policy_row(policy: Policy, found: Measured, *, edited: bool = False) -> dict[str, Any]:
    """One row of the policy table (`results.POLICY_COLUMNS`).

    Args:
        policy: the clause.
        found: what its check found.
        edited: the clause's limit is the scenario's own and wins over that of a standard.
    """
    own = found.limit is None and not found.unlimited
    limit = policy.limit if own or (edited and not found.derived) else found.limit
    verdict, away, notes = _verdict(policy, found, limit)
    return {
        "id": policy.id,
        "level": policy.level,
        "subject": found.subject,
        "value": (found.value or 0.0) + 0.0,
        "limit": limit or 0.0,
        "comparison": policy.comparison,
        "margin": away + 0.0,
        "unit": policy.unit,
        "verdict": verdict,
        "band": found.band,
        "note": packed(notes),
    }


def _verdict(
    policy: Policy, found: Measured, limit: float | None
) -> tuple[Verdict, float, dict[str, Mapping[str, object]]]:
    """Verdict, margin and notes of one measured value."""
    notes = dict(found.notes)
    if found.nothing:
        return "report", 0.0, notes or {"no_subject": {}}
    if found.value is None:
        return "cannot_judge", 0.0, notes or {"no_data": {}}
    if policy.comparison == "report":
        return "report", 0.0, notes
    if limit is None:
        return "cannot_judge", 0.0, notes or {"no_limit": {}}
    away = margin(found.value, limit, policy.comparison)
    touching = policy.comparison == "<" and away <= 0.0
    verdict = judge(
        away,
        found.band,
        limit,
        soft=policy.soft,
        failed=found.failed or (touching and not found.band),
    )
    if verdict == "warn" and abs(away) < found.band:
        notes.setdefault("inside_band", {})
    if verdict == "pass" and found.assumed:
        verdict = "warn"
    return verdict, away, notes


def margin(value: float, limit: float, comparison: str) -> float:
    """Distance to the limit; positive inside.

    >>> margin(108.0, 110.0, "<=")
    2.0
    """
    if comparison == ">=":
        return value - limit
    if comparison == "==":
        return 0.0 - abs(value - limit)
    return limit - value


def judge(
    away: float, band: float, limit: float, *, soft: bool = False, failed: bool = False
) -> Verdict:
    """Pass, fail or warn: inside the band nothing is certain; a soft clause only warns.

    A difference of rounding size counts as on the limit, which is inside.
    """
    if failed:
        return "warn" if soft else "fail"
    if band > 0.0 and abs(away) < band:
        return "warn"
    if away >= -_EXACT * max(1.0, abs(limit)):
        return "pass"
    return "warn" if soft else "fail"


def packed(notes: Mapping[str, Mapping[str, object]]) -> str:
    """Notes as text: `key name=value name=value; key …`, readable and translatable."""
    parts = []
    for key, parameters in notes.items():
        given = (f"{name}={_shown(value)}" for name, value in parameters.items())
        parts.append(" ".join([key, *given]))
    return "; ".join(parts)


def _shown(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text.replace(";", ",").replace(" ", "_")


def note_text(note: str, lang: str) -> str:
    """A note of the policy table as sentences in `lang` (`zh` or `en`)."""
    sentences = []
    for part in note.split("; "):
        key, *pairs = part.split(" ")
        entry = catalogue("policy_notes.toml").get(key)
        if entry is None:
            continue
        values = dict(pair.split("=", 1) for pair in pairs)
        sentences.append(str(entry[lang]).format_map(values))
    return ("" if lang == "zh" else " ").join(sentences)
