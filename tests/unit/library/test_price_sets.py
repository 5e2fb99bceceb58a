"""Monthly series and the price sets made from them."""

from __future__ import annotations

import pytest

from chainsim.errors import DataError
from chainsim.library.files import load_library, read_records, resolve
from chainsim.library.series import mean, read_series
from chainsim.park.build import load_park
from tests.unit.library.test_files import folder, problems_of, write

__all__ = ["folder"]

SERIES = """
schema_version: 1
series:
  ore: {name_zh: 矿, name_en: ore, source: est, grade: A}
"""
MONTHS = "month,ore\nYYYY-MM,CNY/t\n2024-01,100\n2024-02,120\n2025-01,50\n2025-02,\n2025-03,70\n"
PRICES = """
schema_version: 1
prices:
  raw: {name_zh: 甲, name_en: raw, value: 80, unit: CNY/t, low: 60, high: 100, vat: 0.13, year: 2025,
        series: ore, source: est, grade: B}
  good: {name_zh: 乙, name_en: good, value: 200, unit: CNY/t, vat: 0.13, year: 2025,
         follows: {raw: 0.5}, source: est, grade: B}
  dust: {name_zh: 尘, name_en: dust, value: 5, unit: CNY/t, vat: 0.13, year: 2025,
         source: est, grade: B}
"""
SETS = """
schema_version: 1
price_sets:
  dear:
    name_zh: 高价
    name_en: dear
    months: [2024-01, 2024-12]
"""


@pytest.fixture
def priced(folder):
    (folder / "series").mkdir()
    write(folder, "series/monthly.csv", MONTHS)
    write(folder, "series.yaml", SERIES)
    write(folder, "prices/all.yaml", PRICES)
    write(folder, "price_sets.yaml", SETS)
    return folder


def test_a_price_moves_with_its_series(priced):
    """2024 mean 110 over 2025 mean 60: 80 x 110/60 = 146.67; half of that in logarithms follows."""
    chosen = resolve(read_records(priced)).price_sets["dear"]
    raw, good = chosen.prices["raw"], chosen.prices["good"]
    assert raw.value == pytest.approx(80 * 110 / 60)
    assert (raw.low, raw.high) == pytest.approx((60 * 110 / 60, 100 * 110 / 60))
    assert (raw.grade, raw.mark) == ("B", "derived")
    assert good.value == pytest.approx(200 * (110 / 60) ** 0.5)
    assert good.grade == "C"
    assert "dust" not in chosen.prices


def test_a_price_read_for_the_time_wins_and_is_followed(priced):
    write(
        priced,
        "price_sets.yaml",
        SETS + "    prices:\n      raw: {value: 320, unit: CNY/t, source: est, grade: A}\n",
    )
    chosen = resolve(read_records(priced)).price_sets["dear"]
    assert chosen.prices["raw"].value == 320
    assert chosen.prices["good"].value == pytest.approx(400)


def test_a_set_without_months_leaves_base_prices(priced):
    write(priced, "price_sets.yaml", SETS.replace("2024", "1999"))
    assert resolve(read_records(priced)).price_sets["dear"].prices == {}


