"""What changes by year of operation: renewals falling due, prices that follow indices."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from chainsim.accounts.projects.terms import Figures, capex_class, padded
from chainsim.errors import Problem, did_you_mean
from chainsim.finance.project import Line, Renewal
from chainsim.library.finance_records import PRICED, PRODUCTS, Amount, RenewalRecord, TermsRecord

Paths = Mapping[str, tuple[float, ...]]


def renewals_of(
    record: TermsRecord,
    years: int,
    construction_cny: float,
    figures: Figures,
    money: Callable[[str, Amount], float],
    problems: list[Problem],
) -> tuple[Renewal, ...]:
    """Sustaining investment by year of operation.

    Args:
        record: the terms of a project file or scenario.
        years: of operation.
        construction_cny: construction investment without VAT, for shares of it.
        figures: gives VAT and lives.
        money: reads an amount at a path, CNY.
        problems: years that lie outside operation are told there (CS-N003).
    """
    found = []
    for key, given in record.renewals.items():
        path = f"renewals.{key}"
        class_ = capex_class(
            given.kind, record, figures, vat=given.vat, life=_life(given), path=path
        )
        if given.amount is None:
            once = (given.share or 0.0) * construction_cny
        else:
            once = money(f"{path}.amount", given.amount)
            once /= 1.0 + class_.vat if record.capex_tax == "included" else 1.0
        due = _due(given, years)
        for year in due:
            if year > years:
                problems.append(
                    Problem(
                        code="CS-N003",
                        path=f"{path}.years",
                        found=str(year),
                        expected=f"1 … {years}",
                    )
                )
        found.append(
            Renewal(
                key=key,
                spend_cny=tuple(once * due.count(year) for year in range(1, years + 1)),
                vat=class_.vat,
                life_a=class_.life_a,
                residual=given.residual,
                name_zh=given.name_zh or key,
                name_en=given.name_en or key,
            )
        )
    return tuple(found)


def _due(given: RenewalRecord, years: int) -> list[int]:
    if given.every is not None:
        return list(range(given.every, years, given.every))
    return list(given.years or ())


def _life(given: RenewalRecord) -> float | None:
    return given.life if given.life is not None or given.every is None else float(given.every)


def paths_of(
    record: TermsRecord, years: int, known: Iterable[str], problems: list[Problem]
) -> Paths:
    """Price indices by year of operation; none where the conventions leave them out.

    Args:
        record: the terms.
        years: of operation.
        known: ids of products, costs and materials that may be named.
        problems: unknown names (CS-N024) and indices beyond the years (CS-N004) are told there.
    """
    names = {*known, *PRICED}
    found = {}
    for key, indices in record.price_paths.items():
        path = f"price_paths.{key}"
        if key not in names:
            hint = did_you_mean(key, names)
            problems.append(Problem(code="CS-N024", path=path, found=key, hint=hint))
        if len(indices) > years:
            found_, expected = str(len(indices)), f"<= {years}"
            problems.append(Problem(code="CS-N004", path=path, found=found_, expected=expected))
        found[key] = padded(indices, years)
    return found if record.conventions.price_paths == "applied" else {}


def along(paths: Paths, line: Line) -> Line:
    """`line` with its money following the nearest index: its id, its material, its kind."""
    kind = PRODUCTS if line.kind == "product" else line.kind
    for name in (line.key, line.key.partition("@")[0], kind):
        if name in paths:
            moved = zip(line.yearly_cny, paths[name], strict=True)
            return replace(line, yearly_cny=tuple(cny * index for cny, index in moved))
    return line
