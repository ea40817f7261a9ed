"""Makes the tables of the handbook that say what the code says: keys, filters, addresses, actions.

Run it with `python docs/make_tables.py` after a change there; a test holds the page to it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from textual.binding import Binding
from textual.keys import REPLACED_KEYS, key_to_character

from dataagents.console.keys import GROUPS
from dataagents.console.steering import LETTERS
from dataagents.console.steering.offers import TITLES, VETO
from dataagents.console.view.addresses import SCHEMES
from dataagents.console.view.listing.grammar import HELP
from dataagents.core.commands import ACTIONS, CommandKind

PAGE = Path(__file__).parent / "console.md"
_COMMA = "comma"
"""The one key that can't be written as its character: it stands between two keys."""
_FORMS = {"task": "a task of a run", "election": "vote", "lot": "auction"}


def with_tables(page: str) -> str:
    """Return the page with its tables as they should be.

    Each stands between `<!-- table: NAME -->` and `<!-- end -->`.
    """

    def made(found: re.Match[str]) -> str:
        return f"<!-- table: {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- table: (\w+) -->\n.*?<!-- end -->", made, page, flags=re.DOTALL)


def key_word(key: str) -> str:
    """Return how a key is written in the file of keys."""
    character = key_to_character(REPLACED_KEYS.get(key, key))
    if key == _COMMA or character is None or character.isspace() or not character.isprintable():
        return key
    return character


def _keys() -> str:
    rows: list[tuple[str, ...]] = []
    for title, bindings in GROUPS:
        rows.append((f"**{title}**", "", ""))
        found: dict[str, tuple[list[str], str]] = {}
        for binding in Binding.make_bindings(bindings):
            keys, _ = found.setdefault(binding.id or "", ([], binding.tooltip))
            keys.append(key_word(binding.key))
        for name, (keys, about) in found.items():
            rows.append((" ".join(f"`{key}`" for key in keys), f"`{name}`", about))
    return _table(("key", "id", "what it does"), rows)


def _filters() -> str:
    return _table(("write", "to find"), [(f"`{_cell(write)}`", found) for write, found in HELP])


def _addresses() -> str:
    return _table(("address", "is"), [(f"`{name}:`", about) for name, about in SCHEMES.items()])


def _actions() -> str:
    rows: list[tuple[str, ...]] = []
    for name, letter in LETTERS.items():
        action = ACTIONS[CommandKind.CAST if name == VETO else name]
        needs = "a reason, their number" if action.destructive else ""
        needs = needs or ("a reason" if action.explained else "")
        about = "your ballot counts against an option, where the rule allows you a veto"
        rows.append(
            (f"`{letter}`", TITLES.get(name, str(name)),
             " or ".join(_FORMS.get(form, form) for form in action.targets),
             about if name == VETO else action.effect, needs)
        )  # fmt: skip
    return _table(("letter", "action", "on", "what happens", "asks for"), rows)


TABLES: Mapping[str, Callable[[], str]] = {
    "keys": _keys,
    "filters": _filters,
    "addresses": _addresses,
    "actions": _actions,
}
"""Name of a table on the page → what makes it."""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [re.sub(" +\\|", " |", f"| {' | '.join(line)} |") for line in (heads, *rows)]
    return "\n".join((lines[0], "|---" * len(heads) + "|", *lines[1:]))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
