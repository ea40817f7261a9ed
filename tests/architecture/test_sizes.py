"""Small is a feature: how long a file may get, and how much core may be."""

import ast
from collections import Counter

FILE_LIMIT = 400
"""Lines of one file."""

PART_LIMIT = 1_400
"""Lines of code of one part of core, such as the services for messaging: an hour's reading."""

VOCABULARY_LIMIT = 2_900
"""Lines of code of the files of core itself: what plugins and applications are written against.

Prose and imports don't count: a formatter that writes one name a line is no burden on a reader.
"""

TEST_KIT = "dataagents.core.testing"


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


def lines_of_parts(modules):
    """Lines of code of each folder of core, without its test kit."""
    lines = Counter()
    for module in modules:
        if module.name.startswith("dataagents.core") and not module.name.startswith(TEST_KIT):
            package = module.name.removesuffix(f".{module.path.stem}")
            lines[package.removeprefix("dataagents.")] += lines_of_code(module.tree, module.source)
    return lines


def test_what_is_written_against_can_be_read_in_an_afternoon(modules):
    assert lines_of_parts(modules)["core"] <= VOCABULARY_LIMIT


def test_each_concern_can_be_read_by_itself(modules):
    parts = lines_of_parts(modules)
    del parts["core"]
    assert set(parts) >= {"core.planning", "core.services", "core.services.voting"}
    assert {part: lines for part, lines in parts.items() if lines > PART_LIMIT} == {}


def test_a_long_file_is_found(modules):
    longest = max(len(module.source.splitlines()) for module in modules)
    assert too_long(modules, limit=longest - 1) != {}


def test_lines_of_code_leave_out_prose_and_imports():
    prose = '"""Doc\nof two lines."""\nfrom a import (\n    b,\n)\n\n# note\n'
    source = prose + 'x = 1  # one\n"""Of x."""\n    \ny = """a\nb"""\n'
    assert lines_of_code(ast.parse(source), source) == 3
