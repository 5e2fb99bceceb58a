"""The table of the evaluation as a scenario's assessment edits it: lines, weights, presets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chainsim.library.facts_records import AssessmentRecord, IndicatorEditRecord
from chainsim.library.model import Evaluation, Indicator, Library, Preset


def assessed(library: Library, record: AssessmentRecord) -> Library:
    """`library` with the evaluation's lines and weights that the assessment gives.

    Names it does not know are left for the facts to tell of.
    """
    table = library.evaluation
    if not record.indicators and not record.presets:
        return library
    indicators = {
        key: _edited(indicator, record.indicators[key]) if key in record.indicators else indicator
        for key, indicator in table.indicators.items()
    }
    own = {
        key: Preset(id=key, name_zh=key, name_en=key, weights=dict(weights))
        for key, weights in record.presets.items()
    }
    edited = Evaluation(
        dimensions=table.dimensions, indicators=indicators, presets={**table.presets, **own}
    )
    return replace(library, evaluation=edited)


def _edited(indicator: Indicator, given: IndicatorEditRecord) -> Indicator:
    """`indicator` with what is given; `none` takes a line away."""
    given_ = given.model_dump(exclude_none=True)
    changes: dict[str, Any] = {k: None if v == "none" else v for k, v in given_.items()}
    return replace(indicator, **changes)
