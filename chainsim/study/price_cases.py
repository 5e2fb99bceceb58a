"""One project under every price set of the library: the same plants, other times."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from chainsim.errors import UserError
from chainsim.study.appraise import Appraised, appraise_result
from chainsim.study.cache import steady_result
from chainsim.study.levers import Scheme, overrides, price_sets

INDICATORS: Final = {
    "firr_after_tax": "ratio",
    "fnpv_after_tax_cny": "CNY",
    "payback_static_after_tax_y": "a",
    "dscr_min": "ratio",
    "bep_load": "ratio",
}


def appraised(scheme: Scheme) -> Appraised:
    """The plants not yet built of a scheme, appraised on its steady run.

    Raises:
        UserError: as `run`; nothing to appraise.
    """
    return appraise_result(steady_result(scheme.base, overrides(scheme)))


def price_cases(scheme: Scheme) -> pd.DataFrame:
    """Indicators of the scheme's project under its own prices and each price set.

    Columns: prices (id of the set, empty for the scheme's own), then one per `INDICATORS`; NaN
    where an indicator does not exist or the case cannot be appraised.
    """
    rows = []
    for prices in ("", *price_sets(scheme.base)):
        case = scheme.with_prices(prices) if prices else scheme
        rows.append({"prices": prices, **_indicators(case)})
    return pd.DataFrame(rows, columns=["prices", *INDICATORS])


def _indicators(scheme: Scheme) -> dict[str, float]:
    try:
        found = appraised(scheme).appraisal
    except UserError:
        return dict.fromkeys(INDICATORS, math.nan)
    values = {key: found.value(key) for key in INDICATORS}
    return {key: math.nan if value is None else value for key, value in values.items()}
