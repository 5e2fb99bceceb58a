"""Shape of a price that changes from month to month."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from chainsim.library.facts_records import Amount
from chainsim.library.records import Id, Positive, Record

Month = Annotated[str, StringConstraints(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
"""`2025-03`."""


class PriceSeriesRecord(Record):
    """The price of each month: written here, in a file beside, or a series of the library."""

    months: dict[Month, Amount] | None = None
    """Month -> price, in the basis of `prices`; it holds until the next month named."""
    file: Annotated[str, StringConstraints(max_length=200)] | None = None
    """CSV beside the scenario file: `month` and columns, a line of units, a line for each month."""
    column: Annotated[str, StringConstraints(max_length=60)] | None = None
    """Its column; the price key when left out."""
    series: Id | None = None
    """Monthly series of the library, with VAT."""
    factor: Positive = 1.0
    """The price as a multiple of what is written: a local price against a futures contract."""
    first: Month | None = Field(default=None, alias="from")
    """Month that stands for the first of the horizon; the horizon's own when left out."""
