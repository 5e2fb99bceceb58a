"""Time value of a layout: weights of a year's margin and of an investment by its first year.

Present value before tax at the first year's beginning, flows at the end of their year. All years
from the first to the end of the operation years count; the last year looked at stands for those
after it. Investment counts without VAT, spread over the years of construction before the start;
what is not written off at the end comes back.
"""

from __future__ import annotations

from dataclasses import dataclass

from chainsim.accounts.projects.from_park import parts_of
from chainsim.accounts.projects.scope import hurdle_of
from chainsim.accounts.projects.terms import Figures, terms_of
from chainsim.study.layout.options import Ground


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """Terms of a layout.

    Attributes:
        rate: discount rate.
        first, last: years looked at.
        end: last year of operation.
        construction: share of the investment by year of construction, the last one just before
            the start.
        net: share of an investment that is not VAT.
        life, residual: years written off, and the share left then.
    """

    rate: float
    first: int
    last: int
    end: int
    construction: tuple[float, ...]
    net: float
    life: float
    residual: float

    def factor(self, year: int) -> float:
        """Present value of 1 at the end of `year`.

        >>> m = Money(rate=0.1, first=2026, last=2030, end=2040, construction=(1.0,), net=1.0,
        ...           life=15, residual=0.0)
        >>> round(m.factor(2026), 4), round(m.factor(2025), 4)
        (0.9091, 1.0)
        """
        return float((1.0 + self.rate) ** -(year - self.first + 1))

    def year_weight(self, year: int) -> float:
        """Present value of 1 a year in `year`; the last year stands for all that follow."""
        until = self.end if year == self.last else year
        return sum(self.factor(y) for y in range(year, until + 1))

    def spent_weight(self, start: int) -> float:
        """Present value of an investment of 1 (with VAT) that begins operation in `start`."""
        before = len(self.construction)
        spent = sum(
            share * self.factor(start - before + i) for i, share in enumerate(self.construction)
        )
        used = min(1.0, (self.end - start + 1) / self.life)
        left = 1.0 - used * (1.0 - self.residual)
        return self.net * (spent - left * self.factor(self.end))


def money_of(ground: Ground) -> Money:
    """Terms by the file and the scenario's finance section, the library's figures else.

    A park without any library counts investment as it stands, spent in the year before the start
    and written off over the years of operation.
    """
    park, record = ground.park, ground.file.record
    first, last = ground.years[0], ground.years[-1]
    if not park.library.factors:
        given = park.finance
        years = given.operation_years or 15
        return Money(
            rate=record.discount if record.discount is not None else 0.1,
            first=first,
            last=last,
            end=max(last, first + years - 1),
            construction=tuple(given.construction or (1.0,)),
            net=1.0,
            life=float(years),
            residual=0.0,
        )
    figures = Figures(park.library, "finance.")
    rate = record.discount
    with figures.collected():
        terms = terms_of(park.finance, figures)
        parts = tuple(parts_of(park, 1.0, terms, figures))
        if rate is None:
            rate = hurdle_of(park, ground.invested, figures)
    depreciated = sum(sum(p.spend_cny) for p in parts)
    life = sum(sum(p.spend_cny) * p.life_a for p in parts) / depreciated
    residual = sum(sum(p.spend_cny) * p.residual for p in parts) / depreciated
    return Money(
        rate=rate,
        first=first,
        last=last,
        end=max(last, first + len(terms.load) - 1),
        construction=terms.construction,
        net=depreciated,
        life=life,
        residual=residual,
    )
