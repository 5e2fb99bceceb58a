"""What is vented or flared is worth nothing to anybody, wherever it came from.

What a header vents in a month is taken off all that units and links brought to it, each by the
same share; what a link brought is taken off at its origin in turn. Only what goes beyond (goods
bought or stored) stays with the vent or the link.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chainsim.accounts.chart import Coded, Floats, Ints
from chainsim.park.model import Park

Bools = NDArray[np.bool_]
MAKERS: Final = ("unit", "link")
"""Kinds of flow that bring to a header what somebody made."""


def changing_hands(
    park: Park, flows: Coded, amounts: Floats, met: dict[tuple[str, ...], str]
) -> Floats | None:
    """(rows,) share of each flow that one enterprise gives another; None where nothing is vented.

    Args:
        park: the park.
        flows: rows by the names of `ledger.LINE`.
        amounts: (rows,) + leaves a component.
        met: header of every line seen so far; lines are added.
    """
    kinds = [kind for kind, *_ in flows.keys]
    if "vent" not in kinds:
        return None
    for key in flows.keys:
        if key not in met:
            met[key] = _header_of(park, key)
    headers = [met[key] for key in flows.keys]
    ends = [park.links[key[1]].target if key[0] == "link" else "" for key in flows.keys]
    number = {name: i for i, name in enumerate(dict.fromkeys([*headers, *ends]))}

    def place(names: list[str]) -> Ints:
        own = np.array([number[name] for name in names], dtype=np.int64)
        return np.asarray(flows.period * len(number) + own[flows.key], dtype=np.int64)

    def are(test: Callable[[int], bool]) -> Bools:
        return np.array([test(i) for i in range(len(kinds))], dtype=bool)[flows.key]

    return worth(
        amounts,
        place(headers),
        place(ends),
        vented=are(lambda i: kinds[i] == "vent"),
        brought=are(lambda i: kinds[i] in MAKERS and headers[i] != "") & (amounts > 0.0),
        sent=are(lambda i: kinds[i] == "link" and flows.keys[i][4] == "in"),
        links=len(park.links),
    )


def _header_of(park: Park, line: tuple[str, ...]) -> str:
    """The header that a line of the flows meets; empty for a port without one."""
    kind, component, site, _, port, material, _ = line
    if kind == "unit":
        ports = park.units[component].ports
        if not any(p.name == port and p.options for p in ports):
            return ""
    return f"{material}@{site}"


def worth(
    amounts: Floats,
    header: Ints,
    end: Ints,
    *,
    vented: Bools,
    brought: Bools,
    sent: Bools,
    links: int,
) -> Floats:
    """(rows,) share of each flow that changes hands; over every header what does adds up to zero.

    Args:
        amounts: (rows,) flows, + brought to a header.
        header: (rows,) number of the header and period of each flow.
        end: (rows,) the same of the header a link delivers to.
        vented: (rows,) flows to vents and flares.
        brought: (rows,) what units and links bring.
        sent: (rows,) what links take.
        links: how many links there are: no loss goes back through more.
    """
    size = int(max(header.max(), end.max())) + 1
    gone = _sums(header[vented], -amounts[vented], size)
    supply = _sums(header[brought], amounts[brought], size)
    carried, origin, target = -amounts[sent], header[sent], end[sent]
    behind, share, lost = np.zeros(size), _ratio(np.minimum(gone, supply), supply), gone
    for _ in range(links):
        if np.array_equal(share, behind):
            break
        behind = share
        lost = gone + _sums(origin, carried * behind[target], size)
        share = _ratio(np.minimum(lost, supply), supply)
    borne = _ratio(np.minimum(lost, supply), lost)
    kept = np.ones(len(amounts))
    kept[brought] -= share[header[brought]]
    kept[vented] -= borne[header[vented]]
    kept[sent] -= borne[origin] * behind[target]
    return kept


def _sums(number: Ints, amounts: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(number, weights=amounts, minlength=size), dtype=np.float64)


def _ratio(part: Floats, whole: Floats) -> Floats:
    return np.divide(part, whole, out=np.zeros(len(part)), where=whole > 0.0)
