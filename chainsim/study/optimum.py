"""What the lp engine tells besides flows: prices, uses of gas, losses; or why nothing works."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from chainsim.errors import InfeasibleError, Problem
from chainsim.study.aim import Aim, Skipped
from chainsim.study.repair_costs import Repaired


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What one unit more of a limit is worth, in units of the objective.

    Attributes:
        kind: `limit`, or the kind of a column: unit, buy, sell, link, vent, obligation.
        key: of the limit (`q03/city`, `at_most/carbon`, `sales/x`) or component.
        unit: of the amount (`t/a` for capacities over the year).
        limit: where it stands now.
        price: objective of a year per unit more; negative where less would be better.
    """

    kind: str
    key: str
    unit: str
    limit: float
    price: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GasUse:
    """What one unit more at a header is worth, and who would take it.

    `uses`: column -> share of it taken; negative where a source gives so much less instead.
    """

    header: str
    price: float
    uses: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Where the dispatch list loses; `gain` is what the objective of a year would win.

    Attributes:
        header: at which two consumers had better change places; empty where one unit runs wrongly.
        first: the unit that comes first, or runs wrongly.
        then: the unit that had better come first; empty for a single unit.
    """

    header: str
    first: str
    then: str
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Optimum:
    """What the lp engine found besides flows; amounts of the objective per year."""

    aim: Aim
    unit: str
    gain: float
    resolution: float
    """Amounts of the objective below this are rounding; told as 0."""
    rule_gain: float
    """The same of the dispatch list."""
    rule_feasible: bool
    """False when the dispatch list breaks a limit that the optimum keeps."""
    worths: tuple[Worth, ...]
    gases: tuple[GasUse, ...]
    losses: tuple[Loss, ...]
    loads: tuple[tuple[str, float, float], ...]
    """Unit, mean load by the dispatch list and in the optimum, where they differ."""
    short: tuple[tuple[str, float], ...]
    """Obligation and the largest share of it that cannot be met."""
    skipped: tuple[Skipped, ...]

    @property
    def gap(self) -> float:
        """What the optimum earns more than the dispatch list; 0 where that is rounding."""
        gap = self.gain - self.rule_gain
        return gap if abs(gap) > self.resolution else 0.0


class ImpossibleError(InfeasibleError):
    """No use of the park keeps the limits; says what would have to give way."""

    def __init__(
        self, problem: Problem, alone: tuple[Repaired, ...], together: tuple[Repaired, ...]
    ) -> None:
        super().__init__(problem)
        self.alone = alone
        self.together = together
        self.data = {
            "repairs": {
                "any_one": [asdict(r) for r in alone],
                "together": [asdict(r) for r in together],
            }
        }

    def __reduce__(self) -> tuple[type[ImpossibleError], tuple[object, ...]]:
        return ImpossibleError, (self.problems[0], self.alone, self.together)
