"""Tests by name: whether what a page or a table points to is there."""

import ast
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@cache
def tests_in(path: str) -> frozenset[str]:
    """Return the tests of a file, those of classes as `Class::test`; none if there is no file."""
    file = REPOSITORY / path
    if not file.is_file():
        return frozenset()
    found: set[str] = set()
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for node in body:
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each}" for each in _functions(node.body)}
    return frozenset(found | _functions(body))


def missing(names: list[str]) -> list[str]:
    """Return those of `path::test` that are not there."""
    return [name for name in names if name.partition("::")[2] not in tests_in(name.split("::")[0])]


def _functions(body: list[ast.stmt]) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name for node in body if isinstance(node, kinds) and node.name.startswith("test_")}
