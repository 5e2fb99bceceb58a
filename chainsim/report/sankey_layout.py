"""Where the nodes and bands of a flow diagram go: layers, order and heights. Pure geometry, px.

Recycles are allowed: links are taken in falling order of flow, and one that would close a loop is a
recycle (a small feedback arc set by flow). What remains has longest-path layers, with the last
stations at the right edge; long links pass through invisible nodes so that they run between the
others. Everything is deterministic: ties go by key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from chainsim.report.lettering import LINE_PX

SWEEPS: Final = 12
BAND_PX: Final = 330.0
"""Sum of the bands of the fullest layer."""
SLOT_PX: Final = 22.0
"""Least distance of two nodes' centres: room for one line of text."""
GAP_PX: Final = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A station; `caption` stands behind its label, which takes so many `lines`."""

    key: str
    label: str
    caption: str = ""
    lines: int = 1
    colour: str = "#7f8c8d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A flow between two stations; `value` > 0 sets its width.

    Of the links of a loop the one of least `rank`, then of least value, is the recycle.
    """

    source: str
    target: str
    value: float
    rank: float = 0.0
    colour: str = "#7f8c8d"
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedNode:
    """A station with its layer (0 = left), top and height in px."""

    node: Node
    layer: int
    top: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedLink:
    """A link as (layer, top) of its band in every layer it meets; recycles have just their ends."""

    link: Link
    stops: tuple[tuple[int, float], ...]
    width: float
    recycle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A placed diagram, `height` px high, with `layers` columns."""

    nodes: tuple[PlacedNode, ...]
    links: tuple[PlacedLink, ...]
    layers: int
    height: float


@dataclass(slots=True)
class _Box:
    """A node while it is placed; invisible ones carry a long link through a layer."""

    key: str
    layer: int
    value: float
    before: list[tuple[str, float]] = field(default_factory=list)
    after: list[tuple[str, float]] = field(default_factory=list)
    real: bool = True
    lines: int = 1
    height: float = 0.0
    top: float = 0.0

    @property
    def centre(self) -> float:
        return self.top + self.height / 2.0

    @property
    def room(self) -> float:
        """Height it needs around its centre, text included."""
        if not self.real:
            return self.height + 2.0
        return max(self.height + GAP_PX, SLOT_PX + LINE_PX * (self.lines - 1))

    @property
    def over(self) -> float:
        """Part of the room above it, and below it."""
        return (self.room - self.height) / 2.0


def place(
    nodes: Sequence[Node],
    links: Sequence[Link],
    *,
    sinks_last: bool = True,
    band_px: float = BAND_PX,
) -> Layout:
    """Lay out a diagram. Nodes that no link meets are left out.

    Args:
        nodes: the stations.
        links: the flows between them.
        sinks_last: put stations without a way out into the last layer, not behind their source.
        band_px: height of all bands of the fullest layer.
    """
    forward, recycles = split_recycles(links)
    known = {node.key: node for node in nodes}
    used = sorted({end for link in links for end in (link.source, link.target)})
    if not used:
        return Layout(nodes=(), links=(), layers=0, height=0.0)
    layer = layers(used, forward, sinks_last=sinks_last)
    boxes, chains = _boxes(used, forward, recycles, layer)
    for key in used:
        boxes[key].lines = known[key].lines
    columns = _ordered(boxes)
    scale = _scale(columns, band_px)
    for box in boxes.values():
        box.height = max(box.value * scale, 1.0)
    _settle(columns, boxes)
    lowest = min(box.top - box.over for box in boxes.values())
    for box in boxes.values():
        box.top -= lowest
    placed = tuple(
        PlacedNode(node=known[k], layer=boxes[k].layer, top=boxes[k].top, height=boxes[k].height)
        for k in used
    )
    return Layout(
        nodes=placed,
        links=_bands(forward, chains, boxes, scale) + _arcs(recycles, boxes, scale),
        layers=len(columns),
        height=max(box.top + box.height + box.over for box in boxes.values()),
    )


def split_recycles(links: Sequence[Link]) -> tuple[list[Link], list[Link]]:
    """(links without a loop, recycles): greedy, the highest rank and largest flow first."""
    after: dict[str, set[str]] = {}
    forward, recycles = [], []
    for link in sorted(links, key=lambda x: (-x.rank, -x.value, x.source, x.target, x.title)):
        if _reaches(after, link.target, link.source):
            recycles.append(link)
        else:
            forward.append(link)
            after.setdefault(link.source, set()).add(link.target)
    return forward, recycles


def _reaches(after: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, stack = {start}, [start]
    while stack:
        node = stack.pop()
        if node == goal:
            return True
        for step in after.get(node, ()):
            if step not in seen:
                seen.add(step)
                stack.append(step)
    return False


def column_count(links: Sequence[Link], *, sinks_last: bool = True) -> int:
    """Number of columns that a diagram will have."""
    used = sorted({end for link in links for end in (link.source, link.target)})
    found = layers(used, split_recycles(links)[0], sinks_last=sinks_last)
    return 1 + max(found.values(), default=0)


def layers(
    keys: Sequence[str], forward: Sequence[Link], *, sinks_last: bool = True
) -> dict[str, int]:
    """Longest-path layer of every node; sources stand before their first target."""
    targets: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for link in forward:
        targets.setdefault(link.source, []).append(link.target)
        sources.setdefault(link.target, []).append(link.source)
    layer: dict[str, int] = {}

    def depth(key: str) -> int:
        if key not in layer:
            layer[key] = 1 + max((depth(s) for s in sources.get(key, ())), default=-1)
        return layer[key]

    for key in keys:
        depth(key)
    last = max(layer.values(), default=0)
    for key in keys:
        if sinks_last and key not in targets and key in sources:
            layer[key] = last
        elif key not in sources and key in targets:
            layer[key] = min(layer[x] for x in targets[key]) - 1
    return layer


def _boxes(
    keys: Sequence[str],
    forward: Sequence[Link],
    recycles: Sequence[Link],
    layer: Mapping[str, int],
) -> tuple[dict[str, _Box], list[tuple[str, ...]]]:
    """Boxes by key, and for each forward link the boxes it passes, ends included."""
    into = dict.fromkeys(keys, 0.0)
    out = dict.fromkeys(keys, 0.0)
    for link in (*forward, *recycles):
        out[link.source] += link.value
        into[link.target] += link.value
    boxes = {k: _Box(key=k, layer=layer[k], value=max(into[k], out[k])) for k in keys}
    chains = []
    for index, link in enumerate(forward):
        chain = [link.source]
        for between in range(layer[link.source] + 1, layer[link.target]):
            key = f"\x00{index:04d}.{between}"
            boxes[key] = _Box(key=key, layer=between, value=link.value, real=False)
            chain.append(key)
        chain.append(link.target)
        for a, b in pairwise(chain):
            boxes[a].after.append((b, link.value))
            boxes[b].before.append((a, link.value))
        chains.append(tuple(chain))
    return boxes, chains


def _ordered(boxes: Mapping[str, _Box]) -> list[list[_Box]]:
    """Columns of boxes, ordered by sweeps of weighted barycentres; the best order met is kept."""
    count = 1 + max(box.layer for box in boxes.values())
    columns: list[list[_Box]] = [[] for _ in range(count)]
    for box in sorted(boxes.values(), key=lambda b: (-b.value, b.key)):
        columns[box.layer].append(box)
    best, fewest = [list(c) for c in columns], _crossings(columns)
    for sweep in range(SWEEPS):
        backward = sweep % 2 == 1
        rank = {box.key: i for column in columns for i, box in enumerate(column)}
        for column in reversed(columns) if backward else columns:
            wanted = {box.key: _mean_rank(box, rank, backward) for box in column}
            column.sort(key=lambda box: (wanted[box.key], box.key))
            rank.update({box.key: i for i, box in enumerate(column)})
        crossed = _crossings(columns)
        if crossed < fewest:
            best, fewest = [list(c) for c in columns], crossed
    return best


def _mean_rank(box: _Box, rank: Mapping[str, int], backward: bool) -> float:
    """Flow-weighted mean rank of the neighbours on one side; its own rank where it has none."""
    near = box.after if backward else box.before
    weight = sum(value for _, value in near)
    if not weight:
        return float(rank[box.key])
    return sum(rank[key] * value for key, value in near) / weight


def _crossings(columns: Sequence[Sequence[_Box]]) -> float:
    """Sum over crossing pairs of links of the smaller flow."""
    total = 0.0
    for left, right in pairwise(columns):
        rank = {box.key: i for i, box in enumerate(right)}
        pairs = [(i, rank[k], v) for i, box in enumerate(left) for k, v in box.after]
        for n, (a, b, v) in enumerate(pairs):
            for c, d, w in pairs[n + 1 :]:
                if (a - c) * (b - d) < 0:
                    total += min(v, w)
    return total


def _scale(columns: Sequence[Sequence[_Box]], band_px: float) -> float:
    """Px per unit of flow, so that the bands of the fullest layer are `band_px` high."""
    return band_px / max(sum(box.value for box in column) for column in columns)


def _settle(columns: Sequence[Sequence[_Box]], boxes: Mapping[str, _Box]) -> None:
    """Heights: draw boxes to their neighbours, then push apart, a few times, ever more gently."""
    tallest = max(sum(box.room for box in column) for column in columns)
    for column in columns:
        top = (tallest - sum(box.room for box in column)) / 2.0
        for box in column:
            box.top = top + box.over
            top += box.room
    for round_ in range(SWEEPS):
        pull = 0.95**round_
        order = columns if round_ % 2 == 0 else list(reversed(columns))
        for column in order:
            for box in column:
                near = [*box.before, *box.after]
                weight = sum(v for _, v in near)
                if weight:
                    wanted = sum(boxes[k].centre * v for k, v in near) / weight
                    box.top += (wanted - box.centre) * pull
            _apart(column, tallest)


def _apart(column: Sequence[_Box], height: float) -> None:
    """No two boxes closer than they need, all within [0, height]."""
    floor = 0.0
    for box in column:
        box.top = max(box.top, floor + box.over)
        floor = box.top - box.over + box.room
    ceiling = height
    for box in reversed(column):
        box.top = min(box.top, ceiling - box.room + box.over)
        ceiling = box.top - box.over


def _bands(
    forward: Sequence[Link],
    chains: Sequence[tuple[str, ...]],
    boxes: Mapping[str, _Box],
    scale: float,
) -> tuple[PlacedLink, ...]:
    """Forward links with the top of their band at every box they meet."""
    tops: list[dict[str, float]] = [{} for _ in forward]
    leaving: dict[str, list[tuple[float, int]]] = {}
    entering: dict[str, list[tuple[float, int]]] = {}
    for index, chain in enumerate(chains):
        leaving.setdefault(chain[0], []).append((boxes[chain[1]].centre, index))
        entering.setdefault(chain[-1], []).append((boxes[chain[-2]].centre, index))
        for key in chain[1:-1]:
            tops[index][key] = boxes[key].top
    starts, ends = (
        _stacked(leaving, forward, boxes, scale),
        _stacked(entering, forward, boxes, scale),
    )
    placed = []
    for index, (link, chain) in enumerate(zip(forward, chains, strict=True)):
        tops[index] |= {chain[0]: starts[index], chain[-1]: ends[index]}
        stops = tuple((boxes[key].layer, tops[index][key]) for key in chain)
        width = max(link.value * scale, 0.75)
        placed.append(PlacedLink(link=link, stops=stops, width=width, recycle=False))
    return tuple(placed)


def _stacked(
    ends: Mapping[str, list[tuple[float, int]]],
    forward: Sequence[Link],
    boxes: Mapping[str, _Box],
    scale: float,
) -> dict[int, float]:
    tops = {}
    for key, found in ends.items():
        top = boxes[key].top
        for _, index in sorted(found):
            tops[index] = top
            top += forward[index].value * scale
    return tops


def _arcs(
    recycles: Sequence[Link], boxes: Mapping[str, _Box], scale: float
) -> tuple[PlacedLink, ...]:
    """Recycles from the foot of their source to the foot of their target."""
    return tuple(
        PlacedLink(
            link=link,
            stops=tuple(
                (boxes[k].layer, boxes[k].top + boxes[k].height - link.value * scale / 2.0)
                for k in (link.source, link.target)
            ),
            width=max(link.value * scale, 0.75),
            recycle=True,
        )
        for link in recycles
    )
