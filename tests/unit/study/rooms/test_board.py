"""Shocks, what a team hands in, and the board: by hand on schemes of a shipped park."""

from __future__ import annotations

import pytest

from chainsim.report.i18n import catalogue
from chainsim.report.room_page import (
    Glance,
    board_chart,
    board_grid,
    code_picture,
    debrief_tables,
    moves_grid,
    scheme_section,
    time_left,
)
from chainsim.study.levers import Scheme, definitions, levers
from chainsim.study.rooms.board import MEASURES, Submission, figures_of, latest, moves
from chainsim.study.rooms.rooms import Room, Team
from chainsim.study.rooms.shocks import held_levers, offered, shocks, under
from chainsim.study.schemes import scheme_data, scheme_result

BASE = "xinzhou-base"
SCHEME = Scheme(base=BASE)


def lever(name: str):
    return next(x for x in levers(BASE) if x.id == name)


def submission(team: int, scheme: Scheme, *, at: float = 0.0, round_: int = 1) -> Submission:
    figures, failed = figures_of(scheme_result(scheme))
    return Submission(
        team=team, round=round_, at=at, scheme=scheme_data(scheme), figures=figures, failed=failed
    )


def room(**changed: object) -> Room:
    usual = {
        "code": "7K3Q", "title": "x", "base": BASE, "created": 0.0, "state": "open", "round": 1,
        "shock": "none", "deadline": None, "anonymous": False, "spotlight": None,
        "ordered": MEASURES[0],
    }  # fmt: skip
    return Room(**{**usual, **changed})  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def handed_in() -> tuple[Submission, ...]:
    less_lng = SCHEME.with_value(lever("lng"), 0.0)
    more = SCHEME.with_value(lever("carbon_price"), 200.0)
    return (submission(2, SCHEME), submission(1, less_lng, at=1.0), submission(2, more, at=2.0))


@pytest.fixture(scope="module")
def glance(handed_in) -> Glance:
    teams = (Team(id=1, name="红", work={}), Team(id=2, name="蓝", work={}))
    return Glance(room=room(), teams=teams, handed_in=handed_in)


def test_every_shock_names_levers_and_has_its_texts():
    assert set(shocks()) == {
        k.removeprefix("shock.") for k in catalogue() if k.startswith("shock.")
    }
    for held in shocks().values():
        assert set(held) <= set(definitions())
    assert set(offered(BASE)) == set(shocks())
    assert "coal_up" not in offered("investor-lng")


def test_a_shock_holds_its_levers_and_lets_them_go():
    own = SCHEME.with_value(lever("lng"), 3.0).with_value(lever("coal_price"), 80.0)
    struck = under(own, "coal_up")
    assert dict(struck.values) == {"lng": 3.0, "coal_price": 130.0}
    assert held_levers("coal_up") == {"coal_price"}
    after = under(struck, "carbon_price", "coal_up")
    assert dict(after.values) == {"lng": 3.0, "carbon_price": 200.0}
    assert dict(under(after, "none", "carbon_price").values) == {"lng": 3.0}


def test_a_shock_stays_within_the_range_of_its_lever():
    low = lever("oven_load").low
    assert low <= dict(under(SCHEME, "output_cut").values)["oven_load"] <= 100.0


def test_figures_are_those_of_the_run():
    result = scheme_result(SCHEME)
    figures, failed = figures_of(result)
    assert figures["value.added_cny"] == result.kpi("value.added_cny")
    assert set(failed) == set(result.policy.loc[result.policy["verdict"] == "fail", "id"])


def test_the_last_of_each_team_counts(handed_in):
    found = latest(handed_in, 1)
    assert {team: s.at for team, s in found.items()} == {2: 2.0, 1: 1.0}
    assert latest(handed_in, 2) == {}


def test_moves_are_counted_over_all_teams(handed_in):
    frame = moves(BASE, list(latest(handed_in, 1).values())).set_index("lever")
    base = lever("lng").base
    assert frame.loc["lng"].tolist() == [1, 0.0, base / 2, base, base]
    assert frame.loc["carbon_price"].tolist() == [1, 0.0, 100.0, 200.0, 0.0]
    assert len(frame) == 2


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_board_stands_in_the_order_chosen(glance: Glance, lang):
    base = scheme_result(SCHEME)
    grid = board_grid(glance, base, lang)
    names = [row.cells[0] for row in grid.rows]
    values = {s.team: s.figures[MEASURES[0]] for s in glance.now()}
    best = max(values, key=lambda k: values[k])
    assert names[0] == glance.name(best, lang)
    assert names[-1] == catalogue()["room.start"][lang]
    assert grid.rows[-1].cells[-1] == str(len(figures_of(base)[1]))
    worst_first = Glance(
        room=room(ordered="carbon.total_t", anonymous=True),
        teams=glance.teams,
        handed_in=glance.handed_in,
    )
    carbon = [s.figures["carbon.total_t"] for s in worst_first.now()]
    assert carbon == sorted(carbon)
    assert "红" not in str(board_grid(worst_first, base, lang))
    assert board_chart(glance, base, lang) is not None
    assert len(moves_grid(glance, base, lang).rows) == 2


def test_what_is_taken_away_holds_every_submission(glance: Glance):
    base = scheme_result(SCHEME)
    figures, turned = debrief_tables(glance, base, "en").values()
    assert len(figures) == len(turned) == 3
    assert figures.iloc[0].to_dict()["Round"] == 1
    lng = next(c for c in turned.columns if c.startswith("LNG"))
    assert turned[lng].tolist()[1] == 0.0


def test_a_teams_scheme_is_told_in_words(glance: Glance):
    section = scheme_section("x", glance.handed_in[1], scheme_result(SCHEME), "en")
    assert "LNG" in section.lines[0]


def test_the_clock():
    assert time_left(None, 0.0) == ""
    assert [time_left(245.0, now) for now in (0.0, 240.0, 999.0)] == ["4:05", "0:05", "0:00"]


def test_a_code_is_a_picture():
    assert code_picture("http://127.0.0.1:8501/?room=7K3Q").startswith(b"\x89PNG")
