"""Every extension point is documented, and used by a plugin that is bundled."""

import ast


def declared(tree, decorator):
    """Functions of a file that carry the decorator, called or not."""
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and any(
            ast.unparse(mark).split("(")[0].split(".")[-1] == decorator
            for mark in node.decorator_list
        )
    }


def specs(modules):
    (home,) = (module for module in modules if module.name == "dataagents.core.hookspecs")
    return declared(home.tree, "hookspec")


def documented(page):
    """Hooks that have a heading of their own."""
    headings = (line for line in page.splitlines() if line.startswith("#"))
    return {word.strip("`#() ") for line in headings for word in line.split()}


def test_every_hook_is_used_by_a_bundled_plugin(modules):
    used = {
        hook
        for module in modules
        if module.name.startswith("dataagents.plugins.")
        for hook in declared(module.tree, "hookimpl")
    }
    assert specs(modules) - used == set()
    assert used - specs(modules) == set()


def test_every_hook_has_an_entry_in_the_documentation(modules, repository):
    page = (repository / "docs" / "plugins.md").read_text(encoding="utf-8")
    assert specs(modules) - documented(page) == set()


def test_specs_are_declared_in_one_file(modules):
    elsewhere = [
        module.name
        for module in modules
        if module.name != "dataagents.core.hookspecs" and declared(module.tree, "hookspec")
    ]
    assert elsewhere == []


def test_hooks_are_found_however_their_mark_is_written():
    source = "@hookimpl\ndef a(): ...\n@x.hookimpl(tryfirst=True)\ndef b(): ...\ndef c(): ..."
    assert declared(ast.parse(source), "hookimpl") == {"a", "b"}


def test_a_mention_in_passing_is_no_entry():
    assert documented("### `register_tools`\n\nSee register_agents.") == {"register_tools", ""}
