"""The default order of the dispatch list, and how names in it are understood."""

from __future__ import annotations

import pytest

from chainsim.des.engine import run_des
from chainsim.errors import StructureError
from tests.parks import park_of

PARK = """
    materials: {x: {}, y: {}, z: {}}
    units:
      b: {recipe: {feeds: {f: {rate: 1, alternatives: {x: 1, z: 1}}}, products: {y: 1}}, capacity: 1}
      a: {recipe: {feeds: {x: 1}, products: {y: 1}}, capacity: 1, priority: 2}
      c: {recipe: {feeds: {x: 1}, products: {z: 1}}, capacity: 1, follow: true}
    buffers: {x: {capacity: 1}, y: {capacity: 1, priority: 2}}
    buy: {x: {}}
    sell: {y: {}}
    vents: {y: {}}
    obligations: {y: {rate: 1}}
    dispatch: [%s]
"""


def order(dispatch: str = "") -> list[str]:
    return [f"{g.sense} {' '.join(g.targets)}" for g in park_of(PARK % dispatch).goals]


def test_default_order():
    assert order() == [
        "max obligation:y",
        "max unit:a",
        "min draw:y",
        "max fill:y",
        "max unit:b",
        "min unit:c",
        "max feed:b.f.x",
        "max feed:b.f.z",
        "min buy:x",
        "min draw:x",
        "max sell:y",
        "max fill:x",
        "min vent:y",
    ]


def test_every_column_stands_in_the_list_once():
    targets = [t for line in order("{maximise: [a, b]}") for t in line.split()[1:]]
    assert len(targets) == len(set(targets)) == 13


def test_declared_goals_come_first_and_leave_their_default_place():
    found = order("{minimise: b.f.z}, {maximise: {a: 2, b: 1}}")
    assert found[:3] == ["min feed:b.f.z", "max unit:a unit:b", "max obligation:y"]
    weights = park_of(PARK % "{maximise: {a: 2, b: 1}}").goals[0].weights
    assert weights == (2.0, 1.0)


def test_a_name_means_the_unit_or_what_fits_the_sense():
    assert order("{maximise: y}")[0] == "max fill:y"
    assert order("{minimise: y}")[0] == "min draw:y"
    assert order("{maximise: 'sell:y'}")[0] == "max sell:y"
    assert order("{minimise: 'vent:y'}")[0] == "min vent:y"
    assert order("{minimise: c}")[0] == "min unit:c"


def test_a_name_stands_once_in_an_entry_too():
    with pytest.raises(StructureError) as caught:
        park_of(PARK % "{maximise: [a, a]}")
    assert [p.code for p in caught.value.problems] == ["CS-S013"]


@pytest.mark.parametrize(
    ("served", "before"),
    [
        ("[a]", "max unit:a unit:n"),
        ("[cash]", "max sell:cash"),
        ("[a, cash]", "max sell:cash"),
        ("[later]", "max sell:later"),
        ("[a, later]", "max sell:later"),
        ("[flare]", "min vent:flare"),
        ("[pipe]", "min link:pipe"),
    ],
)
def test_withdrawing_stands_right_after_the_last_it_serves(served, before):
    park = park_of(
        f"""
        sites: {{east: {{}}, west: {{}}}}
        materials: {{x: {{}}, y: {{}}}}
        units:
          a: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, site: east, priority: 5}}
          n: {{recipe: {{feeds: {{x: 1}}, products: {{y: 1}}}}, capacity: 1, site: east, priority: 5}}
        buffers: {{store: {{material: x, site: east, capacity: 1, serves: {served}}}}}
        links: {{pipe: {{material: x, from: east, to: west, mode: pipe, km: 1}}}}
        buy: {{x: {{site: east}}}}
        sell:
          y: {{site: east}}
          cash: {{material: x, site: east, priority: 5}}
          later: {{material: x, site: east}}
          far: {{material: x, site: west}}
        vents: {{flare: {{material: x, site: east}}}}
        """
    )
    lines = [f"{g.sense} {' '.join(g.targets)}" for g in park.goals]
    group = next(i for i, line in enumerate(lines) if before.split()[1] in line)
    assert lines[group + 1] == "min draw:store"
    assert lines[group].startswith(before.split()[0])


def test_what_is_stored_for_a_sale_is_sold():
    # 5 come in, a unit takes 3, the sale wants 4: 2 an hour from the store, 4 while nothing comes
    # in; the unit gets nothing of it.
    found = run_des(
        park_of(
            """
            materials: {raw: {}, g: {}, p: {}}
            units:
              source:
                recipe: {feeds: {raw: 1}, products: {g: 1}}
                capacity: 5
                priority: 1
                overhaul: {interval: 100, first: 10, duration: 5}
              user: {recipe: {feeds: {g: 1}, products: {p: 1}}, capacity: 3, priority: 2}
            buffers: {store: {material: g, capacity: 100, initial: 50, serves: [gas]}}
            buy: {raw: {}}
            sell: {p: {}, gas: {material: g, limit: 4}}
            """,
            hours=20.0,
        )
    )
    sold = found.flows[found.flows.kind == "sell"].groupby("component").quantity.sum()
    assert sold.to_dict() == pytest.approx({"gas": -80.0, "p": -45.0})
