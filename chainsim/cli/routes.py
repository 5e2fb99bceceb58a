"""`chainsim routes`: what a park's by-products can become, and what its structure leaves open."""

from __future__ import annotations

from collections.abc import Sequence

from chainsim.accounts.conventions import COKING, material_id
from chainsim.accounts.doctor import examine_park
from chainsim.accounts.ladder import Valuer, ladder
from chainsim.cli.data import unknown
from chainsim.cli.output import Output, rows
from chainsim.errors import did_you_mean
from chainsim.library.model import Library
from chainsim.park.coking import coking_yields
from chainsim.park.model import Park
from chainsim.park.routes import Chain, find_chains, named_chain
from chainsim.report.names import park_name, plain
from chainsim.report.routes_page import Ladder, finding_table, ladder_table, routes_page
from chainsim.study.result import RunResult
from chainsim.study.run import run

DEFAULT = ("cog", "tar", "benzol")


def routes(
    output: Output,
    scenario: str,
    *,
    sources: Sequence[str],
    share: float,
    overrides: Sequence[str],
) -> None:
    """The ladder of each source, route maxima and the doctor's findings."""
    result = run(scenario, engine="steady", overrides=tuple(overrides))
    park = result.park
    wanted = [_material(park.library, word) for word in sources or DEFAULT]
    valuer = Valuer(park.library, park.prices)
    ladders = [_ladder(result, valuer, source, share, output.lang) for source in wanted]
    findings = examine_park(park, result.simulation)
    if output.json:
        output.data(
            {
                "routes": rows(ladder_table(ladders, park.library, output.lang)),
                "findings": rows(finding_table(findings)),
                "problems": [],
            }
        )
    else:
        name = park_name(park, output.lang)
        output.page(routes_page(ladders, findings, park.library, name, output.lang))


def _material(library: Library, word: str) -> str:
    key = library.short_names.get(word, word)
    if key not in library.materials:
        raise unknown(word, did_you_mean(word, [*library.short_names, *library.materials]))
    return key


def _ladder(result: RunResult, valuer: Valuer, source: str, share: float, lang: str) -> Ladder:
    library = result.park.library
    chains = find_chains(library, source, valuer.listed(), least_share=share)
    named: dict[tuple[str, ...], str] = {}
    for route in library.routes.values():
        if route.source_stream == source:
            chain = named_chain(library, route)
            named[_key(chain)] = plain(route.name(lang))
            chains = [*chains, chain] if _key(chain) not in set(map(_key, chains)) else chains
    present = {u.process.id for u in result.park.units.values() if u.process is not None}
    return Ladder(
        source=library.materials[source],
        rungs=ladder(valuer, chains),
        per_coke=_per_coke(library, source),
        per_a=_per_a(result, source),
        named=named,
        present=frozenset(present),
    )


def _key(chain: Chain) -> tuple[str, ...]:
    return (*(step.process.id for step in chain.steps), chain.product)


def _per_coke(library: Library, source: str) -> float | None:
    """What a t of coke leaves of `source`, by the battery whose record stands first."""
    battery = next((p for p in library.processes.values() if p.oven is not None), None)
    return None if battery is None else coking_yields(library, battery).get(source)


def _per_a(result: RunResult, source: str) -> float:
    """What the coking plants of the park have left of `source` in a year."""
    park: Park = result.park
    coking = {key for key, unit in park.units.items() if unit.boundary == COKING}
    flows = result.flows
    flows = flows[(flows["kind"] == "unit") & (flows["material"] == source)]
    if source == material_id("gas"):
        flows = flows[flows["component"].isin(coking)]
    else:
        flows = flows[flows["quantity"] > 0]
    return float(flows["quantity"].sum()) / park.horizon.years
