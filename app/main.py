"""Entry of the web page, run by `chainsim app`."""

from __future__ import annotations

import gc

import streamlit as st

from app import page


@st.cache_resource
def _settle() -> bool:
    """Once per server: keep what was imported out of every later garbage collection."""
    gc.collect()
    gc.freeze()
    return True


# Under this guard because worker processes import the main module again.
if __name__ == "__main__":
    page.show()
    _settle()
