import re
import runpy
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding

from dataagents.console.arguments import DEMO, PROGRAM, RUN, read_arguments
from dataagents.console.keymap import bound_keys, normal_key, read_keymap
from dataagents.console.keys import APP_KEYS, GROUPS, VIEWS
from dataagents.console.source import SourceState
from dataagents.console.themes import THEMES
from dataagents.console.view.agent_lines import AGENTS
from dataagents.console.view.alert_lines import ALERTS
from dataagents.console.view.decisions import DECISIONS
from dataagents.console.view.glyphs import ASCII, UNICODE
from dataagents.console.view.listing import Listing
from dataagents.console.view.listing.grammar import parse
from dataagents.console.view.listing.timing import parse_span
from dataagents.console.view.marks import Mark
from dataagents.console.view.message_lines import MESSAGES
from dataagents.console.view.run_lines import RUNS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "console.md").read_text(encoding="utf-8")
LISTINGS: dict[str, Listing[Any]] = {
    "Overview": AGENTS,
    "Traces": RUNS,
    "Messages": MESSAGES,
    "Decisions": DECISIONS,
    "Alerts": ALERTS,
}
LARGEST_SVG = 250_000
LARGEST_PNG = 300_000
_CELL = re.compile(r"(?<!\\)\|")


def rows_of(heading: str) -> list[list[str]]:
    """Return the cells of the table whose heading begins like that."""
    _, found, rest = PAGE.partition(f"\n{heading}")
    assert found, heading
    lines = [line for line in rest.split("\n\n")[0].splitlines()[2:] if line.startswith("|")]
    return [
        [cell.strip().replace("\\|", "|") for cell in _CELL.split(line)[1:-1]] for line in lines
    ]


def code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def blocks(language: str) -> Iterator[str]:
    yield from re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def anchors(page: str) -> set[str]:
    prose = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    titles = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.fixture(scope="module")
def tables() -> dict[str, Any]:
    return runpy.run_path(str(DOCS / "make_tables.py"))


def test_the_tables_are_those_of_the_code(tables: dict[str, Any]):
    assert tables["with_tables"](PAGE) == PAGE, "run: python docs/make_tables.py"
    assert set(re.findall(r"<!-- table: (\w+) -->", PAGE)) == set(tables["TABLES"])


def test_every_key_is_named_with_its_id_and_as_the_file_of_keys_takes_it(tables: dict[str, Any]):
    told = {code(row[1])[0]: code(row[0]) for row in rows_of("| key | id |") if row[1]}
    for _, bindings in GROUPS:
        for binding in Binding.make_bindings(bindings):
            assert binding.id is not None
            assert tables["key_word"](binding.key) in told[binding.id]
            assert normal_key(tables["key_word"](binding.key)) == binding.key


def test_the_file_of_keys_on_the_page_is_one(tmp_path: Path):
    file = tmp_path / "console.toml"
    (example,) = blocks("toml")
    file.write_text(example, encoding="utf-8")
    chosen = read_keymap(file, bound_keys(GROUPS))
    assert chosen.warnings == ()
    assert chosen.keymap == {
        "list.filter": "slash,f3",
        "table.down": "down,ctrl+n",
        "app.quit": "ctrl+x",
    }


def test_every_view_has_its_row_with_its_key():
    told = {row[1]: code(row[0])[0] for row in rows_of("| key | view |")}
    views = {title: key for key, _, title, _ in VIEWS}
    others = {"app.tail", "app.trends"}
    views |= {each.description: each.key for each in APP_KEYS if each.id in others}
    assert told == views


@pytest.mark.parametrize(("view", "text"), [(r[0], code(r[1])[0]) for r in rows_of("| on | write")])
def test_the_filters_on_the_page_can_be_used_where_it_says(view: str, text: str):
    assert parse(text, LISTINGS[view].fields)


def test_the_ranges_of_time_on_the_page_are_such():
    line = PAGE.partition("`t` asks for a range of time")[2].partition("\n\n")[0]
    for text in code(line):
        parse_span(text, datetime(2026, 3, 2, 15, 0, tzinfo=UTC))
    assert len(code(line)) > 5


def test_every_state_of_the_store_is_explained():
    told = {code(row[0])[0] for row in rows_of("| header | means")}
    assert told == {state.value.upper() for state in SourceState}


def test_every_mark_is_shown_with_its_twin():
    told = {code(row[0])[0]: code(row[1])[0] for row in rows_of("| glyph | ASCII")}
    assert told == {UNICODE.marks[mark]: ASCII.marks[mark] for mark in Mark}


def test_every_theme_is_named():
    names = [name.removeprefix("dataagents-") for name in THEMES]
    row = next(row for row in rows_of("| option | means") if row[0].startswith("`--theme"))
    assert code(row[1]) == names


def test_the_commands_on_the_page_are_understood():
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    told = [shlex.split(line, comments=True) for line in lines if line.startswith(PROGRAM)]
    verbs = [read_arguments(words[1:]).verb for words in told]
    assert {"", RUN, DEMO} <= set(verbs)
    options = [code(row[0])[0].split() for row in rows_of("| option | means")]
    for name, *value in options:
        read_arguments([name, *value])


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    local = [link for link in links if not link.startswith("https://")]
    for link in local:
        name, _, anchor = link.partition("#")
        target = DOCS / name if name else DOCS / "console.md"
        assert target.is_file(), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link
    assert local


@pytest.mark.parametrize("picture", sorted((DOCS / "pictures").iterdir()), ids=lambda p: p.name)
def test_pictures_are_small_and_need_nothing_from_elsewhere(picture: Path):
    content = picture.read_bytes()
    if picture.suffix == ".svg":
        loaded = re.findall(r"(?:href|src)=[\"']([^\"']*)|url\(([^)]*)\)", content.decode())
        assert all(one.startswith("#") for found in loaded for one in found if one)
        assert b"@font-face" not in content
        assert len(content) < LARGEST_SVG
    else:
        assert content.startswith(b"\x89PNG")
        assert len(content) < LARGEST_PNG
