"""The catalogue is complete in both languages, and every text is used."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from chainsim.errors import InternalError
from chainsim.report.i18n import as_lang, catalogue, environment_lang, known, t
from tests.arch.law import ROOT

# Sections whose keys are ids of something else and are looked up by it.
BY_ID = (
    "shock",
    "series",
    "verdict",
    "subject",
    "engine",
    "ends",
    "headline",
    "help",
    "usage",
    "refused",
    "page",
    "library",
    "app",
    "mark",
    "level",
    "limits",
    "routes",
    "doctor",
    "rank",
    "mode",
    "mode_short",
    "order",
    "bays",
    "judged",
    "books",
    "column",
    "word",
    "cut",
    "evaluate",
    "replacement",
    "study",
    "nav",
    "home",
    "strip",
    "group",
    "lever",
    "lever_help",
    "view",
    "status",
    "unit",
    "account",
    "risk",
    "chance",
    "invest",
    "year",
    "event",
    "failure",
    "figures",
    "editor",
    "draft_field",
    "draft_word",
    "best",
    "measure",
    "layout",
    "errand",
    "odds",
    "compare",
    "optimise",
    "report",
    "source",
)
# Sections that are taken as a whole.
WHOLE = ("chrome", "chrome_starts")
# What the code puts before or behind an id.
AFFIXES = re.compile("^(head|repair|plan|give|file)_|_(text|go|short)$")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages(key: str) -> None:
    entry = catalogue()[key]
    assert set(entry) == {"zh", "en"}
    assert all(text.strip() for text in entry.values())
    assert placeholders(entry["zh"]) == placeholders(entry["en"])


def sources() -> str:
    files = [p for folder in ("chainsim", "app") for p in (ROOT / folder).rglob("*.py")]
    return "\n".join(Path(p).read_text("utf-8") for p in sorted(files))


def test_every_key_in_the_code_exists() -> None:
    written = set(re.findall(r"""\bt\(\s*["']([a-z]+\.[\w.]+)["']""", sources()))
    assert written
    assert sorted(written - set(catalogue())) == []


def ids() -> str:
    """Data whose ids have a text: levers, shocks and failure modes."""
    study = ROOT / "chainsim" / "study"
    files = [
        study / "levers.toml",
        study / "rooms" / "shocks.toml",
        *(ROOT / "graphs").rglob("*.yaml"),
    ]
    return "\n".join(p.read_text("utf-8") for p in files)


def test_every_text_is_used() -> None:
    code = sources()
    named = f"{code}\n{ids()}"
    unused = []
    for key in catalogue():
        section, name = key.split(".", 1)
        if section in WHOLE and f'"{section}."' in code:
            continue
        by_id = section in BY_ID and all(
            re.search(rf"\b{re.escape(part)}\b", named) for part in AFFIXES.sub("", name).split(".")
        )
        if f'"{key}"' not in code and f"'{key}'" not in code and not by_id:
            unused.append(key)
    assert unused == []


def test_placeholders_are_filled() -> None:
    assert t("words.output_of", "en", material="Coke") == "Coke output"


def test_a_missing_key_or_value_is_a_bug() -> None:
    with pytest.raises(InternalError, match=r"no\.such"):
        t("no.such", "zh")
    with pytest.raises(InternalError, match="material"):
        t("words.output_of", "zh")


def test_known_falls_back() -> None:
    assert known("verdict.pass", "en", "x") == "pass"
    assert known("verdict.other", "en", "x") == "x"


@pytest.mark.parametrize(
    ("text", "lang"),
    [("en", "en"), ("en_US.UTF-8", "en"), ("zh-CN", "zh"), ("fr", "zh"), (None, "zh")],
)
def test_as_lang(text: str | None, lang: str) -> None:
    assert as_lang(text) == lang


def test_the_locale_of_the_machine_does_not_choose() -> None:
    assert environment_lang({"LANG": "en_US.UTF-8"}) == "zh"
    assert environment_lang({"CHAINSIM_LANG": "en"}) == "en"
