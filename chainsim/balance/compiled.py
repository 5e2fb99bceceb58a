"""Compiling functions to machine code, once per machine; see `cache.py` for where it is kept.

Where nothing can be written, every process compiles for itself; the answers are the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numba
from numba.core import config, event
from numba.np import linalg

from chainsim.balance.cache import cache_folder, told

_Function = TypeVar("_Function", bound=Callable[..., object])
# Without counting references: the kernels allocate nothing.
_OPTIONS: Mapping[str, Any] = {"error_model": "numpy", "_nrt": False}
_PART: Mapping[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
_ours: set[Any] = set()
"""All functions that are to be compiled."""


def _load_array_functions() -> None:
    """Let numba load its functions on arrays without loading SciPy's linear algebra.

    It only asks whether that is there, at the cost of 0.1 s a start; those who use it ask again.
    """
    asks = getattr(linalg, "ensure_blas", None)
    if asks is None:  # a numba that asks in another way
        return
    linalg.ensure_blas = lambda: None
    try:
        importlib.import_module("numba.np.arraymath")
    finally:
        linalg.ensure_blas = asks


_load_array_functions()


class _Counter(event.Listener):
    """Counts our functions as they are compiled, each once."""

    def __init__(self) -> None:
        self._done: set[Any] = set()

    def on_start(self, event: Any) -> None:
        """The first function is begun."""
        if not self._done:
            told(0, len(_ours))

    def on_end(self, event: Any) -> None:
        """One function is compiled."""
        function = getattr(event.data["dispatcher"], "py_func", None)
        if function in _ours and function not in self._done:
            self._done.add(function)
            told(len(self._done), len(_ours))


event.register("numba:compile", _Counter())  # type: ignore[no-untyped-call]


def compiled(function: _Function) -> _Function:
    """`function` as machine code, from the cache where there is one.

    Nothing is reordered or contracted (no fast-math): the same bits on every run.
    """
    _ours.add(function)
    chosen = config.CACHE_DIR  # type: ignore[attr-defined] # set from the environment at import
    if not chosen:
        config.CACHE_DIR = cache_folder()  # type: ignore[attr-defined]
    try:
        made: _Function = numba.njit(cache=True, **_OPTIONS)(function)
    except RuntimeError:  # no folder can be written
        made = numba.njit(**_OPTIONS)(function)
    finally:
        config.CACHE_DIR = chosen  # type: ignore[attr-defined]
    return made


def part(function: _Function) -> _Function:
    """`function` for use by compiled ones only; to call it from Python would end the process.

    It is compiled into those that use it and kept with them: half the time to compile.
    """
    _ours.add(function)
    made: _Function = numba.njit(**_OPTIONS, **_PART)(function)
    return made
