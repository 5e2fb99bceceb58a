"""Write docs/problems.md anew: `python -m tests.messages.regenerate`."""

from __future__ import annotations

from tests.messages.catalogue import PAGE, page

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
