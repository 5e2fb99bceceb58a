"""What every flow of a park is booked at: the ledger before anything has flowed.

The ledger is linear in flows, so an engine that seeks the best use of a park can be told what each
flow earns and costs in exactly the accounts that will judge it. Corrections by period (the measured
concentration of a stack), and what vented streams take off what several makers gave, are left to
the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chainsim.accounts.conventions import Figures, material_id
from chainsim.accounts.postings import Poster
from chainsim.accounts.view import DIRECT_CARBON, INTERMEDIATE, OUTPUT
from chainsim.park.model import Park
from chainsim.units import factor

FlowKey = tuple[str, str, str, str]
"""Kind, component, port, material, as in the flow table."""


@dataclass(frozen=True, slots=True)
class PostedRate:
    """`amount` per base unit of the flow with index `flow` goes to `account`."""

    flow: int
    account: str
    amount: float


def posted_rates(
    park: Park, flows: Iterable[FlowKey], bought: frozenset[str] = frozenset()
) -> tuple[PostedRate, ...]:
    """Every posting of every flow.

    Args:
        park: the park.
        flows: the flows, signed + where they leave their component.
        bought: headers whose transfer price goes by their purchase.
    """
    poster = Poster(park, Figures(park, {}), bought)
    return tuple(
        PostedRate(index, entry.account, entry.factor)
        for index, key in enumerate(flows)
        for entry in poster.entries(*key)
        if entry.factor
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A sum of accounts that is linear in flows.

    Attributes:
        accounts: beginnings of the accounts added up.
        local: those added up for a part of the park instead, with what it deals with the rest.
        factor: from the accounts' unit to `unit`.
        material: only this material; all when empty.
        small: True where less is better.
    """

    unit: str
    accounts: tuple[str, ...]
    local: tuple[str, ...] = ()
    factor: float = 1.0
    material: str = ""
    small: bool = False


_TCE: Final = factor("kgce", "tce")
_VALUE: Final = (*OUTPUT, *INTERMEDIATE, "vat.")
_CARBON: Final = (*DIRECT_CARBON, "carbon.power", "carbon.heat")
MEASURES: Final[Mapping[str, Measure]] = {
    "profit": Measure(
        unit="CNY",
        accounts=(*OUTPUT, "cost."),
        local=(*OUTPUT, "cost.", "transfer.value"),
    ),
    "value_added": Measure(
        unit="CNY", accounts=_VALUE, local=(*_VALUE, "transfer.value", "transfer.vat")
    ),
    "revenue": Measure(unit="CNY", accounts=("revenue.",)),
    "energy_a": Measure(unit="tce", accounts=("energy.a.",), factor=_TCE, small=True),
    "energy_b": Measure(
        unit="tce",
        accounts=("energy.b.",),
        local=("energy_use.carrier",),
        factor=_TCE,
        small=True,
    ),
    "energy_c": Measure(
        unit="tce",
        accounts=("energy.b.", "energy.c.feedstock"),
        local=("energy_use.carrier", "energy_use.feedstock"),
        factor=_TCE,
        small=True,
    ),
    "carbon": Measure(unit="t", accounts=_CARBON, local=(*_CARBON, "carbon_transfer."), small=True),
    "water": Measure(unit="t", accounts=("water.fresh",), local=("water.used",), small=True),
    "transport": Measure(unit="t*km", accounts=("transport.",), small=True),
    "coke": Measure(unit="t", accounts=("output.made",), material=material_id("coke")),
    "pm": Measure(unit="t", accounts=("pollution.pm",), small=True),
    "so2": Measure(unit="t", accounts=("pollution.so2",), small=True),
    "nox": Measure(unit="t", accounts=("pollution.nox",), small=True),
}
"""Fixed costs (labour, maintenance, depreciation) run with time: they are no flow's."""


def measured(measure: Measure, account: str, material: str, *, part: bool = False) -> float:
    """Factor by which an amount on `account` enters the measure; 0 where it does not."""
    accounts = measure.local if part and measure.local else measure.accounts
    counts = account.startswith(accounts) and measure.material in ("", material)
    return measure.factor if counts else 0.0
