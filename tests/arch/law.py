"""The checkers behind the architecture tests; each returns the violations as lines of text.

They read source text only and import nothing of the product, so they can be tried on small trees.
Imports inside functions, under TYPE_CHECKING and by `import_module("…")` count like any other.
"""

from __future__ import annotations

import ast
import graphlib
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Layer -> rank. Imports run to a lower rank or stay in the layer.
RANKS = {
    "chainsim.errors": 0,
    "chainsim.arguments": 0,
    "chainsim.units": 0,
    "chainsim.ids": 0,
    "chainsim.library": 1,
    "chainsim.park": 2,
    "chainsim.results": 2,
    "chainsim.finance": 2,
    "chainsim.balance": 3,
    "chainsim.accounts": 3,
    "chainsim.des": 4,
    "chainsim.study": 5,
    "chainsim.report": 6,
    "chainsim": 7,  # the public interface, chainsim/__init__.py
    "chainsim.cli": 7,
    "chainsim.__main__": 8,
}
GROUND = ("chainsim.errors", "chainsim.arguments", "chainsim.units", "chainsim.ids")
# Layers that see less than their rank would let them, or, on the ground, a neighbour.
ONLY: dict[str, tuple[str, ...]] = {
    "chainsim.errors": (),
    "chainsim.arguments": ("chainsim.errors",),
    "chainsim.units": ("chainsim.errors",),
    "chainsim.ids": ("chainsim.errors",),
    "chainsim.results": GROUND,
    "chainsim.finance": GROUND,
    "app": ("app", "chainsim.study", "chainsim.report", "chainsim.errors", "chainsim.units"),
}
# Third-party package -> layers that may import it; a package that is not here may not be imported.
PACKAGES = {
    "numpy": ("chainsim", "app"),
    "pandas": ("chainsim", "app"),
    "pint": ("chainsim.units",),
    "pydantic": ("chainsim.library",),
    "pydantic_core": ("chainsim.library",),
    "yaml": ("chainsim.library",),
    "networkx": ("chainsim.park",),
    "highspy": ("chainsim.balance", "chainsim.study"),
    "scipy": ("chainsim.balance", "chainsim.study"),
    "numba": ("chainsim.balance",),
    "simpy": ("chainsim.des",),
    "duckdb": ("chainsim.study",),
    "pyarrow": ("chainsim.study",),
    "distributed": ("chainsim.study",),
    "SALib": ("chainsim.study",),
    "altair": ("chainsim.report",),
    "vl_convert": ("chainsim.report",),
    "xlsxwriter": ("chainsim.report",),
    "docx": ("chainsim.report",),
    "reportlab": ("chainsim.report",),
    "openpyxl": ("chainsim.study",),
    "sqlalchemy": ("chainsim.study",),
    "segno": ("chainsim.report",),
    "defusedxml": (),
    "typer": ("chainsim.cli",),
    "rich": ("chainsim.cli",),
    "streamlit": ("app",),
}
WRITERS = ("chainsim.report", "chainsim.study", "chainsim.cli")
_WRITING_METHODS = {"write_text", "write_bytes", "to_parquet", "to_excel", "to_feather"}

_CJK = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


@dataclass(frozen=True, slots=True)
class Import:
    """One import of `target` in line `line` of module `module`."""

    module: str
    line: int
    target: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line} imports {self.target}"


def modules(root: Path) -> dict[str, Path]:
    """Module name -> file, for `chainsim/` and `app/` below `root`."""
    found = {}
    for package in ("chainsim", "app"):
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports(root: Path) -> list[Import]:
    """All imports of all modules below `root`."""
    known = modules(root)
    return [
        Import(module, line, target)
        for module, path in known.items()
        for line, target in _imported(ast.parse(path.read_text("utf-8")), module, path, known)
    ]


def _imported(
    tree: ast.Module, module: str, path: Path, known: dict[str, Path]
) -> Iterator[tuple[int, str]]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                is_module = inner in known or inner in RANKS
                yield node.lineno, inner if is_module else base
        elif isinstance(node, ast.Call) and node.args and _name(node.func) in _DYNAMIC:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node.lineno, first.value


_DYNAMIC = ("import_module", "__import__")


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def inside(module: str, layer: str) -> bool:
    """True when `module` is `layer` or lies in it."""
    return module == layer or module.startswith(f"{layer}.")


def layer_of(module: str) -> str | None:
    """The layer that `module` belongs to; None for a module without a place in the picture."""
    if inside(module, "app"):
        return "app"
    if module == "chainsim":
        return "chainsim"
    return next((x for x in RANKS if x != "chainsim" and inside(module, x)), None)


def import_violations(root: Path) -> list[str]:
    """Imports of our own modules that run upward or sideways, and modules without a layer."""
    wrong = [f"{m} belongs to no layer" for m in modules(root) if layer_of(m) is None]
    for found in imports(root):
        ours = inside(found.target, "chainsim") or inside(found.target, "app")
        source, target = layer_of(found.module), layer_of(found.target)
        if ours and source is not None and (target is None or not _allowed(source, target)):
            wrong.append(str(found))
    return wrong


def _allowed(source: str, target: str) -> bool:
    if source in ONLY:
        return target == source or target in ONLY[source]
    return target == source or (target != "app" and RANKS[target] < RANKS[source])


def cycle(root: Path) -> list[str]:
    """One cycle of imports among our modules; empty when there is none."""
    known = modules(root)
    graph: dict[str, set[str]] = {module: set() for module in known}
    for found in imports(root):
        if found.target in known and found.target != found.module:
            graph[found.module].add(found.target)
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as exc:
        return list(exc.args[1])
    return []


def package_violations(root: Path) -> list[str]:
    """Imports of third-party packages outside the layers they are for."""
    wrong = []
    for found in imports(root):
        package = found.target.split(".")[0]
        if package in sys.stdlib_module_names or package in ("chainsim", "app"):
            continue
        layers = PACKAGES.get(package, ())
        if not any(inside(found.module, layer) for layer in layers):
            wrong.append(str(found))
    return wrong


def write_violations(root: Path) -> list[str]:
    """Calls that write files outside the layers that may."""
    wrong = []
    for module, path in modules(root).items():
        if any(inside(module, layer) for layer in WRITERS):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _writes(node):
                wrong.append(f"{module}:{node.lineno} writes a file")
    return wrong


def _writes(call: ast.Call) -> bool:
    name = _name(call.func)
    if name in _WRITING_METHODS:
        return True
    if name != "open":
        return False
    given = [*call.args, *(k.value for k in call.keywords if k.arg == "mode")]
    modes = (a.value for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str))
    return any(re.fullmatch(r"[rbt+]*[wax+][wabtrx+]*", mode) for mode in modes)


def code_in_data(root: Path) -> list[str]:
    """Python files in the folders that hold data only."""
    return [
        path.relative_to(root).as_posix()
        for folder in ("graphs", "scenarios")
        for path in sorted((root / folder).rglob("*"))
        if path.suffix in (".py", ".pyc", ".pyi", ".ipynb")
    ]


def chinese_in_code(root: Path) -> list[str]:
    """Chinese characters in code, docstrings and comments excepted: texts belong into data."""
    wrong = []
    for module, path in modules(root).items():
        text = path.read_text("utf-8")
        documented = _docstring_lines(ast.parse(text))
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            is_text = token.type == tokenize.COMMENT or token.start[0] in documented
            if _CJK.search(token.string) and not is_text:
                wrong.append(f"{module}:{token.start[0]} {token.string.strip()[:40]}")
    return wrong


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Lines on which a bare string statement begins: docstrings, also those of attributes."""
    return {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    }
