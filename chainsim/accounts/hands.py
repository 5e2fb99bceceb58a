"""What changes hands at the headers in a month: who brings, who takes, what it is worth to them.

Goods go at the header's price, with two corrections that make the enterprises add up to the park:

- what is vented or flared is worth nothing to anybody. It is taken off all that units and links
  brought to the header, each by the same share; what a link brought is taken off at its origin in
  turn. Only what goes beyond (goods bought or stored) stays with the vent or the link;
- a sale or purchase at another price than the header's is that of those who made what is sold, or
  use what is bought, each by the same share. Only what is bought to be sold again, or sold out of
  stock, leaves its margin with the market.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chainsim.accounts.chart import Coded, Floats, Ints
from chainsim.park.model import Park

Bools = NDArray[np.bool_]
Line = tuple[str, ...]
MAKERS: Final = ("unit", "link")
"""Kinds of flow by which enterprises bring to a header and take from it."""
OUTLETS: Final = ("sell", "obligation")


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Hands:
    """Flows by what they do at their header in their month.

    Attributes:
        amounts: (rows,) + brought to the header.
        header: (rows,) number of the header and month of each flow.
        end: (rows,) the same of the header a link delivers to.
        size: how many numbers there are.
        brought: (rows,) what units and links bring.
        taken: (rows,) what they take.
        sent: (rows,) of that, what links carry on.
        vented: (rows,) what vents and flares take.
        sold: (rows,) what sales and obligations take.
        bought: (rows,) what purchases bring.
        links: how many links there are: no loss goes back through more.
    """

    amounts: Floats
    header: Ints
    end: Ints
    size: int
    brought: Bools
    taken: Bools
    sent: Bools
    vented: Bools
    sold: Bools
    bought: Bools
    links: int


def hands_of(park: Park, flows: Coded, amounts: Floats, met: dict[Line, str]) -> Hands:
    """The flows of a run.

    Args:
        park: the park.
        flows: rows by the names of `ledger.LINE`.
        amounts: (rows,) + leaves a component.
        met: header of every line seen so far; lines are added.
    """
    for key in flows.keys:
        if key not in met:
            met[key] = _header_of(park, key)
    kinds = [kind for kind, *_ in flows.keys]
    headers = [met[key] for key in flows.keys]
    ends = [park.links[key[1]].target if key[0] == "link" else "" for key in flows.keys]
    number = {name: i for i, name in enumerate(dict.fromkeys([*headers, *ends]))}

    def place(names: list[str]) -> Ints:
        own = np.array([number[name] for name in names], dtype=np.int64)
        return np.asarray(flows.period * len(number) + own[flows.key], dtype=np.int64)

    def are(test: Callable[[int], bool]) -> Bools:
        return np.array([test(i) for i in range(len(kinds))], dtype=bool)[flows.key]

    deal = are(lambda i: kinds[i] in MAKERS and headers[i] != "")
    return Hands(
        amounts=amounts,
        header=place(headers),
        end=place(ends),
        size=len(flows.periods) * len(number),
        brought=deal & (amounts > 0.0),
        taken=deal & (amounts < 0.0),
        sent=are(lambda i: kinds[i] == "link" and flows.keys[i][4] == "in"),
        vented=are(lambda i: kinds[i] == "vent"),
        sold=are(lambda i: kinds[i] in OUTLETS),
        bought=are(lambda i: kinds[i] == "buy"),
        links=len(park.links),
    )


def _header_of(park: Park, line: Line) -> str:
    """The header that a line of the flows meets; empty for a port without one."""
    kind, component, site, _, port, material, _ = line
    if kind == "unit":
        ports = park.units[component].ports
        if not any(p.name == port and p.options for p in ports):
            return ""
    return f"{material}@{site}"


def worth(hands: Hands) -> Floats:
    """(rows,) share of each flow that is worth something; over a header these add up to zero."""
    kept = np.ones(len(hands.amounts))
    if not hands.vented.any():
        return kept
    header, size, amounts = hands.header, hands.size, hands.amounts
    gone = -_sums(header, amounts, hands.vented, size)
    supply = _sums(header, amounts, hands.brought, size)
    carried, origin, target = -amounts[hands.sent], header[hands.sent], hands.end[hands.sent]
    behind, share, lost = np.zeros(size), _ratio(np.minimum(gone, supply), supply), gone
    for _ in range(hands.links):
        if np.array_equal(share, behind):
            break
        behind = share
        back = np.bincount(origin, weights=carried * behind[target], minlength=size)
        lost = np.asarray(gone + back, dtype=np.float64)
        share = _ratio(np.minimum(lost, supply), supply)
    borne = _ratio(np.minimum(lost, supply), lost)
    kept[hands.brought] -= share[header[hands.brought]]
    kept[hands.vented] -= borne[header[hands.vented]]
    kept[hands.sent] -= borne[origin] * behind[target]
    return kept


def margins(hands: Hands, kept: Floats, margin: Floats) -> Floats:
    """(rows,) what moves from markets to those who made what is sold and use what is bought.

    Args:
        hands: the flows.
        kept: (rows,) as `worth` tells.
        margin: (rows,) of sales and purchases: what they bring or cost beyond the header's price.
    """
    moved = np.zeros(len(margin))
    for deals, makers in ((hands.sold, hands.brought), (hands.bought, hands.taken)):
        size, header = hands.size, hands.header
        part = np.abs(hands.amounts) * kept
        dealt, made = _sums(header, part, deals, size), _sums(header, part, makers, size)
        share = _ratio(np.minimum(dealt, made), dealt)
        given = share * _sums(header, margin, deals, size)
        each = _ratio(given, made)
        moved[deals] -= share[header[deals]] * margin[deals]
        moved[makers] += each[header[makers]] * part[makers]
    return moved


def _sums(header: Ints, amounts: Floats, rows: Bools, size: int) -> Floats:
    found = np.bincount(header[rows], weights=amounts[rows], minlength=size)
    return np.asarray(found, dtype=np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0.0)
