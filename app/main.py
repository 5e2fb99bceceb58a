"""Entry of the web page, run by `chainsim app`."""

from __future__ import annotations

# Under this guard because worker processes import the main module again.
if __name__ == "__main__":
    from app import shell

    shell.run()
