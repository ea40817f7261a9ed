"""A room's `__init__` is its face: a docstring, names from elsewhere, a sorted `__all__`."""

import ast

import pytest

from dataagents import core

CORE_NAMES = 40
"""Core's face has fewer names than this."""


def exported(tree):
    """The names in `__all__`, as written; nothing if there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return ast.literal_eval(node.value)
    return []


def order(name):
    """Constants, then classes, then functions, as ruff sorts them (RUF022)."""
    kind = 0 if name.isupper() else 1 if name[0].isupper() else 2
    return kind, name


def extras(tree):
    """Lines of a face that do more than re-export."""
    return [node.lineno for node in tree.body if not _belongs_to_a_face(node)]


def _belongs_to_a_face(node):
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
        return True
    return isinstance(node, ast.Import | ast.ImportFrom) or _is_late(node)


def _is_late(node):
    """Whether it gives the core's names late: imports for type checkers, and a `__getattr__`."""
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING" and all(
            isinstance(each, ast.ImportFrom) for each in node.body
        )
    return isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("late_names(")


def faces(modules):
    """The `__init__` files, but for those of the plugins: there they hold the hooks."""
    return [
        module
        for module in modules
        if module.path.name == "__init__.py" and ".plugins." not in module.name
    ]


def test_cores_face_is_sorted_and_small(modules):
    (face,) = (module for module in modules if module.name == "dataagents.core")
    names = exported(face.tree)
    assert names
    assert names == sorted(names, key=order)
    assert len(names) < CORE_NAMES


def test_every_name_of_a_face_is_there(modules):
    for module in faces(modules):
        found = {
            alias.asname or alias.name
            for node in ast.walk(module.tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        assert found - {"TYPE_CHECKING", "late_names"} == set(exported(module.tree)), module.name


def test_every_name_that_the_core_gives_late_is_there():
    assert all(getattr(core, name) is not None for name in core.__all__)
    with pytest.raises(AttributeError, match="no attribute 'Kernle'"):
        _ = core.Kernle


def test_a_face_holds_re_exports_and_nothing_else(modules):
    assert {face.name: lines for face in faces(modules) if (lines := extras(face.tree))} == {}


@pytest.mark.parametrize("source", ["def f(): ...", "x = 1", "if x:\n    import y", "f()"])
def test_work_in_a_face_is_found(source):
    assert extras(ast.parse(f'"""Doc."""\nimport x\n{source}\n__all__ = ["x"]')) == [3]


def test_the_order_of_names_puts_constants_before_classes_before_functions():
    assert sorted(["vote", "Kernel", "hookimpl", "PROJECT", "Ballot"], key=order) == [
        "PROJECT",
        "Ballot",
        "Kernel",
        "hookimpl",
        "vote",
    ]
