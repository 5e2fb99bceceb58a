"""Rules of a layout in its program: what may stand together, and the limits of every year."""

from __future__ import annotations

import math
from dataclasses import replace

from chainsim.errors import Problem, ScenarioError, UnitError, did_you_mean
from chainsim.library.candidate_records import LayoutLimitRecord
from chainsim.study.aim import TOTALS, UNIT_ENERGY
from chainsim.study.layout.formulation import BUILT, Expression, Formulation, begun
from chainsim.units import convert, split_quantity


def add_rules(form: Formulation) -> None:
    """Add every rule of the file to its program.

    Raises:
        UserError: what is wrong in limits, clauses, needs or distances.
    """
    _logic(form)
    _limits(form)


# -- what may stand together ------------------------------------------------------------------


def _logic(form: Formulation) -> None:
    record = form.ground.file.record
    row = form.model.row
    for choice in form.ground.choices:
        row(f"once:{choice.component}", _any(form, component=choice.component), 0.0, 1.0)
    for key, candidate in record.candidates.items():
        somewhere = _any(form, candidate=key)
        if not candidate.several:
            row(f"one_place:{key}", somewhere, 0.0, 1.0)
        if candidate.required:
            row(f"required:{key}", somewhere, 1.0, math.inf)
        for other in candidate.needs:
            _needs(form, key, other)
    _approvals(form)
    for key, apart in record.apart.items():
        _apart(form, key, apart.of[0], apart.of[1], apart.km)


def _any(form: Formulation, *, component: str = "", candidate: str = "") -> Expression:
    return {
        p.column: 1.0
        for p in form.picks
        if component in ("", p.choice.component) and candidate in ("", p.choice.candidate)
    }


def _needs(form: Formulation, key: str, other: str) -> None:
    """Whatever begins by a year has what it needs by then."""
    record, file = form.ground.file.record, form.ground.file
    if other not in record.candidates:
        path = f"candidates.{key}.needs"
        hint = did_you_mean(other, record.candidates)
        raise ScenarioError(file.place(Problem(code="CS-O009", path=path, found=other, hint=hint)))
    for choice in form.ground.choices:
        if choice.candidate != key:
            continue
        helpers = [c for c in form.ground.choices if c.candidate == other]
        near = [c for c in helpers if not c.site or not choice.site or c.site == choice.site]
        for year in choice.years:
            entries = {p.column: 1.0 for p in begun(form, choice.component, year)}
            for helper in near:
                for pick in begun(form, helper.component, year):
                    entries[pick.column] = -1.0
            form.model.row(f"needs:{choice.component}:{other}:{year}", entries, -math.inf, 0.0)


def _approvals(form: Formulation) -> None:
    """One approval stands once among what is built."""
    held: dict[str, list[str]] = {}
    for choice in form.ground.choices:
        unit = form.ground.park.units.get(choice.component)
        if unit is not None and unit.approval:
            held.setdefault(unit.approval, []).append(choice.component)
    for approval, components in sorted(held.items()):
        entries: Expression = {}
        for component in components:
            entries |= _any(form, component=component)
        form.model.row(f"approval:{approval}", entries, 0.0, 1.0)


def _apart(form: Formulation, key: str, one: str, other: str, km: float) -> None:
    sites, record = form.ground.park.sites, form.ground.file.record
    for name in (one, other):
        if name not in record.candidates:
            hint = did_you_mean(name, record.candidates)
            problem = Problem(code="CS-O009", path=f"apart.{key}.of", found=name, hint=hint)
            raise ScenarioError(form.ground.file.place(problem))
    for a in form.ground.choices:
        for b in form.ground.choices:
            if (a.candidate, b.candidate) != (one, other) or not (a.site and b.site):
                continue
            p, q = sites[a.site], sites[b.site]
            if math.hypot(p.x_km - q.x_km, p.y_km - q.y_km) < km:
                entries = _any(form, component=a.component) | _any(form, component=b.component)
                form.model.row(f"apart:{key}:{a.component}:{b.component}", entries, 0.0, 1.0)


