"""The synthetic park of the benchmarks: sites alike but for size, each a small coking park.

Per site: a battery with CDQ and wet quench, gas to hydrogen, methanol, LNG and three boilers, tar,
benzol and pitch coke, an air separation, a gasifier and ammonia: 15 units, 25 headers, 8 buffers.
Recycles: tail gas and coke-oven gas to underfiring, steam, power, hydrogen, steam across sites.
Rates and times are round figures of the right order; nothing here is data about a plant.
"""

from __future__ import annotations

from chainsim.library.scenarios import parse_scenario
from chainsim.park.build import build_park
from chainsim.park.model import Park

_MATERIALS = {
    "coal": "t", "hot_coke": "t", "coke": "t", "cog": "kNm3", "tail": "GJ",
    "steam": "t", "power": "MWh", "hydrogen": "kNm3", "methanol": "t", "lng": "t", "tar": "t",
    "benzol": "t", "pitch": "t", "pitch_coke": "t", "light_oil": "t", "benzene": "t",
    "oxygen": "kNm3", "nitrogen": "kNm3", "syngas": "kNm3", "ammonia": "t", "water": "t",
    "purge": "GJ", "sulfur": "t", "slag": "t",
}  # fmt: skip

# unit: feeds, products, nameplate, priority, least load, hours to failure and to repair
_UNITS: dict[str, tuple[str, str, float, int, float, float, float]] = {
    "battery": (
        "coal: 1.33, steam: 0.1, power: 0.03, fuel: {rate: 3.2, alternatives: {tail: 1, cog: 17}}",
        "hot_coke: 1, cog: 0.43, tar: 0.045, benzol: 0.013, sulfur: 0.002",
        100, 1, 0.5, 4000, 24,
    ),
    "cdq": ("hot_coke: 1, power: 0.02", "coke: 0.99, steam: 0.45", 80, 2, 0.3, 2000, 36),
    "wet_quench": ("hot_coke: 1, water: 0.5", "coke: 1", 100, 3, 0, 5000, 12),
    "psa": ("cog: 1, power: 0.15", "hydrogen: 0.45, tail: 9", 12, 4, 0.3, 2500, 24),
    "methanol": (
        "cog: 2, oxygen: 0.35, steam: 0.6, power: 0.5", "methanol: 1, purge: 4",
        9, 5, 0.5, 1500, 48,
    ),
    "lng": ("cog: 3.2, power: 0.6", "lng: 1, tail: 8", 5, 5, 0.5, 1800, 48),
    "boiler_tail": ("tail: 3, water: 1", "steam: 1", 15, 8, 0, 3000, 24),
    "boiler_purge": ("purge: 3, water: 1", "steam: 1", 10, 8, 0, 3000, 24),
    "boiler_cog": ("cog: 0.18, water: 1", "steam: 1", 40, 9, 0.2, 3000, 24),
    "tar_plant": (
        "tar: 1, steam: 0.2, power: 0.03", "pitch: 0.55, light_oil: 0.44", 4, 6, 0.4, 2200, 36,
    ),
    "benzol_plant": (
        "benzol: 1, hydrogen: 0.05, steam: 0.5", "benzene: 0.7, light_oil: 0.25", 1.5, 6, 0.4,
        2200, 36,
    ),
    "pitch_coker": ("pitch: 1, power: 0.05", "pitch_coke: 0.7, light_oil: 0.25", 2.5, 7, 0.4,
                    1500, 48),
    "asu": ("power: 0.5", "oxygen: 1, nitrogen: 1.5", 8, 10, 0.4, 4000, 24),
    "gasifier": (
        "coal: 0.6, oxygen: 0.35, steam: 0.1", "syngas: 1, slag: 0.05", 6, 11, 0.5, 1500, 48,
    ),
    "nh3": ("syngas: 1.2, hydrogen: 0.5, nitrogen: 0.7, power: 0.4", "ammonia: 1", 4, 12, 0.5,
            1500, 48),
}  # fmt: skip
_FOLLOWERS = ("boiler_cog", "asu", "gasifier")
# material: hours of nameplate flow kept, about
_BUFFERS = {
    "cog": 40, "tar": 900, "benzol": 500, "methanol": 700, "pitch": 300, "hydrogen": 15,
    "lng": 150, "ammonia": 300,
}  # fmt: skip
# material: t of a lorry; six routes a site, about 23,000 trips a year for four sites
_LORRIES = {"tar": 30, "benzol": 25, "methanol": 30, "lng": 20, "ammonia": 30, "pitch_coke": 30}
_SALES = ("coke", "methanol", "lng", "benzene", "light_oil", "pitch_coke", "ammonia", "sulfur",
          "slag", "hydrogen", "power", "tar", "benzol")  # fmt: skip
