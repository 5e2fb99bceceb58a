"""Write chainsim/conversions.toml anew: `python -m tests.units.regenerate` (half a minute)."""

from __future__ import annotations

from tests.units.table import TABLE, asked, text

if __name__ == "__main__":
    TABLE.write_text(text(asked()), encoding="utf-8")
