"""The page on the scenario format: its examples work, and it leaves no key out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from chainsim.library import scenario_records
from chainsim.library.scenarios import parse_scenario
from chainsim.library.yaml_loader import load_yaml
from chainsim.park.build import build_park

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "scenario-format.md"
TEXT = PAGE.read_text("utf-8")
EXAMPLES = [
    b for b in re.findall(r"```yaml\n(.*?)```", TEXT, re.S) if b.startswith("schema_version")
]
RECORDS = [
    record
    for record in vars(scenario_records).values()
    if isinstance(record, type) and issubclass(record, BaseModel)
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_build(text):
    scenario = parse_scenario(text)
    assert build_park(scenario).units
    file = ROOT / "tests" / "scenarios" / f"{scenario.record.id}.yaml"
    assert load_yaml(file).data == scenario.data


def test_all_tiny_scenarios_are_shown():
    assert len(EXAMPLES) == len(list((ROOT / "tests" / "scenarios").glob("*.yaml")))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_key_stands_on_the_page(record):
    words = set(re.findall(r"[a-z_]+[a-z_0-9]*", TEXT))
    assert {field.alias or name for name, field in record.model_fields.items()} <= words


def test_the_schema_knows_base_and_overrides():
    schema = scenario_records.scenario_schema()
    properties = schema["properties"]
    assert set(scenario_records.ScenarioRecord.model_fields) | {"base", "overrides"} == set(
        properties
    )
    assert "from" in schema["$defs"]["LinkRecord"]["properties"]
