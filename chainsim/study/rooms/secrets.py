"""Codes that people type, tokens that tablets keep, and PINs that are never stored."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import Final

_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without those that are mistaken for each other on a projector."""
CODE_CHARS: Final = 4
PIN_LEAST: Final = 4
PIN_MOST: Final = 20
_COST: Final = {"n": 1 << 14, "r": 8, "p": 1}


def new_code() -> str:
    """A room's code, such as `7K3Q`."""
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_CHARS))


def read_code(text: str) -> str:
    """A code as somebody typed it; empty when it cannot be one."""
    code = text.strip().upper()
    return code if len(code) == CODE_CHARS and set(code) <= set(_LETTERS) else ""


def new_token() -> str:
    """What a seat in a room is known by."""
    return secrets.token_urlsafe(18)


def token_hash(token: str) -> str:
    """What of a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def pin_hash(pin: str) -> str:
    """What of a PIN is stored: salt and key of scrypt (RFC 7914)."""
    salt = os.urandom(16)
    return f"{salt.hex()}:{_key(pin, salt).hex()}"


def pin_fits(pin: str, stored: str) -> bool:
    """Whether `pin` is the one that was stored."""
    salt, _, key = stored.partition(":")
    return hmac.compare_digest(_key(pin, bytes.fromhex(salt)), bytes.fromhex(key))


def _key(pin: str, salt: bytes) -> bytes:
    return hashlib.scrypt(pin.encode(), salt=salt, dklen=32, **_COST)
