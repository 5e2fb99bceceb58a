"""Replications that pages have at hand as one comparison, run by run under the same luck."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from chainsim.accounts.kpis import TOTAL
from chainsim.study.paired import Paired, paired
from chainsim.study.replications import Replication

Values = dict[str, tuple[float, str]]


def paired_replications(
    batches: Sequence[Sequence[Replication]], names: Sequence[str], keys: Sequence[str]
) -> Paired:
    """Each other batch against the first, replication by replication.

    Args:
        batches: replications of each scheme under one seed; equal numbers share their luck.
        names: of the schemes, each once.
        keys: KPIs compared; those that no batch has are left out, one that a run lacks is zero
            there (nothing was made of a material).
    """
    tables = [[_values(r) for r in sorted(b, key=lambda r: r.number)] for b in batches]
    pairs = min((len(table) for table in tables), default=0)
    runs = [v for table in tables for v in table[:pairs]]
    units = {k: v[k][1] for k in keys for v in runs if k in v}
    samples = {
        key: np.array([[v.get(key, (0.0, ""))[0] for v in t[:pairs]] for t in tables])
        for key in units
    }
    return paired(names, samples, units)


def _values(replication: Replication) -> Values:
    kpis = replication.kpis
    total = kpis[kpis["period"] == TOTAL]
    return {
        str(k): (math.nan if v is None else float(v), str(u))
        for k, v, u in zip(total["id"], total["value"], total["unit"], strict=True)
    }