# -- limits -----------------------------------------------------------------------------------


def _limits(form: Formulation) -> None:
    record = form.ground.file.record
    if record.budget is not None:
        most = _amount(form, "budget", record.budget, "CNY")
        form.limit_units["budget"] = "CNY"
        _limit(form, "budget", form.measure("capex"), -math.inf, most)
    for key, given in sorted(record.limits.items()):
        part = _part(form, key, given)
        unit = form.unit(given.measure)
        per = unit if given.measure in BUILT else f"{unit}/a"
        path = f"limits.{key}"
        low, high = -math.inf, math.inf
        if given.at_least is not None:
            low = _amount(form, f"{path}.at_least", given.at_least, per)
        if given.at_most is not None:
            high = _amount(form, f"{path}.at_most", given.at_most, per)
        form.limit_units[key], form.limit_ends[key] = per, (low, high)
        once = given.measure in ("fnpv", "capex")
        for phase in range(1 if once else len(form.phases)):
            _limit(form, key, form.measure(given.measure, phase, **part), low, high)
    for clause in record.policies:
        for phase in range(len(form.phases)):
            _clause(form, clause, phase)


def _part(form: Formulation, key: str, given: LayoutLimitRecord) -> dict[str, str]:
    """The part of the park that a limit bounds; nothing for all of it.

    Raises:
        ScenarioError: there is no such place or owner.
    """
    park = form.ground.park
    known = {
        "site": set(park.sites),
        "county": {site.county for site in park.sites.values()},
        "owner": set(park.enterprises),
    }
    part = {name: word for name in known if (word := getattr(given, name))}
    for name, word in part.items():
        if word not in known[name]:
            hint = did_you_mean(word, known[name])
            problem = Problem(code="CS-S002", path=f"limits.{key}.{name}", found=word, hint=hint)
            raise ScenarioError(form.ground.file.place(problem))
    return part


def _amount(form: Formulation, path: str, amount: float | str, unit: str) -> float:
    """An amount in `unit`; a bare number is in it already. Persons are counted, not measured.

    Raises:
        UnitError: not a number, or of another dimension; with its place in the file.
    """
    try:
        number, written = split_quantity(amount) if isinstance(amount, str) else (amount, "")
        return convert(number, written, unit) if written and unit != "person" else number
    except UnitError as told:
        told.locate(lambda p: form.ground.file.place(replace(p, path=path)))
        raise


def _limit(form: Formulation, key: str, expression: Expression, low: float, high: float) -> None:
    size = max((abs(v) for v in expression.values()), default=1.0) or 1.0
    scaled = {j: v / size for j, v in expression.items()}
    row = form.model.row(f"limit:{key}", scaled, low / size, high / size)
    form.limit_rows.setdefault(key, []).append(row)
    form.limit_sizes[row] = size


def _clause(form: Formulation, clause: str, phase: int) -> None:
    """A clause of the city as a limit of a year of a phase."""
    policy = form.ground.park.library.policies.get(clause)
    limit = None
    if policy is not None:
        limit = form.ground.park.facts.limits.get(clause, policy.limit)
    if policy is None or limit is None or policy.check not in (*TOTALS, UNIT_ENERGY):
        problem = Problem(code="CS-O003", path="policies", found=clause)
        raise ScenarioError(form.ground.file.place(problem))
    if policy.check == UNIT_ENERGY:
        expression = form.measure("energy_a", phase)
        per_t = convert(limit, policy.unit, "tce/t")
        for j, coke in form.measure("coke", phase).items():
            expression[j] = expression.get(j, 0.0) - per_t * coke
        form.limit_units[clause] = "tce/a"
        _limit(form, clause, expression, -math.inf, 0.0)
    else:
        key = TOTALS[policy.check]
        form.limit_units[clause] = f"{form.unit(key)}/a"
        most = convert(limit, policy.unit, form.limit_units[clause])
        _limit(form, clause, form.measure(key, phase), -math.inf, most)
