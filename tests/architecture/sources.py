"""Our source files, parsed once, for the rules about them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "worklists", "denials", "audits", "training", "seeds")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> dict[str, ast.Module]:
    """Return every module of the product by its path, migrations left out."""
    paths = (path for app in APPS for path in sorted((ROOT / app).rglob("*.py")))
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for path in paths
        if "migrations" not in path.parts
    }


def rooms(*names: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the modules of these rooms (``views``, ``api``) in every app."""
    for path, tree in modules().items():
        parts = set(Path(path).with_suffix("").parts)
        if parts & set(names):
            yield path, tree


def functions() -> Iterator[tuple[str, Function]]:
    """Yield every function with its module's path."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield path, node


def length(function: Function) -> int:
    """Return how many lines a function has, its docstring left out."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return lines
    said = function.body[0]
    return lines - ((said.end_lineno or 0) - said.lineno + 1)
