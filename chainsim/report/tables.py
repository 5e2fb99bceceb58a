"""A run as small tidy tables with a `unit` column: what page, app and charts show.

Every figure is a flow, a KPI or a verdict of the result; nothing is reckoned here but sums of flows
over the year, shares of such a sum, and differences between two results.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Final

import pandas as pd

from chainsim.accounts.kpis import TOTAL
from chainsim.errors import Lang
from chainsim.library.model import Policy
from chainsim.report.ends import end_flows
from chainsim.report.names import (
    kpi_name,
    material_name,
    park_name,
    plain,
    policy_name,
    subject_name,
)
from chainsim.study import compare
from chainsim.study.headlines import Headlines
from chainsim.study.result import RunResult
from chainsim.units import same_dimension, spelled

COKE_OVEN_GAS: Final = "coke_oven_gas"
_SALES: Final = ("sell", "obligation")
_REVENUE: Final = "revenue."
_VERDICT_ORDER: Final = {"fail": 0, "warn": 1, "cannot_judge": 2, "pass": 3, "report": 4}


def product_table(result: RunResult, lang: Lang) -> pd.DataFrame:
    """What leaves the park for others: material, name, quantity, unit, price_cny, value_cny.

    Values are the ledger's revenue, prices its mean per unit (NaN where nothing was earned), both
    without VAT. Largest value first.
    """
    park, flows, ledger = result.park, result.flows, result.ledger
    sold = -flows[flows["kind"].isin(_SALES)].groupby("material")["quantity"].sum()
    earned = ledger[ledger["account"].str.startswith(_REVENUE)].groupby("material")["amount"].sum()
    rows = []
    for material, quantity in sold.items():
        value = float(earned.get(material, 0.0))
        rows.append(
            {
                "material": str(material),
                "name": material_name(park, str(material), lang),
                "quantity": float(quantity),
                "unit": park.materials[str(material)].unit,
                "price_cny": value / quantity if quantity and value else math.nan,
                "value_cny": value,
            }
        )
    columns = ["material", "name", "quantity", "unit", "price_cny", "value_cny"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values(["value_cny", "material"], ascending=[False, True], ignore_index=True)


def gas_balance(result: RunResult, lang: Lang, material: str = COKE_OVEN_GAS) -> pd.DataFrame:
    """Sources and uses of one material over the whole park; largest first on either side.

    Columns: side (source | use), key, name, quantity (positive), unit, share of its side. Links
    within the park cancel and are left out. Equal plants stand together, fuel use apart.
    """
    flows = end_flows(result, lang, lambda m: m.id == material)
    sums = {
        True: sum(f.quantity for f in flows if f.quantity > 0),
        False: sum(-f.quantity for f in flows if f.quantity < 0),
    }
    rows = [
        {
            "side": "source" if f.quantity > 0 else "use",
            "key": f.key,
            "name": f.name,
            "quantity": abs(f.quantity),
            "unit": f.material.unit,
            "share": abs(f.quantity) / sums[f.quantity > 0],
        }
        for f in sorted(flows, key=lambda f: (f.quantity < 0, -abs(f.quantity), f.key))
    ]
    return pd.DataFrame(rows, columns=["side", "key", "name", "quantity", "unit", "share"])


def totals(result: RunResult | Headlines) -> pd.DataFrame:
    """The KPIs over the whole time; those of single years left out."""
    return result.kpis[result.kpis["period"] == TOTAL]


def kpi_table(result: RunResult, lang: Lang, prefixes: Sequence[str] = ("",)) -> pd.DataFrame:
    """KPIs whose id begins with one of `prefixes`: id, name, value, unit, low, high."""
    kpis = totals(result)
    kpis = kpis[kpis["id"].str.startswith(tuple(prefixes))]
    names = [kpi_name(result.park, str(key), lang) for key in kpis["id"]]
    frame = kpis[["id", "value", "unit", "low", "high"]].reset_index(drop=True)
    frame.insert(1, "name", names)
    return frame


def policy_table(result: RunResult, lang: Lang) -> pd.DataFrame:
    """Verdicts with the names of check and subject and the clause; those that fail come first.

    `order` counts from 0 (fail) to 3 (pass) and 4 (shown only); `to_check` marks limits that are
    from memory, our own or unpublished; `lead` is the department in charge.
    """
    park, verdicts = result.park, result.policy
    clauses = park.library.policies
    frame = verdicts.assign(
        name=[policy_name(park, str(key), lang) for key in verdicts["id"]],
        subject_name=[subject_name(park, str(key), lang) for key in verdicts["subject"]],
        clause=[
            plain(clauses[str(k)].clause_zh) if str(k) in clauses else "" for k in verdicts["id"]
        ],
        to_check=[str(k) in clauses and clauses[str(k)].to_check for k in verdicts["id"]],
        lead=[_lead(clauses.get(str(k)), lang) for k in verdicts["id"]],
        order=[_VERDICT_ORDER.get(str(v), len(_VERDICT_ORDER)) for v in verdicts["verdict"]],
    )
    return frame.sort_values(["order", "id", "subject"], ignore_index=True, kind="stable")


def _lead(policy: Policy | None, lang: Lang) -> str:
    if policy is None:
        return ""
    return plain(policy.lead_zh if lang == "zh" else policy.lead_en)


def comparison_table(results: Sequence[RunResult], lang: Lang) -> pd.DataFrame:
    """KPIs of several results against the first, the largest relative effect first.

    Columns: id, name, unit, base, then for each other result i: value_i, difference_i, relative_i
    (NaN where the base is 0), and effect, the largest |relative|. A KPI that a result lacks counts
    as zero there, one that is null stays NaN; gases stand in Nm3 only, not in t beside it.
    """
    wide = compare.comparison_table(results)
    outcome = ["value", "difference", "relative"]
    others = [f"{c}_{i}" for i in range(1, len(results)) for c in outcome]
    frame = wide.set_axis(["id", "unit", "base", *others], axis="columns")
    listed = set(frame["id"])
    twice = [k.endswith("_t") and f"{k[:-2]}_nm3" in listed for k in frame["id"]]
    frame = frame[[not double for double in twice]].copy()
    relative = [c for c in others if c.startswith("relative")]
    frame.loc[frame["base"] == 0.0, relative] = math.nan
    moved = pd.Series(data=False, index=frame.index)
    for i in range(1, len(results)):
        neither = frame["base"].isna() & frame[f"value_{i}"].isna()
        moved |= frame[f"difference_{i}"].ne(0.0) & ~neither
    frame["effect"] = frame[relative].abs().max(axis="columns").fillna(moved.astype(float))
    park = results[0].park
    frame.insert(1, "name", [kpi_name(park, str(key), lang) for key in frame["id"]])
    return frame.sort_values(["effect", "id"], ascending=[False, True], ignore_index=True)


def side_by_side(results: Sequence[RunResult], keys: Sequence[str], lang: Lang) -> pd.DataFrame:
    """Chosen KPIs of several results: id, name, scenario, scenario_name, value, unit, low, high.

    One row per KPI and result, KPIs in the order of `keys`; what a result lacks is left out.
    """
    tables = [totals(result).set_index("id") for result in results]
    rows = [
        {
            "id": key,
            "name": kpi_name(result.park, key, lang),
            "scenario": result.park.id,
            "scenario_name": park_name(result.park, lang),
            **{c: frame.at[key, c] for c in ("value", "unit", "low", "high")},
        }
        for key in keys
        for result, frame in zip(results, tables, strict=True)
        if key in frame.index
    ]
    columns = ["id", "name", "scenario", "scenario_name", "value", "unit", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def targets(result: RunResult | Headlines) -> pd.DataFrame:
    """Limits on a KPI of the whole city: kpi, id, value, limit, unit, comparison, margin.

    A check that uses a KPI without limiting it (of another dimension) is no target.
    """
    clauses = result.park.library.policies
    frame = totals(result)
    units = dict(zip(frame["id"], frame["unit"], strict=True))
    rows = []
    policy = result.policy
    for row in policy[policy["level"] == "city"].to_dict("records"):
        clause = clauses.get(str(row["id"]))
        if clause is None or clause.kpi not in units:
            continue
        if _limits(str(row["unit"]), str(units[clause.kpi])):
            rows.append({"kpi": clause.kpi, **{c: row[c] for c in _TARGET_COLUMNS}})
    limits = pd.DataFrame(rows, columns=["kpi", *_TARGET_COLUMNS])
    return limits.drop_duplicates("kpi", ignore_index=True)


@functools.lru_cache(maxsize=1024)
def _limits(limit_unit: str, kpi_unit: str) -> bool:
    """True when a limit (often per year) and a KPI (over the year run) are of one dimension."""
    return same_dimension(spelled(limit_unit).removesuffix("/a"), kpi_unit)


_TARGET_COLUMNS: Final = ["id", "value", "limit", "unit", "comparison", "margin", "verdict", "band"]
