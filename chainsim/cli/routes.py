"""`chainsim routes`: what a park's by-products can become, and what its structure leaves open."""

from __future__ import annotations

from collections.abc import Sequence

from chainsim.accounts.conventions import COKING, material_id
from chainsim.accounts.doctor import examine_park
from chainsim.accounts.ladder import Valuer, ladder
from chainsim.cli.data import unknown
from chainsim.cli.output import Output, rows
from chainsim.errors import did_you_mean
from chainsim.library.files import load_library
from chainsim.library.model import Library
from chainsim.park.coking import coking_yields
from chainsim.park.export import to_dot, to_graphml, to_json
from chainsim.park.model import Park
from chainsim.park.routes import Chain, chains_graph, find_chains, named_chain
from chainsim.report.graph_svg import chains_svg
from chainsim.report.names import park_name, plain
from chainsim.report.routes_page import Ladder, finding_table, ladder_table, routes_page
from chainsim.study.result import RunResult
from chainsim.study.run import run

DEFAULT = ("cog", "tar", "benzol")


def graph(output: Output, word: str, form: str, share: float) -> None:
    """The chains from one by-product through the library, as a graph or a picture."""
    library = load_library()
    source = _material(library, word)
    prices = {key: price.net_cny for key, price in library.prices.items()}
    chains, _ = _chains(library, Valuer(library, prices), source, share, output.lang)
    part = chains_graph(library, source, chains)
    if form == "dot":
        colours = {key: material.colour for key, material in library.materials.items()}
        output.text(to_dot(part, output.lang, colours))
    elif form == "graphml":
        output.text(to_graphml(part))
    elif form == "json":
        output.text(to_json(part))
    else:
        output.text(chains_svg(part, library, output.lang))


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
    known = park.library.short_names
    usual = [word for word in DEFAULT if known.get(word) in park.library.materials]
    wanted = [_material(park.library, word) for word in sources or usual]
    ladders = []
    if wanted:  # a park without the library has no routes, and a structure all the same
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
    chains, named = _chains(library, valuer, source, share, lang)
    present = {u.process.id for u in result.park.units.values() if u.process is not None}
    return Ladder(
        source=library.materials[source],
        rungs=ladder(valuer, chains),
        per_coke=_per_coke(library, source),
        per_a=_per_a(result, source),
        named=named,
        present=frozenset(present),
    )


def _chains(
    library: Library, valuer: Valuer, source: str, share: float, lang: str
) -> tuple[list[Chain], dict[tuple[str, ...], str]]:
    """Every chain from `source`, named routes among them, and the names by processes."""
    chains = find_chains(library, source, valuer.listed(), least_share=share)
    known = set(map(_key, chains))
    named: dict[tuple[str, ...], str] = {}
    for route in library.routes.values():
        if route.source_stream == source:
            chain = named_chain(library, route)
            named[_key(chain)] = plain(route.name(lang))
            if _key(chain) not in known:
                chains.append(chain)
    return chains, named


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
