"""What a candidate file offers, in words: candidates, limits, clauses, objectives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chainsim.errors import Lang
from chainsim.library.candidate_files import CandidateFile, shipped_candidates
from chainsim.park.model import Park
from chainsim.report.i18n import known
from chainsim.report.layout_page import candidate_name
from chainsim.report.names import plain, policy_name, site_name
from chainsim.study.aim import TOTALS, UNIT_ENERGY
from chainsim.study.cache import shipped_park
from chainsim.study.layout.asking import read_candidates
from chainsim.units import convert, split_quantity

OBJECTIVES: Final = ("fnpv", "value_added", "energy_b", "carbon", "jobs")
"""Objectives a page offers beside the file's own."""
TRADES: Final = ("energy_a", "energy_b", "carbon", "water", "capex")
"""Measures a page offers to trade the objective against."""


def file_names(lang: Lang) -> dict[str, str]:
    """Id -> name of the candidate files that are shipped."""
    files = {key: read_candidates(key) for key in shipped_candidates()}
    return {key: file_name(file, lang) for key, file in files.items()}


def file_name(file: CandidateFile, lang: Lang) -> str:
    """Name of a candidate file."""
    return plain(file.record.name_zh if lang == "zh" else file.record.name_en)


def file_story(file: CandidateFile, lang: Lang) -> str:
    """Its story."""
    return plain(file.record.story_zh if lang == "zh" else file.record.story_en)


def candidate_names(file: CandidateFile, lang: Lang) -> dict[str, str]:
    """Candidate -> its name; its id where the file gives none."""
    return {key: candidate_name(file, key, lang) or key for key in file.record.candidates}


def measure_names(keys: tuple[str, ...], lang: Lang) -> dict[str, str]:
    """Measure or weighed objective -> its name."""
    return {key: known(f"measure.{key}", lang, key) for key in keys}


def limit_names(file: CandidateFile, lang: Lang) -> dict[str, str]:
    """Limit of the file -> measure, place, bounds."""
    park = shipped_park(str(file.base))
    return {key: _limit(file, park, key, lang) for key in file.record.limits}


def _limit(file: CandidateFile, park: Park, key: str, lang: Lang) -> str:
    limit = file.record.limits[key]
    place = site_name(park, limit.site, lang) if limit.site else limit.county or limit.owner or ""
    bounds = [
        f"{sign} {amount}"
        for sign, amount in (("≤", limit.at_most), ("≥", limit.at_least))
        if amount is not None
    ]
    measure = known(f"measure.{limit.measure}", lang, limit.measure)
    return plain(" ".join(x for x in (place, measure, *bounds) if x))


def clause_names(file: CandidateFile, lang: Lang) -> Mapping[str, str]:
    """Clauses that a layout can be held to."""
    park = shipped_park(str(file.base))
    checks = {*TOTALS, UNIT_ENERGY}
    return {
        key: f"{key} {policy_name(park, key, lang)}"
        for key, policy in park.library.policies.items()
        if policy.check in checks
    }


def budget_yi(file: CandidateFile) -> float | None:
    """The file's budget in 100 million CNY; None without one."""
    budget = file.record.budget
    if budget is None:
        return None
    number, unit = split_quantity(budget) if isinstance(budget, str) else (float(budget), "CNY")
    return round(convert(number, unit or "CNY", "yi_CNY"), 6)
