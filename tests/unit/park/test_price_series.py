"""Prices by month: written, from a file beside the scenario, or from a published series."""

from __future__ import annotations

from pathlib import Path

import pytest

import chainsim as cs
from chainsim.errors import UserError
from chainsim.library.files import load_library
from chainsim.library.scenarios import load_scenario, parse_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park

TRADER = """
schema_version: 1
id: trader
name_zh: 转卖
name_en: bought and sold again
library: false
horizon: {start: 2024-02-01, hours: 1440}
materials: {raw: {}, good: {}}
units: {shop: {recipe: {feeds: {raw: 1}, products: {good: 1}}, capacity: 2}}
buy: {raw: {}}
sell: {good: {}}
economics:
  price_series:
"""
HOURS = {"2024-02": 29 * 24, "2024-03": 31 * 24}


def trader(series: str) -> str:
    return TRADER + "".join(f"    {line}\n" for line in series.splitlines())


def revenue(res: cs.RunResult) -> dict[str, float]:
    ledger = res.ledger
    sold = ledger[ledger["account"] == "revenue.sale"]
    return {k: float(v) for k, v in sold.groupby("period")["amount"].sum().items()}


def built(text: str) -> Park:
    return build_park(parse_scenario(text), load_library())


def codes(caught: pytest.ExceptionInfo[UserError]) -> list[tuple[str, str]]:
    return [(p.code, p.path) for p in caught.value.problems]


def run_text(text: str) -> cs.RunResult:
    return cs.run(built(text), engine="steady")


def test_a_price_holds_until_the_next_month_named():
    res = run_text(trader("good: {months: {2023-11: 80, 2024-03: 100}}"))
    assert revenue(res) == {
        "2024-02": pytest.approx(2 * HOURS["2024-02"] * 80),
        "2024-03": pytest.approx(2 * HOURS["2024-03"] * 100),
    }


def test_another_time_stands_for_the_horizon():
    res = run_text(trader("good: {months: {2020-12: 7, 2021-01: 9}, from: 2020-12, factor: 10}"))
    assert revenue(res)["2024-02"] == pytest.approx(2 * HOURS["2024-02"] * 70)
    assert revenue(res)["2024-03"] == pytest.approx(2 * HOURS["2024-03"] * 90)


def test_steps_and_own_prices_come_before_a_series():
    text = trader("good: {months: {2024-01: 80}}\nraw: {months: {2024-01: 30, 2024-03: 40}}")
    stepped = text.replace(
        "good: {}}\neconomics", "good: {steps: [{from: 2024-03-09, price: 5}]}}\neconomics"
    )
    assert revenue(run_text(stepped))["2024-03"] == pytest.approx(2 * HOURS["2024-03"] * 5)
    assert revenue(run_text(stepped))["2024-02"] == pytest.approx(2 * HOURS["2024-02"] * 80)
    own = text.replace("good: {}}\neconomics", "good: {price: 6}}\neconomics")
    assert revenue(run_text(own))["2024-02"] == pytest.approx(2 * HOURS["2024-02"] * 6)


def test_steps_count_by_their_dates_not_by_their_order():
    park = built(
        trader("good: {months: {2024-01: 80}}").replace(
            "raw: {}}\nsell",
            "raw: {steps: [{from: 2024-03-01, limit: 1}, {from: 2024-02-10, limit: 2}]}}\nsell",
        )
    )
    assert [park.buy["raw"].limit_at(h) for h in (240.0, 29 * 24.0)] == [2.0, 1.0]


def test_what_is_owed_is_paid_by_the_month():
    text = trader("good: {months: {2024-02: 80, 2024-03: 100}}")
    owed = text.replace("sell: {good: {}}", "obligations: {good: {rate: 2}}")
    ledger = run_text(owed).ledger
    paid = ledger[ledger["account"] == "revenue.obligation"].groupby("period")["amount"].sum()
    assert paid["2024-03"] == pytest.approx(2 * HOURS["2024-03"] * 100)


