"""The settings that keep the page safe and quick stay as they are."""

from __future__ import annotations

import tomllib

import pytest

from tests.arch.law import ROOT

SETTINGS = tomllib.loads((ROOT / "app" / ".streamlit" / "config.toml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("server", "address", "127.0.0.1"),
        ("server", "allowedHosts", ["127.0.0.1", "localhost"]),
        ("server", "enableXsrfProtection", True),
        ("server", "enableCORS", True),
        ("server", "enableStaticServing", False),
        ("server", "enableAgentApi", False),
        ("server", "fileWatcherType", "none"),
        ("client", "showErrorDetails", "none"),
        ("browser", "gatherUsageStats", False),
        ("runner", "postScriptGC", False),
    ],
)
def test_setting(section: str, key: str, value: object) -> None:
    assert SETTINGS[section][key] == value


def test_no_secret_is_kept_here() -> None:
    assert "cookieSecret" not in SETTINGS["server"]
