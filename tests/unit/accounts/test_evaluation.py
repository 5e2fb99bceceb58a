"""Evaluation of enterprises: lines, vetoes, tiers, shares between least and most, presets."""

from __future__ import annotations

from typing import Any

import pytest

from chainsim.accounts.evaluation import Rating, rate
from chainsim.accounts.scores import score, total_score
from chainsim.errors import UserError
from tests.city import case_of, city, ran

PERMITS = dict.fromkeys(
    ("capacity_swap", "filing", "discharge_permit", "environment", "energy_review"), True
)
CLEAN = {"pm": 5, "so2": 20, "nox": 90}
GOOD = {
    "permits": PERMITS,
    "metering": True,
    "online_monitoring": True,
    "energy_management": True,
    "research": 1e9,
    "safety_class": 1,
    "months_without_accident": 60,
}


def rated(facts: dict[str, Any] | None = None) -> Rating:
    case = case_of(*ran({"facts": facts} if facts else None))
    return rate(case.park, case.view)


def known(**enterprises: dict[str, Any]) -> dict[str, Any]:
    units = {key: {"measured": CLEAN, "grid_share": 1.0} for key in ("old", "new", "bat", "turb")}
    return {"enterprises": enterprises, "units": units}


def test_scores_between_the_lines() -> None:
    assert score(110.0, 110.0, 90.0, up=False) == 60.0
    assert score(111.0, 110.0, 90.0, up=False) == 0.0
    assert score(90.0, 110.0, 90.0, up=False) == 100.0
    assert score(100.0, 100.0, 100.0, up=True) == 100.0
    assert score(5.0, 3.0, None, up=True) == 60.0
    assert score(0.0, None, 2.0, up=False) == 100.0


def test_a_survival_line_that_is_missed_is_the_lowest_tier() -> None:
    rating = rated()
    east = next(r for r in rating.rated if r.enterprise == "east")
    assert east.tier == "T0"  # more than 110 kgce/t
    assert east.past_survival is False
    assert rating.survival_share() == (0.0, 0.0)


def test_what_is_not_known_leaves_the_share_open() -> None:
    easy = {"coke_energy": 400.0, "energy_per_value": 50.0, "dry_quench": 0.0}
    case = case_of(*ran())
    table = case.park.library.evaluation
    from dataclasses import replace

    indicators = {
        k: replace(i, survival=easy[k], development=None) if k in easy else i
        for k, i in table.indicators.items()
    }
    library = replace(case.park.library, evaluation=replace(table, indicators=indicators))
    park = replace(case.park, library=library)
    rating = rate(park, case_of(*ran()).view)
    assert [r.past_survival for r in rating.rated] == [None, None]
    assert rating.survival_share() == (0.0, 1.0)
    east = rating.rated[0]
    assert "facts.units.bat.measured" in east.lacking
    assert not east.certain


def test_a_published_tier_wins() -> None:
    rating = rated({"enterprises": {"east": {"tier": "T3"}, "west": {"tier": "T1"}}})
    assert [r.tier for r in rating.rated] == ["T3", "T1"]
    assert rating.survival_share() == (1.0, 1.0)
    assert rating.development_share() == (0.5, 0.5)
    by_output = rating.development_share(by_output=True)[0]
    assert by_output == pytest.approx(110 / 170, abs=0.01)


def test_the_ranking_may_depend_on_the_weights() -> None:
    marks = rated(known(east=GOOD, west={**GOOD, "permits": {**PERMITS, "filing": False}}))
    assert set(marks.rankings) == {"equal", "energy_emission", "chain_first"}
    assert marks.depends_on_preset == (len(set(marks.rankings.values())) > 1)


def test_unknown_indicators_are_left_out_of_the_score() -> None:
    rating = rated()
    east = rating.rated[0]
    presets = case_of(*ran()).park.library.evaluation.presets
    assert east.known_share < 1.0
    own = total_score(east.marks, presets["equal"].weights)
    assert own == pytest.approx(east.scores["equal"])
    assert total_score((), presets["equal"].weights) is None


def test_shares_of_the_city_in_the_policy_table() -> None:
    extra = {"facts": {"enterprises": {"east": {"tier": "T3"}, "west": {"tier": "T1"}}}}
    extra["assessment"] = {"mode": "target_2025"}
    _, books = ran(extra)
    found = books.policy.set_index("id")
    assert found.loc["q16a", "verdict"] == "pass"
    assert found.loc["q16b", "value"] == pytest.approx(50.0)
    assert found.loc["q24", "value"] == 6.0


def test_every_missing_fact_is_named_by_itself() -> None:
    east = next(r for r in rated().rated if r.enterprise == "east")
    assert "facts.enterprises.east.permits.filing" in east.lacking
    assert not any("," in path for path in east.lacking)


def test_the_assessment_edits_lines_and_weights() -> None:
    """Easy lines lift an enterprise; a preset of one's own counts what it names and nothing else."""
    easy = {"survival": 400.0, "development": "none"}
    extra = {
        "assessment": {
            "indicators": {"coke_energy": easy, "energy_per_value": {"survival": "none"}},
            "presets": {"energy_only": {"energy": 1}},
            "weights": "energy_only",
        }
    }
    park = city(extra)
    _, books = ran()
    rating = rate(park, case_of(park, books).view)
    assert rating.preset == "energy_only"
    assert set(rating.rankings) == {"equal", "energy_emission", "chain_first", "energy_only"}
    east = next(r for r in rating.rated if r.enterprise == "east")
    marks = {m.indicator.id: m for m in east.marks}
    assert (marks["coke_energy"].survival, marks["coke_energy"].score) == (True, 60.0)
    assert marks["energy_per_value"].indicator.survival is None
    of_energy = [m for m in east.marks if m.indicator.dimension == "energy"]
    assert east.scores["energy_only"] == total_score(of_energy, {"energy": 1.0})


@pytest.mark.parametrize(
    ("assessment", "path"),
    [
        ({"weights": "eqal"}, "assessment.weights"),
        ({"indicators": {"coke_enrgy": {"survival": 1}}}, "assessment.indicators.coke_enrgy"),
        ({"presets": {"own": {"enrgy": 1}}}, "assessment.presets.own.enrgy"),
    ],
)
def test_names_the_evaluation_does_not_have(assessment: dict[str, Any], path: str) -> None:
    with pytest.raises(UserError) as told:
        city({"assessment": assessment})
    (problem,) = told.value.problems
    assert problem.path == path
    assert problem.hint
