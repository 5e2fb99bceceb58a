"""Stocks as vehicles see them: levels between bookings, batches taken out and put in."""

from __future__ import annotations

import math

from chainsim.balance.booking import book_level, period_of, see_period
from chainsim.balance.bundle import Floats
from chainsim.balance.compiled import part
from chainsim.balance.hauls import BATCH, DUE, SOURCE, TARGET, Hauls
from chainsim.balance.state import (
    CALL,
    CAPACITY,
    EMPTY,
    FULL,
    GIVES,
    LEVEL,
    LEVEL_AT,
    MOVED,
    RATE,
    SLACK_LEVEL,
    TAKES,
    WAIT_BUFFER,
    WAIT_TAKES,
    WAIT_WAITS,
    State,
)


@part
def level_at(buffer: Floats, b: int, now: float) -> float:
    """Level of a buffer at `now`."""
    level = buffer[LEVEL, b] + buffer[RATE, b] * (now - buffer[LEVEL_AT, b])
    return float(min(max(level, 0.0), buffer[CAPACITY, b]))


@part
def reached_at(buffer: Floats, b: int, level: float, now: float) -> float:
    """When a buffer comes to a level at the present rate; infinite when it goes away from it."""
    rate = buffer[RATE, b]
    if rate == 0.0:
        return math.inf
    at = buffer[LEVEL_AT, b] + (level - buffer[LEVEL, b]) / rate
    return float(at) if at >= now else math.inf


@part
def slack(buffer: Floats, b: int) -> float:
    """How far from an amount a level may lie and count as there."""
    return float(buffer[SLACK_LEVEL, b])


@part
def batches(buffer: Floats, h: Hauls, k: int, now: float) -> int:
    """Batches in stock, at least one; as many as can wait where they are bought."""
    b = h.mark[SOURCE, k]
    if b < 0:
        return int(h.asked.shape[1])
    stock = level_at(buffer, b, now) + slack(buffer, b)
    return int(min(max(1, int(stock / h.figure[BATCH, k])), h.asked.shape[1]))


@part
def has_batch(buffer: Floats, h: Hauls, k: int, now: float) -> bool:
    """True when a batch is in stock, or is bought when it is loaded."""
    b = h.mark[SOURCE, k]
    return bool(b < 0 or level_at(buffer, b, now) >= h.figure[BATCH, k] - slack(buffer, b))


@part
def has_room(buffer: Floats, h: Hauls, k: int, now: float) -> bool:
    """True when a batch fits in where it goes, or is sold when it comes."""
    b = h.mark[TARGET, k]
    if b < 0:
        return True
    most = buffer[CAPACITY, b] - h.figure[BATCH, k] + slack(buffer, b)
    return bool(level_at(buffer, b, now) <= most)


@part
def move(s: State, b: int, amount: float, now: float) -> None:
    """Change a level at one instant, and tell whom it concerns."""
    book_level(s.buffer, s.buffer_mark, s.by_buffer, s.tally, s.ends, b, now)
    see_period(s.buffer, s.buffer_mark, s.by_buffer, b, period_of(s.tally, s.ends, now))
    s.tally[MOVED] = 1
    level = s.buffer[LEVEL, b] + amount
    s.buffer[LEVEL, b] = min(max(level, 0.0), s.buffer[CAPACITY, b])
    slack = s.buffer[SLACK_LEVEL, b]
    empty = s.buffer[LEVEL, b] <= slack
    full = s.buffer[LEVEL, b] >= s.buffer[CAPACITY, b] - slack
    if s.buffer_mark[GIVES, b] == 1 and empty != (s.buffer_mark[EMPTY, b] == 1):
        s.tally[CALL] = 1
    if s.buffer_mark[TAKES, b] == 1 and full != (s.buffer_mark[FULL, b] == 1):
        s.tally[CALL] = 1
    for w in range(s.wait_mark.shape[1]):
        if s.wait_mark[WAIT_WAITS, w] == 1 and s.wait_mark[WAIT_BUFFER, w] == b:
            over = s.buffer[LEVEL, b] - s.wait_level[w]
            if s.wait_mark[WAIT_TAKES, w] == 0:
                over = -over
            if over >= -slack:
                s.tally[CALL] = 1
    h = s.haul
    for k in range(h.mark.shape[1]):
        if h.mark[SOURCE, k] == b or h.mark[TARGET, k] == b:
            h.figure[DUE, k] = -math.inf