def beside(folder: Path, text: str, csv: str | bytes) -> Path:
    (folder / "prices.csv").write_bytes(csv if isinstance(csv, bytes) else csv.encode())
    path = folder / "trader.yaml"
    path.write_text(text, encoding="utf-8")
    return path


CSV = "\ufeffmonth,ex_works,good\nYYYY-MM,元/kg,CNY/t\n2024-01,,70\n2024-02,0.08,75\n2024-03,0.1,\n"


def test_a_file_is_written_into_the_scenario(tmp_path):
    path = beside(tmp_path, trader("good: {file: prices.csv, column: ex_works}"), CSV)
    scenario = load_scenario(path)
    assert scenario.data["economics"]["price_series"]["good"] == {
        "months": {"2024-02": "0.08 元/kg", "2024-03": "0.1 元/kg"}
    }
    res = cs.run(str(path), engine="steady")
    assert revenue(res)["2024-03"] == pytest.approx(2 * HOURS["2024-03"] * 100)
    other = beside(tmp_path, trader("good: {file: prices.csv}"), CSV.replace("75", "76"))
    assert load_scenario(other).digest != scenario.digest
    assert revenue(cs.run(str(other), engine="steady"))["2024-03"] == pytest.approx(
        2 * HOURS["2024-03"] * 76
    )


@pytest.mark.parametrize(
    ("series", "csv", "expected"),
    [
        ("good: {file: price.csv}", CSV, ("CS-F001", "", 0)),
        ("good: {file: ../prices.csv}", CSV, ("CS-F012", "trader.yaml", 14)),
        ("good: {file: prices.csv, column: goods}", CSV, ("CS-S034", "trader.yaml", 14)),
        ("good: {file: prices.csv}", CSV.replace("70", "x"), ("CS-L015", "prices.csv", 3)),
        (
            "good: {file: prices.csv}",
            "month,焦炭价\nYYYY-MM,元/t\n".encode("gbk"),
            ("CS-F005", "prices.csv", 1),
        ),
    ],
)
def test_a_bad_file_is_told_with_its_place(tmp_path, series, csv, expected):
    path = beside(tmp_path, trader(series), csv)
    with pytest.raises(UserError) as caught:
        load_scenario(path)
    found = caught.value.problems[0]
    code, file, line = expected
    assert found.code == code
    if file:
        assert (Path(found.file).name, found.line) == (file, line)


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        ("good: {}", ("CS-S035", "economics.price_series.good")),
        ("good: {months: {2024-02: 1}, series: x}", ("CS-S033", "economics.price_series.good")),
        ("god: {months: {2024-02: 1}}", ("CS-S002", "economics.price_series.god")),
        ("good: {months: {2024-03: 1}}", ("CS-S037", "economics.price_series.good")),
        (
            "good: {months: {2024-02: 1 CNY/kNm3}}",
            ("CS-U002", "economics.price_series.good.months.2024-02"),
        ),
        ("good: {file: prices.csv}", ("CS-S036", "economics.price_series.good.file")),
    ],
)
def test_what_is_wrong_is_told_at_its_path(series, expected):
    with pytest.raises(UserError) as caught:
        build_park(parse_scenario(trader(series)), load_library())
    assert codes(caught)[0] == expected


def test_a_published_series_holds_its_vat_and_does_not_go_on_after_its_end():
    series = "economics.price_series.coke={series: coke_futures, from: 2021-01}"
    park = cs.load("xinzhou-base", [series])
    months = load_library().series["coke_futures"].months
    sale = next(s for s in park.sell.values() if park.headers[s.header].material.id == "coke")
    price = sale.price_cny * sale.price_shares["2025-10"]
    assert price == pytest.approx(months["2021-10"] / (1 + sale.vat))
    with pytest.raises(UserError) as caught:
        cs.load("xinzhou-base", [series.replace("2021-01", "2026-01")])
    assert codes(caught) == [("CS-S037", "economics.price_series.coke")]
