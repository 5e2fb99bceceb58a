"""Files to take away, made when they are asked for."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Literal

import streamlit as st
from streamlit import runtime

KEPT = 64
"""Files that stay for a browser that is slow to fetch them."""
_places = itertools.cycle(range(KEPT))
# The thread that makes a file runs no visitor's script; streamlit would warn of each.
logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(logging.ERROR)


def button(
    label: str,
    make: Callable[[], bytes],
    *,
    file_name: str,
    mime: str,
    key: str,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """A button that makes a file and hands it to the browser.

    Streamlit drops a file made on demand as soon as two scripts of any visitors have ended, which
    in a full room is before the browser has fetched it; the last `KEPT` files are kept here.
    """

    def made() -> bytes:
        data = make()
        keep(data, mime, file_name)
        return data

    st.download_button(
        label, made, file_name=file_name, mime=mime, key=key, on_click="ignore", width=width
    )


def keep(data: bytes, mime: str, file_name: str) -> None:
    """Hold a file that a browser is about to fetch until `KEPT` others have been made."""
    if runtime.exists():
        runtime.get_instance().media_file_mgr.add(
            data, mime, f"takeaway.{next(_places)}", file_name, is_for_static_download=True
        )
