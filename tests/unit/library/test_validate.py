"""Pydantic's errors in our words: code, place, path without union branches, hint."""

from __future__ import annotations

import enum
from typing import Annotated, Any, Literal, Self

import pytest
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chainsim.errors import DataError, Problem, UnitError
from chainsim.ids import ID_PATTERN
from chainsim.library.validate import validate
from chainsim.library.yaml_loader import parse_yaml
from chainsim.units import split_quantity

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Tank(Record):
    kind: Literal["tank"]
    id: Id
    level: Annotated[float, Field(ge=0, le=1)] = 0


class Holder(Record):
    kind: Literal["holder"]
    id: Id
    size_knm3: Annotated[float, Field(gt=0)]


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Unit(Record):
    capacity: str

    @field_validator("capacity")
    @classmethod
    def _quantity(cls, text: str) -> str:
        split_quantity(text)
        return text


class Notes(RootModel[dict[str, Tank]]):
    pass


class Park(Record):
    name: str = "x"
    mode: Literal["steady", "lp", "des"] = "lp"
    buffers: list[Annotated[Tank | Holder, Field(discriminator="kind")]] = []
    units: dict[Id, Unit] = {}
    price: float | list[float] | None = None
    count: int = 1
    flag: bool = False
    names: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    pair: tuple[float, float] = (1, 2)
    colour: Colour = Colour.RED
    code: Annotated[str, StringConstraints(pattern=r"^\d+$", max_length=3)] = "1"
    notes: Notes | None = None
    either: Tank | Holder | None = None
    step: Annotated[int, Field(multiple_of=5, gt=0, lt=100)] = 5

    @model_validator(mode="after")
    def _lucky(self) -> Self:
        if self.count == 13:
            raise ValueError("13 is not lucky")
        if self.count == 14:
            raise PydanticCustomError("unlucky", "{n} is not lucky", {"n": self.count})
        if self.count == 15:
            raise PydanticCustomError("CS-Y014", "repeated", {"first": 7})
        return self


