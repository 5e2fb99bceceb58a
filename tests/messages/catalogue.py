"""Reading the catalogue of problems, finding its codes in the code, and writing its page."""

from __future__ import annotations

import re
import string
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "problems.md"
CODE = re.compile(r"CS-[A-Z]\d{3}")

FAMILIES = {
    "F": ("文件", "Files"),
    "Y": ("YAML 写法", "YAML"),
    "V": ("键与值", "Keys and values"),
    "U": ("计量单位", "Units"),
    "L": ("数据库", "Library"),
    "B": ("物料与能量平衡", "Balances"),
    "S": ("园区结构", "Structure of a park"),
    "E": ("仿真引擎", "Engine"),
    "O": ("优化", "Optimisation"),
    "A": ("核算", "Accounts"),
    "N": ("财务评价", "Project finance"),
    "T": ("研究", "Studies"),
    "R": ("工作坊房间", "Workshop rooms"),
    "X": ("命令行", "Command line"),
}


def catalogue() -> dict[str, dict[str, str]]:
    """Code -> its texts, without the labels."""
    text = (ROOT / "chainsim" / "messages.toml").read_text("utf-8")
    return {code: entry for code, entry in tomllib.loads(text).items() if CODE.fullmatch(code)}


def used_codes(root: Path = ROOT) -> dict[str, list[str]]:
    """Code -> the modules of the product in which it stands."""
    found: dict[str, list[str]] = {}
    for folder in ("chainsim", "app"):
        for path in sorted((root / folder).rglob("*.py")):
            for code in set(CODE.findall(path.read_text("utf-8"))):
                found.setdefault(code, []).append(path.relative_to(root).as_posix())
    return found


def placeholders(text: str) -> set[str]:
    """Names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def page() -> str:
    """The text of docs/problems.md."""
    lines = [
        "# 问题代码 / Problem codes",
        "",
        "每条消息的代码、含义和建议。The code, meaning and mend of every message.",
        "Made from `chainsim/messages.toml` by `python -m tests.messages.regenerate`.",
    ]
    entries = catalogue()
    for letter, (name_zh, name_en) in FAMILIES.items():
        family = {code: entries[code] for code in sorted(entries) if code[3] == letter}
        if not family:
            continue
        lines += ["", f"## {name_zh} / {name_en}", "", "| code | 中文 | English |", "|---|---|---|"]
        for code, entry in family.items():
            lines.append(f"| {code} | {_cell(entry, 'zh')} | {_cell(entry, 'en')} |")
    return "\n".join(lines) + "\n"


def _cell(entry: dict[str, str], lang: str) -> str:
    """Message and hint as one table cell."""
    hint = entry.get(f"hint_{lang}", "")
    text = f"{entry[lang]} → {hint}" if hint else entry[lang]
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
