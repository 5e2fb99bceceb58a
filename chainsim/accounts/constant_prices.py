"""Value at constant prices: ledger rows of money carried to the prices of a base year.

Sales, purchases, transfers and stocks move with the ratio of the base year's price to the current
one, their VAT with them. Maintenance, freight, labour and other costs have no index and keep their
amount. A price the scenario sets itself moves with the library's price of the same material. What
a study moved a price by is taken off again: draws of prices do not move constant prices.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from chainsim.accounts.postings import header_prices
from chainsim.accounts.view import Row, View
from chainsim.library.model import PriceSet
from chainsim.park.model import Park

BY_MARKET: Final = ("revenue.", "cost.material", "cost.energy", "vat.")
BOUGHT: Final = ("cost.", "vat.input")
BY_HEADER: Final = ("transfer.", "stock.")


def price_ratios(park: Park, base: PriceSet) -> dict[str, float]:
    """Price key -> price of the base set over the park's undrawn one, both without VAT."""
    ratios = {}
    for key, price in park.library.prices.items():
        now = undrawn(park.prices.get(key, 0.0), park.library.price_draws.get(key, 1.0))
        then = base.prices.get(key)
        value = price.net_cny if then is None else _net(then.base, price.vat, price.taxed)
        if now > 0 and value > 0:
            ratios[key] = value / now
    return ratios


def undrawn(value: float, draw: float) -> float:
    """`value` before a study moved it; a price moved to nothing stays there."""
    return value / draw if draw > 0.0 else value


def _net(value: float, vat: float, taxed: bool) -> float:
    return value / (1.0 + vat) if taxed else value


def constant_prices(view: View, base: PriceSet) -> ConstantPrices:
    """The prices of a base set, made once for all runs that buy at the same headers."""
    key = ("constant prices", base.id, view.bought)
    if key not in view.lasting:
        view.lasting[key] = ConstantPrices(view, base)
    return cast("ConstantPrices", view.lasting[key])


class ConstantPrices:
    """Carries views of runs that buy at the same headers to the prices of a base set."""

    def __init__(self, view: View, base: PriceSet) -> None:
        park = view.park
        self._park = park
        self._ratios = price_ratios(park, base)
        self._headers = {
            key: undrawn(self._of(price.path, park.headers[key].material.id), price.draw)
            for key, price in header_prices(park, view.bought).items()
        }
        self._markets = self._market_ratios()
        self._known: dict[tuple[object, ...], float] = {}

    def _of(self, path: str, material: str) -> float:
        """Ratio behind a price that stands at `path`: its own key, else the material's."""
        key = path.removeprefix("prices.") if path.startswith("prices.") else material
        return self._ratios.get(key, 1.0)

    def _market_ratios(self) -> Mapping[tuple[bool, str], float]:
        """Ratios of deals by (is a purchase, id): a purchase and a sale may share an id."""
        park = self._park
        ratios = {}
        for deals in (park.buy, park.sell, park.obligations):
            for key, deal in deals.items():
                material = park.headers[deal.header].material.id
                ratios[deals is park.buy, key] = undrawn(
                    self._of(deal.price_path, material), deal.price_draw
                )
        return ratios

    def view(self, view: View) -> View:
        """`view` with its rows of money at constant prices."""
        if self not in view.memo:
            view.memo[self] = view.with_rows(tuple(map(self._carried, view.rows)))
        return cast("View", view.memo[self])

    def _carried(self, row: Row) -> Row:
        key = row[:4]
        ratio = self._known.get(key)
        if ratio is None:
            ratio = self._known[key] = self._ratio(*key)
        return row if ratio == 1.0 else row._replace(amount=row.amount * ratio)

    def _ratio(self, account: str, unit: str, material: str, site: str) -> float:
        if account.startswith(BY_MARKET):
            return self._markets.get((account.startswith(BOUGHT), unit), 1.0)
        if account.startswith(BY_HEADER):
            return self._headers.get(f"{material}@{site}", 1.0)
        return 1.0
