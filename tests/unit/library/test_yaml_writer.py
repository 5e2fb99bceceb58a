"""What the writer writes, the loader reads back."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainsim.library.yaml_loader import parse_yaml
from chainsim.library.yaml_writer import to_yaml

keys = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
text = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=12)
values = st.one_of(
    st.booleans(), st.integers(-(10**6), 10**6), st.floats(-1e6, 1e6), text, st.none()
)
data = st.dictionaries(
    keys,
    st.recursive(
        values,
        lambda x: st.lists(x, max_size=3) | st.dictionaries(keys, x, max_size=3),
        max_leaves=8,
    ),
    min_size=1,
    max_size=5,
)


@given(data)
def test_round_trip(content: dict[str, object]) -> None:
    assert parse_yaml(to_yaml(content), file="x.yaml").data == content


def test_order_and_characters_are_kept() -> None:
    assert to_yaml({"b": "焦炭", "a": [1, 2]}) == "b: 焦炭\na:\n- 1\n- 2\n"


def test_dates_become_text() -> None:
    assert to_yaml({"start": dt.date(2025, 1, 1)}) == "start: '2025-01-01'\n"


def test_nothing_is_written_as_an_alias() -> None:
    shared = {"x": 1}
    assert "&" not in to_yaml({"a": shared, "b": shared})


@pytest.mark.parametrize("text", ["08", "-08.50", "1e5", "0o17", "+.5", "12:30", "1_000"])
def test_text_that_looks_like_a_number_stays_text(text: str) -> None:
    written = to_yaml({"key": text})
    assert written == f"key: '{text}'\n"
    assert parse_yaml(written, file="x.yaml").data == {"key": text}


def test_amounts_are_not_quoted() -> None:
    assert to_yaml({"capacity": "110 万t/a"}) == "capacity: 110 万t/a\n"
