"""Every code is in use, has a text in both languages, and stands in the documentation."""

from __future__ import annotations

import pytest

from chainsim.errors import Problem, message_catalogue
from chainsim.library.validate import _TYPES
from tests.messages.catalogue import (
    CODE,
    FAMILIES,
    PAGE,
    catalogue,
    page,
    placeholders,
    used_codes,
)

ENTRIES = catalogue()


def test_every_used_code_has_a_text() -> None:
    missing = {code: where for code, where in used_codes().items() if code not in ENTRIES}
    assert missing == {}


def test_every_text_is_used() -> None:
    assert sorted(set(ENTRIES) - set(used_codes())) == []


def test_nothing_else_stands_in_the_catalogue() -> None:
    assert set(message_catalogue()) - set(ENTRIES) == {"labels", "words"}
    assert {code[3] for code in ENTRIES} <= set(FAMILIES)


@pytest.mark.parametrize("code", sorted(ENTRIES))
def test_both_languages(code: str) -> None:
    entry = ENTRIES[code]
    assert set(entry) <= {"zh", "en", "hint_zh", "hint_en"}
    assert entry["zh"].strip()
    assert entry["en"].strip()
    assert ("hint_zh" in entry) == ("hint_en" in entry)
    assert placeholders(entry["zh"]) == placeholders(entry["en"])
    assert placeholders(entry.get("hint_zh", "")) == placeholders(entry.get("hint_en", ""))


@pytest.mark.parametrize("code", sorted(ENTRIES))
def test_text_can_be_filled(code: str) -> None:
    names = set().union(*(placeholders(text) for text in ENTRIES[code].values()))
    problem = Problem(code=code, file="f", line=1, params=dict.fromkeys(names, "X"))
    for lang in ("zh", "en"):
        assert problem.text(lang).startswith("f:1:1  ")
        assert "{" not in problem.text(lang).replace("{key", "")


def test_the_page_lists_every_code() -> None:
    hint = "docs/problems.md is out of date: python -m tests.messages.regenerate"
    assert PAGE.is_file(), hint
    assert set(CODE.findall(PAGE.read_text("utf-8"))) == set(ENTRIES), hint
    assert PAGE.read_text("utf-8") == page(), hint


def test_a_code_without_text_is_found(tmp_path) -> None:
    module = tmp_path / "chainsim" / "a.py"
    module.parent.mkdir()
    invented = "CS-" + "Z999"
    module.write_text(f"code = '{invented}'\n")
    assert used_codes(tmp_path) == {invented: ["chainsim/a.py"]}


def test_kinds_of_values_are_told_in_the_language_of_the_message() -> None:
    problem = Problem(code="CS-V003", found="x", expected="number | integer | null")
    assert "应为 数 | 整数 | null" in problem.text("zh")
    assert "expected number | integer | null" in problem.text("en")


def test_every_word_of_a_kind_of_value_has_its_chinese() -> None:
    words = {w for written in _TYPES.values() for w in written.split(" | ") if w.isalpha()}
    assert words - {"true", "false", "null"} <= set(message_catalogue()["words"])
