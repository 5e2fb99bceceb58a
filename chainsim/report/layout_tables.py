"""Tables of a layout search: what is built, measures, the test, the tuning."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from chainsim.study.layout.layouts import Layout
from chainsim.study.layout.tuning import Tuned
from chainsim.study.layout.verify import Verified


def layout_table(layouts: Sequence[Layout]) -> pd.DataFrame:
    """One row for everything that every layout builds, with the layout's value."""
    rows = [
        {
            "layout": layout.name,
            "value": layout.value,
            "component": b.component,
            "candidate": b.candidate,
            "site": b.site,
            "size": b.size,
            "year": b.year,
            "capex_cny": b.capex_cny,
        }
        for layout in layouts
        for b in layout.built
    ]
    columns = ["layout", "value", "component", "candidate", "site", "size", "year", "capex_cny"]
    return pd.DataFrame(rows, columns=columns)


def measure_table(layouts: Sequence[Layout]) -> pd.DataFrame:
    """One row for every layout: value, bound, gap and the measures."""
    rows = [
        {
            "layout": layout.name,
            "value": layout.value,
            "bound": layout.bound,
            "gap": layout.gap,
            "status": layout.status,
            **layout.measures,
        }
        for layout in layouts
    ]
    return pd.DataFrame(rows)


def trial_table(verified: Sequence[Verified]) -> pd.DataFrame:
    """One row for every layout that was tested."""
    rows = [
        {
            "layout": v.layout.name,
            "paper": v.paper,
            "simulated": v.mean,
            "low": min(v.values),
            "high": max(v.values),
            "kept": v.kept,
            "regret": v.regret,
            "paper_rank": v.paper_rank,
            "rank": v.rank,
        }
        for v in verified
    ]
    columns = [
        "layout",
        "paper",
        "simulated",
        "low",
        "high",
        "kept",
        "regret",
        "paper_rank",
        "rank",
    ]
    return pd.DataFrame(rows, columns=columns)


def tuning_table(tuned: Tuned | None) -> pd.DataFrame:
    """One row for every way to run the winner."""
    columns = ["plan", "buffers", "gain", "reps", "kept", "chosen"]
    rows = [
        (t.variant.plan, t.variant.buffers, t.gain, t.reps, t.kept, t.chosen)
        for t in (() if tuned is None else tuned.tried)
    ]
    return pd.DataFrame(rows, columns=columns)