_BOUGHT = ("coal", "water", "power")
_LIMITS = {("sell", "hydrogen"): ", limit: 1", ("buy", "power"): ", limit: 60"}
_VENTED = ("cog", "tail", "purge", "steam", "oxygen", "nitrogen")


def park_text(
    sites: int = 4,
    *,
    tank: float = 1.0,
    hours: float = 8760.0,
    pace: float = 1.0,
    kept: int = len(_BUFFERS),
    lorries: bool = False,
) -> str:
    """Scenario of `sites` sites.

    Args:
        sites: how many.
        tank: scales all buffers.
        hours: horizon.
        pace: failures and repairs come so many times as fast.
        kept: buffers per site.
        lorries: six products of each site go to market by the lorry.
    """
    places = [f"s{k}" for k in range(sites)] + (["town"] if lorries else [])
    lines = [
        "schema_version: 1", "id: synthetic", "name_zh: synthetic", "name_en: synthetic",
        "library: false", f"horizon: {{hours: {hours}}}",
        "materials: {" + ", ".join(f"{m}: {{unit: {u}}}" for m, u in _MATERIALS.items()) + "}",
        "sites: {" + ", ".join(f"{s}: {{name_zh: {s}, name_en: {s}}}" for s in places) + "}",
        "units:",
    ]  # fmt: skip
    for k in range(sites):
        size = 1.0 + 0.13 * k
        for name, (feeds, products, capacity, rank, least, up, down) in _UNITS.items():
            lines.append(
                f"  {name}_{k}: {{site: s{k}, capacity: {capacity * size:.6g}, "
                f"priority: {rank * 10 + k}, min_load: {least}, min_down_h: 8, "
                f"follow: {str(name in _FOLLOWERS).lower()}, "
                f"recipe: {{feeds: {{{feeds}}}, products: {{{products}}}}}, failures: "
                f"[{{uptime: {{kind: exponential, mean: {up / pace}}}, "
                f"repair: {{kind: exponential, mean: {down / pace}}}}}]}}"
            )
    kept_here = dict(list(_BUFFERS.items())[:kept])
    if lorries:
        kept_here |= {"pitch_coke": 300}
    lines.append("buffers:")
    for k in range(sites):
        lines += [
            f"  {m}_{k}: {{material: {m}, site: s{k}, capacity: {amount * tank}, "
            f"initial_share: 0.5, fill_rate: {amount / 20:.6g}, draw_rate: {amount / 20:.6g}}}"
            for m, amount in kept_here.items()
        ]
    for section, materials in (("buy", _BOUGHT), ("sell", _SALES), ("vents", _VENTED)):
        lines.append(f"{section}:")
        lines += [
            f"  {section}_{m}_{k}: {{material: {m}, site: s{k}{_LIMITS.get((section, m), '')}}}"
            for k in range(sites)
            for m in materials
            if not (lorries and section == "sell" and m in _LORRIES)
        ]
        if lorries and section == "sell":
            lines += [f"  town_{m}: {{material: {m}, site: town}}" for m in _LORRIES]
    if sites > 1 or lorries:
        lines.append("links:")
    if lorries:
        lines += [
            f"  {m}_{k}: {{material: {m}, from: s{k}, to: town, mode: truck, km: 60, shipment: "
            f"{{batch: {batch}, bays: 2, docks: 1, fleet: 12, loading: 0.5, unloading: 0.3, "
            "transit: {kind: triangular, low: 1, mode: 1.5, high: 3}}}"
            for k in range(sites)
            for m, batch in _LORRIES.items()
        ]
    if sites > 1:
        lines += [
            f"  steam_{k}: {{material: steam, from: s{k}, to: s{(k + 1) % sites}, mode: pipe, "
            "km: 2, capacity: 10}"
            for k in range(sites)
        ]
    return "\n".join(lines) + "\n"


def synthetic_park(sites: int = 4, **options: float) -> Park:
    """The park itself; options as for `park_text`."""
    return build_park(parse_scenario(park_text(sites, **options)))  # type: ignore[arg-type]
