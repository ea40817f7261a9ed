"""What no file of a room does: print, spawn a task that nobody owns, catch everything."""

import ast

import pytest

CATCHERS = ("dataagents.core.boundary", "dataagents.core.plugin_manager")
"""The modules that may catch any exception: where plugin code is called, and where it is loaded."""

OWNERS = {
    "dataagents.core.boundary": "stops the task of a call at its limit, or keeps it as a stray",
    "dataagents.core.services.commands.acting": "stops the runs that go on by it when it closes",
    "dataagents.core.services.commands.service": "stops what it carries out when it closes",
    "dataagents.core.services.durability.runs": "stops what goes on when the kernel closes",
    "dataagents.core.services.durability.shielding": "waits for its task, whatever happens",
    "dataagents.core.services.voting.booth": "cancels the call when the answer came otherwise",
    "dataagents.core.services.messaging.hub": "stops what it and reception start when it closes",
    "dataagents.core.services.operation.monitor": "cancels its periodic check when it closes",
    "dataagents.core.services.operation.restarts": "cancels its restarts when it closes",
    "dataagents.core.services.planning.runner": "cancels its tasks when an execution ends",
    "dataagents.core.services.messaging.reception": "adds its workers to what the hub stops",
    "dataagents.core.services.stream": "cancels its feeds when it closes",
    "dataagents.core.services.watchdog": "cancels its task when it is left",
    "dataagents.core.testing.simulation": "hands it to whoever waits, as a thread's result",
    "dataagents.storage.connection": "cancels its timer when the thread has done its work",
    "dataagents.storage.retention": "cancels its rounds when the store closes",
    "dataagents.storage.soundness": "interrupts its check when the store closes",
    "dataagents.storage.writer": "waits for its batches, and stops, when it closes",
}
"""The modules that may spawn a task outside a TaskGroup, and how each sees it end."""


def prints(tree):
    """Lines that print."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"print", "pprint"}
    ]


def tasks(tree):
    """Lines that spawn a task, other than in a group of a `with` statement of the same file."""
    groups = {
        item.optional_vars.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncWith)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name) and _is_task_group(item.context_expr)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _spawns(node.func, groups)
    ]


def _is_task_group(expression):
    return isinstance(expression, ast.Call) and ast.unparse(expression.func).endswith("TaskGroup")


def _spawns(function, groups):
    spawning = {"create_task", "ensure_future", "run_coroutine_threadsafe"}
    if isinstance(function, ast.Name):
        return function.id in spawning
    if not isinstance(function, ast.Attribute) or function.attr not in spawning:
        return False
    return not (isinstance(function.value, ast.Name) and function.value.id in groups)


def catch_alls(tree):
    """Lines that catch or suppress any exception, other than to clean up and raise it again."""
    caught = [
        (node.lineno, node.type)
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and ast.unparse(node.body[-1]) != "raise"
    ]
    suppressed = [
        (node.lineno, argument)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress")
        for argument in node.args
    ]
    return [line for line, what in (*caught, *suppressed) if _is_broad(what)]


def _is_broad(what):
    if what is None:
        return True
    if isinstance(what, ast.Tuple):
        return any(_is_broad(element) for element in what.elts)
    return ast.unparse(what).removeprefix("builtins.") in {"Exception", "BaseException"}


def found_by(rule, modules, allowed=()):
    return [
        f"{module.name}:{line}"
        for module in modules
        if module.name not in allowed
        for line in rule(module.tree)
    ]


def test_no_room_prints(modules):
    assert found_by(prints, modules) == []


def test_every_task_has_an_owner(modules):
    assert found_by(tasks, modules, allowed=OWNERS) == []


def test_everything_is_caught_at_the_boundary_and_by_the_loader_alone(modules):
    assert found_by(catch_alls, modules, allowed=CATCHERS) == []


def test_no_exemption_outlives_its_need(modules):
    trees = {module.name: module.tree for module in modules}
    assert [name for name in OWNERS if not tasks(trees[name])] == []
    assert [name for name in CATCHERS if not catch_alls(trees[name])] == []


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (prints, "def f():\n    print('x')"),
        (tasks, "asyncio.create_task(f())"),
        (tasks, "asyncio.ensure_future(f())"),
        (tasks, "asyncio.get_running_loop().create_task(f())"),
        (tasks, "self._group.create_task(f())"),
        (tasks, "create_task(f())"),
        (catch_alls, "try:\n    f()\nexcept Exception:\n    g()"),
        (catch_alls, "try:\n    f()\nexcept:\n    g()"),
        (catch_alls, "try:\n    f()\nexcept (ValueError, BaseException):\n    g()"),
        (catch_alls, "with contextlib.suppress(Exception):\n    f()"),
    ],
)
def test_bad_manners_are_found(rule, source):
    assert len(rule(ast.parse(source))) == 1


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (prints, "console.print('x')\nblueprint('x')"),
        (
            tasks,
            "async def f():\n    async with asyncio.TaskGroup() as group:\n"
            "        group.create_task(g())",
        ),
        (catch_alls, "try:\n    f()\nexcept (OSError, ValueError):\n    g()"),
        (catch_alls, "try:\n    f()\nexcept BaseException:\n    g()\n    raise"),
        (catch_alls, "with contextlib.suppress(asyncio.CancelledError):\n    f()"),
    ],
)
def test_good_manners_pass(rule, source):
    assert rule(ast.parse(source)) == []
