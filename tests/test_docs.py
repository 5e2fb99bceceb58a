"""The pages on the file formats: their examples work, and they leave no key out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from chainsim.accounts.kpis import kpi_catalogue
from chainsim.accounts.projects.from_file import read_project
from chainsim.finance.appraisal import appraise
from chainsim.library import (
    candidate_records,
    evaluation_records,
    facts_records,
    finance_records,
    records,
    reference_records,
    scenario_records,
    study_records,
    uncertainty_records,
)
from chainsim.library.candidate_files import parse_candidates
from chainsim.library.census import figures, grades
from chainsim.library.files import load_library
from chainsim.library.project_files import parse_project, shipped_projects
from chainsim.library.scenarios import parse_scenario
from chainsim.library.study_files import parse_study, shipped_studies
from chainsim.library.yaml_loader import load_yaml
from chainsim.park.build import build_park
from chainsim.study.layout.search import Search
from chainsim.study.sweeps.plan import study_plan

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scenario-format.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = [
    b for b in re.findall(r"```yaml\n(.*?)```", TEXT, re.S) if b.startswith("schema_version")
]
LIBRARY = (ROOT / "docs" / "library.md").read_text("utf-8")
OPTIMISE = (ROOT / "docs" / "optimise.md").read_text("utf-8")
FINANCE = (ROOT / "docs" / "finance.md").read_text("utf-8")


def records_of(*modules):
    """Record classes that the modules define or import."""
    found = {
        name: record
        for module in modules
        for name, record in vars(module).items()
        if isinstance(record, type) and issubclass(record, BaseModel)
    }
    return list(found.values())


RECORDS = records_of(scenario_records, uncertainty_records)


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_build(text):
    scenario = parse_scenario(text)
    assert build_park(scenario).units
    file = ROOT / "tests" / "scenarios" / f"{scenario.record.id}.yaml"
    assert load_yaml(file).data == scenario.data


def test_the_example_of_uncertainty_fits_the_base():
    (text,) = re.findall(r"```yaml\n(uncertainty:.*?)```", TEXT, re.S)
    head = "schema_version: 1\nbase: xinzhou-base\nid: drawn\n"
    drawn = build_park(parse_scenario(head + text)).uncertainty
    assert drawn.prices.ranges["methanol"].high == 1.3
    assert drawn.coefficients.ranges["gas"].high == 2100


def test_all_tiny_scenarios_are_shown():
    assert len(EXAMPLES) == len(list((ROOT / "tests" / "scenarios").glob("*.yaml")))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_key_stands_on_the_page(record):
    words = set(re.findall(r"[a-z_]+[a-z_0-9]*", TEXT))
    assert {field.alias or name for name, field in record.model_fields.items()} <= words


@pytest.mark.parametrize(
    "record",
    records_of(records, reference_records, evaluation_records),
    ids=lambda record: record.__name__,
)
def test_every_key_of_the_library_stands_on_its_page(record):
    words = set(re.findall(r"[a-z_]+[a-z_0-9]*", LIBRARY))
    assert {field.alias or name for name, field in record.model_fields.items()} <= words


def test_figures_named_in_the_page_on_evidence_exist():
    text = (ROOT / "docs" / "evidence.md").read_text("utf-8")
    known = set(figures(load_library()))
    named = set(re.findall(r"`((?:materials|processes|prices|factors|templates)\.[\w.]+)`", text))
    assert len(named) > 30
    assert {name for name in named if name not in known} == set()
    count = grades(load_library())
    shown = " | ".join(f"{n:,}" for n in (count.total(), count["A"], count["B"], count["C"]))
    assert f"| {shown} |" in text


def test_the_schema_knows_base_and_overrides():
    schema = scenario_records.scenario_schema()
    properties = schema["properties"]
    assert set(scenario_records.ScenarioRecord.model_fields) | {"base", "overrides"} == set(
        properties
    )
    assert "from" in schema["$defs"]["LinkRecord"]["properties"]


POLICY = (ROOT / "docs" / "policy.md").read_text("utf-8")


@pytest.mark.parametrize("record", records_of(facts_records), ids=lambda record: record.__name__)
def test_every_key_of_the_facts_stands_on_the_page_of_policies(record):
    words = set(re.findall(r"[a-z_]+[a-z_0-9]*", POLICY + TEXT))
    assert set(record.model_fields) <= words


def test_the_example_of_the_page_of_policies_builds():
    example = next(b for b in re.findall(r"```yaml\n(.*?)```", POLICY, re.S))
    scenario = parse_scenario(f"schema_version: 1\n{example}")
    park = build_park(scenario)
    assert park.facts.cut is not None
    assert park.facts.unit("yp_battery_1").measured == {"nox": 120.0}


def test_every_clause_stands_on_the_page_of_policies():
    named = set(re.findall(r"\b[qsecdbf]\d\d[a-e]?\b", POLICY))
    spans = re.findall(r"\b([qsecdbf])(\d\d)([a-e]?)–(?:[qsecdbf])?(\d\d|[a-e])\b", POLICY)
    for family, first, letter, last in spans:
        if last.isdigit():
            named |= {f"{family}{n:02d}" for n in range(int(first), int(last) + 1)}
        else:
            named |= {f"{family}{first}{c}" for c in "abcde" if (letter or "a") <= c <= last}
    assert set(load_library().policies) - named == set()


@pytest.mark.parametrize("record", records_of(finance_records), ids=lambda record: record.__name__)
def test_every_key_of_finance_stands_on_a_page(record):
    words = set(re.findall(r"[a-z_]+[a-z_0-9]*", FINANCE))
    if record is finance_records.FinanceRecord:
        words |= set(re.findall(r"[a-z_]+[a-z_0-9]*", TEXT))
    assert set(record.model_fields) <= words


def test_every_convention_and_choice_stands_on_the_page():
    words = set(re.findall(r"[a-z_]+", FINANCE))
    schema = finance_records.ConventionsRecord.model_json_schema()
    for key, entry in schema["properties"].items():
        assert key in words
        assert set(entry["enum"]) <= words, key
        assert re.search(rf"\| `{key}` \| {entry['default']} \|", FINANCE), key


def test_examples_of_project_files_run():
    examples = re.findall(r"```yaml\n(.*?)```", FINANCE, re.S)
    assert examples
    for text in examples:
        found = read_project(parse_project(text), load_library())
        assert appraise(found.project, found.conventions).value("firr_before_tax")
    assert set(shipped_projects()) <= set(re.findall(r"`([a-z-]+)`", FINANCE))


def test_the_page_names_the_kpis():
    keys = {k for k in kpi_catalogue() if k.startswith("finance.")}
    assert keys <= set(re.findall(r"`(finance\.[a-z_]+)`", FINANCE))


@pytest.mark.parametrize(
    "record",
    [r for r in records_of(candidate_records) if r.__module__ == candidate_records.__name__],
    ids=lambda record: record.__name__,
)
def test_every_key_of_candidate_files_stands_on_their_page(record):
    words = set(re.findall(r"[a-z_]+[a-z_0-9]*", OPTIMISE))
    assert set(record.model_fields) <= words


def test_the_candidate_file_on_the_page_can_be_searched():
    (text,) = re.findall(r"```yaml\n(.*?)```", OPTIMISE, re.S)
    search = Search(parse_candidates(text))
    assert {b.candidate for b in search.best().built} <= {"psa"}


STUDIES = (ROOT / "docs" / "studies.md").read_text("utf-8")


def test_the_page_on_studies_names_every_key_and_its_example_runs():
    (example,) = re.findall(r"```yaml\n(schema_version.*?)```", STUDIES, re.S)
    assert study_plan(parse_study(example)).runs == 40
    keys = {k for record in records_of(study_records) for k in record.model_fields}
    head = {"schema_version", "kind", "id", "name_zh", "name_en", "story_zh", "story_en"}
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", STUDIES))))
    assert keys - head - told == set()
    assert set(shipped_studies()) <= {s for s in re.findall(r"`([\w-]+)`", STUDIES)}
