"""A compiled loop over allocations, so that calling from Python is not what is measured."""

from __future__ import annotations

import numba
import numpy as np

from chainsim.balance.search import Nodes, search
from chainsim.balance.tableau import Tableau


@numba.njit(_nrt=False, error_model="numpy")  # type: ignore[call-overload] # as the kernels are
def allocate_all(
    t: Tableau, n: Nodes, upper: np.ndarray, floors: np.ndarray, answers: np.ndarray
) -> None:
    """Allocate one state after the other; `answers` (states, columns)."""
    for i in range(len(upper)):
        search(t, n.bounds[0, 0], upper[i], floors[i], n, False)
        for c in range(answers.shape[1]):
            answers[i, c] = n.answer[c]
