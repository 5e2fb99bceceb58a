"""Identifiers: what a valid id is, and the hash that gives each component its random stream."""

from __future__ import annotations

import functools
import hashlib
import re

ID_PATTERN = r"^[a-z][a-z0-9_-]{0,59}$"
_ID = re.compile(ID_PATTERN)


def is_id(text: str) -> bool:
    """True for lower-case ASCII ids: a letter, then up to 59 letters, digits, `_` or `-`."""
    return bool(_ID.match(text))


@functools.lru_cache(maxsize=1 << 14)
def stable_hash(text: str) -> int:
    """A 64-bit hash of `text` that is the same on every machine and in every process."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def spawn_key(replication: int, component: str) -> tuple[int, int, int]:
    """Key for `numpy.random.SeedSequence(seed, spawn_key=…)` of one component in one replication.

    The hash is split into two 32-bit words because spawn keys are words of that size.
    """
    value = stable_hash(component)
    return replication, value >> 32, value & 0xFFFFFFFF
