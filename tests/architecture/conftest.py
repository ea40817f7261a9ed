"""The modules of the rooms, read once as syntax trees."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOMS = ("core", "plugins", "storage", "console")


@dataclass(frozen=True)
class Module:
    """One file of a room."""

    name: str
    """As it is imported: `dataagents.core.voting`; an `__init__` has its package's name."""
    path: Path
    source: str
    tree: ast.Module


def read_module(root: Path, path: Path) -> Module:
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(("dataagents", *parts)).removesuffix(".__init__")
    source = path.read_text(encoding="utf-8")
    return Module(name, path, source, ast.parse(source, filename=str(path)))


@pytest.fixture(scope="session")
def modules(repository: Path) -> tuple[Module, ...]:
    """Every Python file of every room."""
    files = [path for room in ROOMS for path in sorted((repository / room).rglob("*.py"))]
    return tuple(read_module(repository, path) for path in files)