def problems(text: str, model: type[BaseModel] = Park, **more: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        validate(model, parse_yaml(text, file="p.yaml"), **more)
    return [problem.text() for problem in caught.value.problems]


def test_good_data() -> None:
    text = "name: y\nbuffers:\n- {kind: tank, id: a}\nunits: {b: {capacity: 110 万t/a}}\n"
    park = validate(Park, parse_yaml(text))
    assert park.buffers[0] == Tank(kind="tank", id="a")
    assert park.units["b"].capacity == "110 万t/a"


def test_part_of_a_document() -> None:
    document = parse_yaml("a:\n  - {kind: tank, id: t}\n", file="p.yaml")
    assert validate(Tank, document, ("a", 0)).id == "t"
    assert problems("a:\n  - {kind: tank}\n", Tank, at=("a", 0)) == [
        "p.yaml:2:5  a.0.id  a required key is missing"
    ]
    assert problems("a: 1\n", Tank, at=("b",)) == ["p.yaml:1:1  b  a required key is missing"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "buffers:\n- {kind: tank, id: a, levle: 1}\n",
            "p.yaml:2:23  buffers.0.levle  unknown key  expected id, kind, level  hint level",
        ),
        (
            "notes: {n: {kind: tank, id: a, levl: 1}}\n",
            "p.yaml:1:32  notes.n.levl  unknown key  expected id, kind, level  hint level",
        ),
        (
            "buffers:\n- kind: holder\n  id: a\n",
            "p.yaml:2:3  buffers.0.size_knm3  a required key is missing",
        ),
        ("buffers: [{id: a}]\n", "p.yaml:1:11  buffers.0.kind  a required key is missing"),
        (
            "buffers: [{kind: tnk, id: a}]\n",
            "p.yaml:1:18  buffers.0.kind  not one of the allowed values  found tnk"
            "  expected tank | holder  hint tank",
        ),
        (
            "mode: stedy\n",
            "p.yaml:1:7  mode  not one of the allowed values  found stedy"
            "  expected steady | lp | des  hint steady",
        ),
        (
            "colour: bleu\n",
            "p.yaml:1:9  colour  not one of the allowed values  found bleu"
            "  expected red | blue  hint blue",
        ),
        (
            "buffers: [{kind: tank, id: a, level: 2}]\n",
            "p.yaml:1:38  buffers.0.level  above the highest allowed value  found 2  expected ≤ 1",
        ),
        (
            "buffers: [{kind: holder, id: a, size_knm3: 0}]\n",
            "p.yaml:1:44  buffers.0.size_knm3  below the lowest allowed value"
            "  found 0  expected > 0",
        ),
        (
            "step: 100\n",
            "p.yaml:1:7  step  above the highest allowed value  found 100  expected < 100",
        ),
        (
            "step: 7\n",
            "p.yaml:1:7  step  the value is not accepted (Input should be a multiple of 5)"
            "  found 7",
        ),
        (
            "units: {B: {capacity: 1 t}}\n",
            "p.yaml:1:9  units.B  not a valid id  found B"
            "  hint a lower-case letter, then up to 59 lower-case letters, digits, _ or -",
        ),
        (
            "code: x\n",
            r"p.yaml:1:7  code  not written in the required form  found x  expected ^\d+$",
        ),
        ("code: '1234'\n", "p.yaml:1:7  code  the length is not allowed  found 4  expected ≤ 3"),
        ("names: []\n", "p.yaml:1:8  names  the length is not allowed  found 0  expected ≥ 1"),
        (
            "price: {a: 1}\n",
            "p.yaml:1:8  price  the value has the wrong type  found {…}  expected number | […]",
        ),
        ("name: 3\n", "p.yaml:1:7  name  the value has the wrong type  found 3  expected text"),
        ("name:\n", "p.yaml:1:6  name  the value has the wrong type  found null  expected text"),
        (
            "count: 1.5\n",
            "p.yaml:1:8  count  the value has the wrong type  found 1.5  expected integer",
        ),
        (
            "flag: maybe\n",
            "p.yaml:1:7  flag  the value has the wrong type  found maybe  expected true | false",
        ),
        (
            "buffers: 1\n",
            "p.yaml:1:10  buffers  the value has the wrong type  found 1  expected […]",
        ),
        (
            "units: {a: []}\n",
            "p.yaml:1:12  units.a  the value has the wrong type  found […]  expected {key: value}",
        ),
        ("pair: [1]\n", "p.yaml:1:7  pair.1  a required key is missing"),
        ("count: 13\n", "p.yaml:1:1  13 is not lucky"),
        ("count: 14\n", "p.yaml:1:1  14 is not lucky"),
        (
            "count: 15\n",
            "p.yaml:1:1  the key is repeated; it already stands in line 7"
            "  hint remove one of the two",
        ),
        (
            "units:\n  a: {capacity: lots}\n",
            "p.yaml:2:17  units.a.capacity  not a number with a unit  found lots"
            '  hint write it like "110 kt/a"',
        ),
    ],
)
def test_message(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_all_problems_at_once_in_file_order() -> None:
    text = "nmae: x\ncount: a\nunits: {b: {}}\n"
    assert [line.split("  ")[1] for line in problems(text)] == ["nmae", "count", "units.b.capacity"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "either: {kind: holder, id: a, size_knm3: 1, size_knm: 2}\n",
            "p.yaml:1:45  either.size_knm  unknown key  expected id, kind, size_knm3"
            "  hint size_knm3",
        ),
        (
            "either: {kind: holder, id: a}\n",
            "p.yaml:1:9  either.size_knm3  a required key is missing",
        ),
        (
            "price: [a]\n",
            "p.yaml:1:9  price.0  the value has the wrong type  found a  expected number",
        ),
    ],
)
def test_only_the_branch_that_was_meant_is_told(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_branch_named_like_a_key_beside_it() -> None:
    class Inner(Record):
        tank: float

    class Outer(Record):
        kind: Literal["tank"]
        tank: Inner

    class Other(Record):
        kind: Literal["other"]

    class Top(Record):
        part: Annotated[Outer | Other, Field(discriminator="kind")]

    text = "part:\n  kind: tank\n  tank:\n    tank: x\n"
    assert problems(text, Top) == [
        "p.yaml:4:11  part.tank.tank  the value has the wrong type  found x  expected number"
    ]


def test_context_reaches_validators() -> None:
    class Strange(Record):
        a: str

        @field_validator("a")
        @classmethod
        def _known(cls, text: str, info: Any) -> str:
            if text not in info.context["known"]:
                raise ValueError("not known")
            return text

    document = parse_yaml("a: b\n")
    assert validate(Strange, document, context={"known": ["b"]}).a == "b"
    assert problems("a: c\n", Strange, context={"known": ["b"]}) == [
        "p.yaml:1:4  a  not known  found c"
    ]


def test_user_error_inside_a_value_error_keeps_code_and_gets_the_place() -> None:
    class WrappedError(UnitError, ValueError):
        pass

    def refuse(_: object) -> None:
        raise WrappedError([Problem(code="CS-U001", found="parsec", path="unit")])

    class Strange(Record):
        a: Annotated[str, BeforeValidator(refuse)]

    assert problems("x: {a: 1}\n", Strange, at=("x",)) == [
        "p.yaml:1:8  x.a.unit  unknown unit  found parsec"
    ]
