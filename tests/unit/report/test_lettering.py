"""Texts in pictures: widths, line ends, nothing lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chainsim.report.lettering import shortened, text_px, wrapped


def test_lines_end_between_words_and_after_hyphens() -> None:
    assert wrapped("Methanol from coke-oven gas", 92, 3) == ("Methanol", "from coke-", "oven gas")


def test_a_bracket_stays_whole_where_it_fits() -> None:
    assert wrapped("\u7126\u7089\uff08\u56db\u5ea7\uff09", 60, 3) == (
        "\u7126\u7089",
        "\uff08\u56db\u5ea7\uff09",
    )
    assert wrapped("pitch (QI removal)", 92, 3) == ("pitch", "(QI removal)")


def test_what_is_left_over_is_cut() -> None:
    assert wrapped("one two three four", 40, 2) == ("one", "two\u2026")
    assert shortened("abcdef", text_px("abc\u2026")) == "abc\u2026"


@given(st.text("ab c-\u4e2d\uff08\uff09()", max_size=40), st.floats(20, 200))
def test_nothing_is_lost_with_lines_enough(text: str, room: float) -> None:
    lines = wrapped(text, room, 99)
    assert "".join("".join(lines).split()) == "".join(text.split())
