"""The project stands alone: no registry hosts, no addresses in locks, no paths of one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.arch import law

# Written so that this file does not match itself.
_HOSTS = re.compile(r"(?i)pypi[.]org|python[h]osted|npmjs[.](?:org|com)|anaconda[.](?:org|com)")
_INDEX = re.compile(r"(?i)index[-_]url|find[-_]link[s]\b|trusted-hos[t]")
_PATHS = re.compile(r"(?<![\w.%*-])/(?:work|root|home)/|\.\./share[d]\b")
_ADDRESS = re.compile(r"(?i)https?:")


def tracked(root: Path) -> list[Path]:
    """Files under version control; without a checkout, all but hidden folders' (.ci is ours)."""
    if not (root / ".git").exists():
        folders = [x for x in root.iterdir() if not x.name.startswith(".") or x.name == ".ci"]
        return [path for x in folders for path in (x, *x.rglob("*")) if path.is_file()]
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True
    ).stdout
    return [root / name for name in listed.split("\0") if name and (root / name).is_file()]


def findings(name: str, text: str) -> list[str]:
    """What must not stand in the file `name`, with its lines."""
    rules = [_HOSTS, _PATHS]
    if name.endswith(".lock") or "requirements" in name:
        rules.append(_ADDRESS)
    # The one place where the option that keeps addresses out is spelled.
    if name != "Makefile":
        rules.append(_INDEX)
    return [
        f"{name}:{number} {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        if any(rule.search(line) for rule in rules)
    ]


def test_no_hosts_and_no_paths_of_this_machine() -> None:
    found = []
    for path in tracked(law.ROOT):
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue  # pictures and fonts
        found += findings(path.relative_to(law.ROOT).as_posix(), text)
    assert found == []


def test_the_lock_is_looked_at() -> None:
    assert law.ROOT / "requirements.lock" in tracked(law.ROOT)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.lock", "a @ https" + "://example/a.whl"),
        ("x.toml", "--index" + "-url x"),
        ("docs/a.md", "see py" + "pi.org"),
        ("docs/a.md", "cd /wo" + "rk/main"),
        ("docs/a.md", "(/ro" + "ot/x)"),
        ("docs/a.md", "../sha" + "red/design.md"),
    ],
)
def test_findings(name: str, text: str) -> None:
    assert len(findings(name, text)) == 1


def test_addresses_of_sources_are_fine() -> None:
    assert (
        findings("graphs/sources.yaml", "url: https://www.example.gov.cn/wo" + "rk/2022/1.html")
        == []
    )
