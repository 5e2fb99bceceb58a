"""Whether processes close at given values of the figures, asked a few processes at a time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from chainsim.errors import Problem
from chainsim.library.files import closing_order, constants_of, draft
from chainsim.library.materials import MaterialResolver
from chainsim.library.model import Coefficient, Library, Material, Port
from chainsim.library.processes import ProcessResolver
from chainsim.library.reading import LibraryRecords
from chainsim.library.sampled import Values


class Closures:
    """The closings of some processes, and of those whose closing streams they take in."""

    def __init__(
        self, records: LibraryRecords, processes: Iterable[str], also: Collection[str] = ()
    ) -> None:
        """Find out which figures each closing depends on.

        Args:
            records: the library as written.
            processes: ids of the processes that matter.
            also: paths of figures that count though the library gives them no range.
        """
        self._records = records
        self._constants = constants_of(records.constants)
        made = {k: m.closing_of for k, m in records.materials.items() if m.closing_of}
        wanted = set(processes) & set(records.processes)
        order = closing_order(records)
        self._above: dict[str, tuple[str, ...]] = {}
        for key in order:
            ports = records.processes[key][1].ports
            direct = {made.get(port.material or name, key) for name, port in ports.items()} - {key}
            above = {k for d in direct if d in self._above for k in (*self._above[d], d)}
            self._above[key] = tuple(k for k in order if k in above)
        closing = wanted | {k for w in wanted for k in self._above[w]}
        self.processes = tuple(k for k in order if k in closing)
        library = draft(records).library
        self._behind = {k: p for k in records.materials if (p := _behind(records, library, k))}
        """Paths of the figures that make a material; not of closing streams."""
        self._made: dict[str, tuple[tuple[float | None, ...], Material]] = {}
        """Materials as they were made last, and from which values."""
        self._ports: dict[str, Port] = {}
        self.figures: dict[str, Coefficient] = {}
        """Every figure with a range that some closing depends on, by path."""
        depends: dict[str, list[str]] = {}
        for key in self.processes:
            for below in (*self._above[key], key):
                for port in library.processes[below].ports:
                    own = [] if port.coefficient is None else [port.coefficient]
                    known = library.materials.get(port.material.id)
                    for c in (*own, *(() if known is None else known.coefficients)):
                        if c.low < c.high or c.path in also:
                            self.figures[c.path] = c
                            if key not in depends.setdefault(c.path, []):
                                depends[c.path].append(key)
        self.depending: Mapping[str, tuple[str, ...]] = {k: tuple(v) for k, v in depends.items()}
        """Path -> processes whose closing it moves."""

    def margins(self, processes: Iterable[str], values: Mapping[str, float]) -> dict[str, float]:
        """What must not be negative, `<process>.<part>` -> share of what goes in."""
        resolver, _ = self._resolved(processes, values)
        return {
            f"{key}.{name}": value
            for key in processes
            for name, value in resolver.margins.get(key, {}).items()
        }

    def broken(self, processes: Iterable[str], values: Mapping[str, float]) -> list[str]:
        """Those of `processes` that do not close at `values`."""
        _, problems = self._resolved(processes, values)
        named = {p.path.split(".")[1] for p in problems if p.path.startswith("processes.")}
        return [key for key in processes if key in named]

    def _resolved(
        self, processes: Iterable[str], values: Mapping[str, float]
    ) -> tuple[ProcessResolver, list[Problem]]:
        problems: list[Problem] = []
        sampled = Values(values, self._records.origin)
        materials = MaterialResolver(
            self._records.materials, self._constants, sampled, problems.append
        )
        resolver = ProcessResolver(
            self._records, materials, self._constants, sampled, problems.append, self._ports
        )
        signatures = {k: tuple(map(values.get, paths)) for k, paths in self._behind.items()}
        for key, (signature, made) in self._made.items():
            if signature == signatures[key]:
                materials.done[key] = made
        for key in processes:
            for needed in (*self._above[key], key):
                resolver.check(needed)
        for key, made in materials.done.items():
            if key in signatures:
                self._made[key] = signatures[key], made
        return resolver, problems


def _behind(records: LibraryRecords, library: Library, key: str) -> tuple[str, ...]:
    """What a material is made from: itself, its figures, those of what it blends.

    Nothing for a stream that a process closes with.
    """
    record, known = records.materials[key], library.materials.get(key)
    parts = [_behind(records, library, part) for part in record.blend or ()]
    if record.closing_of or known is None or not all(parts):
        return ()
    return (
        f"materials.{key}",
        *(c.path for c in known.coefficients),
        *(p for q in parts for p in q),
    )
