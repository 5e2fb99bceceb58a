"""A drawn picture with the places in it that can be pointed at.

The page shows the SVG as an image, which can neither run scripts nor load anything; what is named
in it (`data-key` and a `<title>` on a `<rect>` or `<circle>`) becomes a list of boxes that the page
lays over the image as buttons.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass
from typing import Final

_SVG: Final = "{http://www.w3.org/2000/svg}"
LEAST_PX: Final = 24.0
"""A finger needs that much."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A named box; place and size as shares of the picture's."""

    key: str
    label: str
    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG text, its size in px and its spots."""

    svg: str
    title: str
    width: float
    height: float
    spots: tuple[Spot, ...]


def picture_of(svg: str) -> Picture:
    """The picture that one of our own SVG texts is."""
    root = ET.fromstring(svg)  # noqa: S314 - made by this package, no outside text unescaped
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    title = root.findtext(f"{_SVG}title") or ""
    spots = tuple(
        _spot(element, width, height) for element in root.iter() if "data-key" in element.attrib
    )
    return Picture(svg=svg, title=title, width=width, height=height, spots=spots)


def _spot(element: ET.Element, width: float, height: float) -> Spot:
    found = element.attrib
    if element.tag == f"{_SVG}circle":
        r = float(found["r"])
        box = (float(found["cx"]) - r, float(found["cy"]) - r, 2 * r, 2 * r)
    else:
        box = tuple(float(found[k]) for k in ("x", "y", "width", "height"))  # type: ignore[assignment]
    wide, high = max(box[2], LEAST_PX), max(box[3], LEAST_PX)
    left, top = box[0] - (wide - box[2]) / 2, box[1] - (high - box[3]) / 2
    return Spot(
        key=found["data-key"],
        label=element.findtext(f"{_SVG}title") or "",
        left=left / width,
        top=top / height,
        width=wide / width,
        height=high / height,
    )
