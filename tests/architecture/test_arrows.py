"""Who may import whom: the arrows between the rooms, read from the imports of every file."""

import ast

import pytest

FOREIGN = {
    "aiosqlite": ("storage",),
    "duckdb": ("plugins",),
    "openai": ("plugins",),
    "pydantic_ai": ("plugins",),
    "rich": ("console",),
    "sqlite3": ("storage",),
    "textual": ("console",),
    "typer": ("console",),
}
"""Libraries that belong to certain rooms."""

BARE_ROOMS = ("core", "plugins", "storage", "console")

KERNEL_SIDE = ("dataagents.core.kernel", "dataagents.core.services", "dataagents.core.Kernel")
"""What storage may not know of core."""

WRITERS = (
    "dataagents.console.commands.session",
    "dataagents.console.hosting.kernel_thread",
)
"""Modules outside storage that may open a store for writing."""


def imports(tree):
    """Every import in a file, wherever it stands, with its line: `package.module.name`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{source}.{alias.name}") for alias in node.names)
        elif isinstance(node, ast.Call) and _is_import_call(node.func) and node.args:
            target = node.args[0]
            if isinstance(target, ast.Constant) and isinstance(target.value, str):
                yield node.lineno, target.value


def _is_import_call(function):
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in {"import_module", "__import__"}


def below(name, package):
    return name == package or name.startswith(f"{package}.")


def objection(importer, imported):
    """Why `importer` may not import `imported`; an empty string if it may."""
    room = importer.split(".")[1]
    if imported.startswith("."):
        return "relative import"
    if imported.split(".")[0] in BARE_ROOMS:
        return "room under its bare name"
    if imported.split(".")[0] != "dataagents":
        owners = FOREIGN.get(imported.split(".")[0])
        return f"belongs to {' and '.join(owners)}" if owners and room not in owners else ""
    return _objection_to_ours(importer, room, imported)


def _objection_to_ours(importer, room, imported):
    if below(imported, "dataagents.core"):
        if room == "storage" and any(below(imported, part) for part in KERNEL_SIDE):
            return "storage knows the kernel"
        return ""
    own = {
        "core": (),
        "plugins": (".".join(importer.split(".")[:3]),) if importer.count(".") > 1 else (),
        "storage": ("dataagents.storage",),
        "console": ("dataagents.console", "dataagents.storage"),
    }
    if any(below(imported, package) for package in own[room]):
        return ""
    return "against the arrows"


def objections(importer, tree):
    return [
        f"{importer}:{line} imports {imported}: {problem}"
        for line, imported in imports(tree)
        if (problem := objection(importer, imported))
    ]


def names(tree):
    """Every name that a file uses or imports, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, alias.name) for alias in node.names)


def openings(module, tree):
    """Lines that mention the writing store where only its readers belong."""
    if below(module, "dataagents.storage") or any(below(module, writer) for writer in WRITERS):
        return []
    return [f"{module}:{line}" for line, name in names(tree) if name == "SqliteStore"]


def test_every_import_follows_the_arrows(modules):
    assert [found for module in modules for found in objections(module.name, module.tree)] == []


def test_only_writers_mention_the_writing_store(modules):
    assert [found for module in modules for found in openings(module.name, module.tree)] == []


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        ("dataagents.core.voting", "from dataagents.storage import reader"),
        ("dataagents.core.voting", "import dataagents.plugins.voting"),
        ("dataagents.core.voting", "import textual.app"),
        ("dataagents.core.voting", "def f():\n    import duckdb"),
        ("dataagents.core.voting", "from . import bidding"),
        ("dataagents.core.voting", "from ..core import bidding"),
        ("dataagents.core.voting", "from core import bidding"),
        (
            "dataagents.core.voting",
            "importlib.import_module('dataagents.console')",
        ),
        ("dataagents.plugins.voting.rules", "from dataagents.plugins.bidding import x"),
        ("dataagents.plugins.voting.rules", "from dataagents.plugins import bidding"),
        ("dataagents.plugins.voting", "import dataagents.storage"),
        ("dataagents.plugins", "from dataagents.plugins import bidding"),
        ("dataagents.storage.store", "from dataagents.core import Kernel"),
        ("dataagents.storage.store", "from dataagents.core.kernel import Kernel"),
        ("dataagents.storage.store", "from dataagents.core import services"),
        ("dataagents.storage.store", "import dataagents.core.services.messaging.hub"),
        ("dataagents.storage.store", "import dataagents.console"),
        ("dataagents.console.app", "from dataagents.plugins.voting import majority"),
        ("dataagents.console.app", "import aiosqlite"),
        ("dataagents.console.app", "from dataagents.corelike import x"),
    ],
)
def test_an_import_against_the_arrows_is_found(importer, statement):
    assert len(objections(importer, ast.parse(statement))) == 1


@pytest.mark.parametrize(
    ("importer", "statement"),
    [
        ("dataagents.core.kernel", "from dataagents.core.services.messaging.hub import Hub"),
        ("dataagents.plugins.voting", "from dataagents.plugins.voting.rules import majority"),
        ("dataagents.plugins.voting.rules", "from dataagents.core.voting import Ballot"),
        ("dataagents.plugins.data.engine", "import duckdb"),
        (
            "dataagents.storage.store",
            "import aiosqlite\nimport dataagents.core.journal",
        ),
        ("dataagents.console.app", "from dataagents.core import Kernel\nimport textual"),
        ("dataagents.console.app", "from dataagents.storage.reader import Reader"),
        ("dataagents.core.ids", "import pluggy\nfrom collections.abc import Iterable"),
    ],
)
def test_an_import_along_the_arrows_passes(importer, statement):
    assert objections(importer, ast.parse(statement)) == []


@pytest.mark.parametrize(
    "source",
    ["from dataagents.storage.store import SqliteStore", "import s\ns.SqliteStore('x')"],
)
def test_a_view_that_opens_the_store_is_found(source):
    assert openings("dataagents.console.screens.plan", ast.parse(source)) != []
    assert openings("dataagents.console.commands.session", ast.parse(source)) == []