def test_prices_that_follow_each_other_in_a_circle_stay(priced):
    write(priced, "prices/all.yaml", PRICES.replace("series: ore", "follows: {good: 1}"))
    assert resolve(read_records(priced)).price_sets["dear"].prices == {}


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("series: ore", "series: oar", "prices.raw"),
        ("follows: {raw: 0.5}", "follows: {row: 0.5}", "prices.good"),
    ],
)
def test_an_unknown_series_or_price(priced, old, new, path):
    write(priced, "prices/all.yaml", PRICES.replace(old, new))
    (found,) = problems_of(priced)
    assert (found[0], found[2]) == ("CS-L016", path)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("months,ore\nYYYY-MM,CNY/t\n", (1, 1)),
        ("month,ore\nYYYY-MM,USD/t\n", (2, 2)),
        ("month,ore\nYYYY-MM,CNY/t\n2024-13,5\n", (3, 1)),
        ("month,ore\nYYYY-MM,CNY/t\n2024-02,5\n2024-01,6\n", (4, 1)),
        ("month,ore\nYYYY-MM,CNY/t\n2024-02,five\n", (3, 2)),
        ("month,ore\nYYYY-MM,CNY/t\n2024-02,-5\n", (3, 2)),
        ("month,ore\nYYYY-MM,CNY/t\n2024-02,nan\n", (3, 2)),
        ("month,ore\nYYYY-MM,CNY/t\n2024-02,5,6\n", (3, 1)),
        ("", (1, 1)),
    ],
)
def test_a_bad_series_file_is_told_with_its_place(tmp_path, text, place):
    path = tmp_path / "monthly.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_series(path)
    first = caught.value.problems[0]
    assert (first.code, first.line, first.column) == ("CS-L015", *place)


def test_a_missing_series_file(priced):
    (priced / "series" / "monthly.csv").unlink()
    assert problems_of(priced)[0][0] == "CS-L006"


def test_mean_of_nothing():
    assert mean({}, "2024-01", "2024-12") is None


def test_the_shipped_sets_move_coal_and_coke_with_the_futures():
    """Futures means: 2021 coke 2,845 and coal 2,068; 2024 2,131 and 1,526 (CNY/t)."""
    library = load_library()
    sets = library.price_sets
    assert {"type_2021", "type_2024", "mid_cycle"} <= set(sets)
    assert sets["type_2021"].prices["coke"].value == pytest.approx(2845, abs=1)
    assert sets["type_2021"].prices["coking_coal"].value == pytest.approx(2068, abs=1)
    assert sets["type_2024"].prices["coke"].value == pytest.approx(2131, abs=1)
    assert sets["type_2024"].prices["coking_coal"].value == pytest.approx(1526, abs=1)


def test_the_dearest_year_carries_what_was_read_to_what_follows():
    """2022: coke 3,074 and coal 2,358 by the futures; 7,601 of benzene against 6,190 in 2025 takes
    toluene from 6,300 to 7,736, tar at 6,337 against 3,300 takes wash oil from 4,200 to 8,065.
    """
    chosen = load_library().price_sets["type_2022"]
    assert (chosen.first_month, chosen.last_month) == ("2022-01", "2022-12")
    for name, worth in (
        ("coke", 3074),
        ("coking_coal", 2358),
        ("toluene", 7736),
        ("wash_oil", 8065),
    ):
        assert chosen.prices[name].value == pytest.approx(worth, abs=1), name
    others = [s for s in load_library().price_sets.values() if s.id != "type_2022"]
    for name in ("coke", "coking_coal"):
        assert all(s.prices[name].value < chosen.prices[name].value for s in others)


def test_prices_of_one_year_keep_their_published_ratios():
    """Crude benzene to benzene 0.65-0.80 in Shanxi, carbon black to tar 1.7-2.05 since 2024."""
    prices = load_library().prices

    def ratio(over: str, under: str) -> float:
        return prices[over].coefficient.value / prices[under].coefficient.value

    assert 0.65 <= ratio("crude_benzene", "benzene") <= 0.80
    assert 1.70 <= ratio("carbon_black", "coal_tar") <= 2.05
    built = 1.015 * 6190 + 0.0377 * 13000 - 0.213 * prices["cyclohexane"].coefficient.value + 2050
    assert prices["cyclohexanone"].coefficient.value == pytest.approx(built, abs=10)


def test_a_scenario_chooses_its_price_set():
    base = load_park("xinzhou-base")
    dear = load_park("xinzhou-base", ("economics.price_set=type_2021",))
    ratio = dear.prices["coke"] / base.prices["coke"]
    assert ratio == pytest.approx(2845 / 1613, abs=2e-3)
    assert dear.sell["yp_coke"].price_cny == pytest.approx(dear.prices["coke"])
    assert dear.prices["electricity"] == base.prices["electricity"]
