"""Values of coefficients by path: sampled where given, typical elsewhere.

A process written `like` another one shares the figures it takes over: they go by the path of the
process they were written for, so one sampled value moves both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping


class Values:
    """Sampled values by coefficient path."""

    def __init__(
        self,
        given: Mapping[str, float] | None = None,
        origin: Callable[[str], str] | None = None,
    ) -> None:
        """Take samples on.

        Args:
            given: values by path of origin, in the units the coefficients are written in.
            origin: path of origin of a path; every figure stands on its own when left out.
        """
        self._given = given or {}
        self._origin = origin

    def origin(self, path: str) -> str:
        """The path a figure goes by: its own, or that of the process it was taken over from."""
        return path if self._origin is None else self._origin(path)

    def at(self, path: str, typical: float) -> float:
        """The sampled value of the figure that goes by `path`, or `typical`."""
        return self._given.get(path, typical)
