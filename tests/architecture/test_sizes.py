"""Small is a feature: how long a file may get, and how much core may be."""

import ast

FILE_LIMIT = 400
"""Lines of one file."""

CORE_LIMIT = 4_300
"""Lines of code of core, without its test kit: what can be read in an afternoon.

Prose and imports don't count: a formatter that writes one name a line is no burden on a reader.
"""


def lines_of_code(tree, source):
    """Count the lines that are no docstring, no comment, no import and not empty."""
    prose = {
        line
        for node in ast.walk(tree)
        if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or isinstance(node, ast.Import | ast.ImportFrom)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    return sum(
        1
        for number, line in enumerate(source.splitlines(), start=1)
        if line.strip() and not line.strip().startswith("#") and number not in prose
    )


def too_long(modules, limit=FILE_LIMIT):
    lengths = {module.name: len(module.source.splitlines()) for module in modules}
    return {name: length for name, length in lengths.items() if length > limit}


def test_no_file_is_longer_than_one_subject(modules):
    assert too_long(modules) == {}


def test_core_can_be_read_in_an_afternoon(modules):
    core = [
        module
        for module in modules
        if module.name.startswith("dataagents.core")
        and not module.name.startswith("dataagents.core.testing")
    ]
    assert sum(lines_of_code(module.tree, module.source) for module in core) <= CORE_LIMIT


def test_a_long_file_is_found(modules):
    longest = max(len(module.source.splitlines()) for module in modules)
    assert too_long(modules, limit=longest - 1) != {}


def test_lines_of_code_leave_out_prose_and_imports():
    prose = '"""Doc\nof two lines."""\nfrom a import (\n    b,\n)\n\n# note\n'
    source = prose + 'x = 1  # one\n"""Of x."""\n    \ny = """a\nb"""\n'
    assert lines_of_code(ast.parse(source), source) == 3
