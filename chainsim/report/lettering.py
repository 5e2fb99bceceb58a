"""Texts in pictures: how wide they are and where they break. Widths in px, estimated."""

from __future__ import annotations

import unicodedata
from itertools import pairwise
from typing import Final

FONT_PX: Final = 13.0
LINE_PX: Final = 15.0
"""Distance of two lines."""
FONT_FAMILY: Final = (
    "'Noto Sans CJK SC','Microsoft YaHei','PingFang SC','WenQuanYi Micro Hei',sans-serif"
)
NO_BREAK: Final = "\u00a0"
"""A space that no line ends at."""
_BEHIND: Final = "-\u2013\u2014/\u00b7"
"""A line may end after these."""
_OPENING: Final = ("(", "\uff08")
_CLOSING: Final = (")", "\uff09")
_NEVER_FIRST: Final = (*_CLOSING, "\uff0c", "\u3001", "\u3002", "%", " ")


def text_px(text: str, font_px: float = FONT_PX) -> float:
    """Estimated width of `text`: one em for wide characters, a little over half for others."""
    wide = sum(_is_wide(c) for c in text)
    return font_px * (wide + 0.56 * (len(text) - wide))


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in "WF"


def shortened(text: str, room: float, font_px: float = FONT_PX) -> str:
    """`text` cut to `room` px, with an ellipsis where something is missing."""
    if text_px(text, font_px) <= room:
        return text
    while text and text_px(f"{text}\u2026", font_px) > room:
        text = text[:-1]
    return f"{text.rstrip()}\u2026"


def wrapped(text: str, room: float, most: int, font_px: float = FONT_PX) -> tuple[str, ...]:
    """`text` in at most `most` lines of `room` px; a word that is wider gets its line whole.

    What is left over is cut with an ellipsis.
    """
    lines: list[str] = [""]
    for piece in _bracketed(_pieces(text), room, font_px):
        if lines[-1] and text_px((lines[-1] + piece).rstrip(), font_px) > room:
            lines.append("")
        lines[-1] += piece
    kept, over = lines[:most], lines[most:]
    if over:
        kept[-1] = shortened("".join((kept[-1], *over)), room, font_px)
    return tuple(line.strip() for line in kept)


def _pieces(text: str) -> list[str]:
    """Runs of `text` that no line break divides."""
    pieces = [text[:1]]
    for before, char in pairwise(text):
        if _breaks(before, char):
            pieces.append("")
        pieces[-1] += char
    return pieces


def _bracketed(pieces: list[str], room: float, font_px: float) -> list[str]:
    """The pieces of a bracket as one where it fits a line."""
    joined: list[str] = []
    start = -1
    for piece in pieces:
        joined.append(piece)
        if start < 0 and piece[:1] in _OPENING:
            start = len(joined) - 1
        if start >= 0 and piece.rstrip()[-1:] in _CLOSING:
            whole = "".join(joined[start:])
            if text_px(whole.rstrip(), font_px) <= room:
                joined[start:] = [whole]
            start = -1
    return joined


def _breaks(before: str, char: str) -> bool:
    if before in _OPENING or char in _NEVER_FIRST:
        return False
    if char in _OPENING:
        return True
    return before == " " or before in _BEHIND or _is_wide(before) or _is_wide(char)
