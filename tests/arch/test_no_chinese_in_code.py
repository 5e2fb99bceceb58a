"""Chinese texts stand in data, side by side with the English ones, never in code."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.arch import law
from tests.arch.test_import_law import tree


def test_no_chinese_in_code() -> None:
    assert law.chinese_in_code(law.ROOT) == []


@pytest.mark.parametrize(
    "text", ["x = '焦'", "x = f'{y} 吨'", "焦 = 1", "x = '：'", "f('a', '炉')"]
)
def test_chinese_is_found(tmp_path: Path, text: str) -> None:
    assert len(law.chinese_in_code(tree(tmp_path, {"app/a.py": text}))) >= 1


def test_docstrings_and_comments_are_free(tmp_path: Path) -> None:
    text = '"""等价值"""\nx = 1  # 当量\n"""单位 吨"""\n'
    text += 'def f():\n    """按 GB/T 2589 折标。\n\n    焦\n    """\n'
    assert law.chinese_in_code(tree(tmp_path, {"chainsim/park/a.py": text})) == []
