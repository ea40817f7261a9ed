"""The keymap: keys that an operator chose instead of the console's own.

They stand in a file of configuration, by the id of their binding::

    [keys]
    "list.filter" = "slash,ctrl+f"
    "list.sort" = ["o", "comma"]
"""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from textual.binding import Binding, BindingType
from textual.keys import REPLACED_KEYS, Keys, key_to_character

from dataagents.console.safe_text import safe_text
from dataagents.core.suggestions import did_you_mean, nearest

_MODIFIERS = frozenset(("alt", "ctrl", "hyper", "meta", "shift", "super"))
_ALIASES: Mapping[str, str] = {
    "esc": "escape",
    "return": "enter",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "control": "ctrl",
    "period": "full_stop",
    "dot": "full_stop",
}
"""Other words for a key or a modifier."""
_NAMED = frozenset(
    key.value for key in Keys if key.value.isalnum() and key.value.isascii() and key != Keys.Return
)
"""Keys without a character, such as `escape` and `f5`."""
_CHARACTERS = ("slash", "backslash", "comma", "colon", "semicolon", "full_stop", "question_mark")
"""Names of characters that people are likely to mean."""
_LARGEST = 100_000
"""Characters of the largest file that is read."""


@dataclass(frozen=True, slots=True)
class BoundKeys:
    """A binding, and the keys it has when nobody chose others."""

    id: str
    keys: tuple[str, ...]
    group: str
    """Where it works; a key can mean one thing there."""


@dataclass(frozen=True, slots=True)
class ChosenKeys:
    """What an operator chose."""

    keymap: dict[str, str] = field(default_factory=dict[str, str])
    """Keys by the id of their binding, for `App.set_keymap`."""
    warnings: tuple[str, ...] = ()
    """A sentence about everything that can't be as it was written."""


def keymap_path(environ: Mapping[str, str], home: Path) -> Path:
    """Return where keys are chosen: below `$XDG_CONFIG_HOME`, or `.config` at home."""
    config = environ.get("XDG_CONFIG_HOME", "")
    folder = Path(config) if config.startswith("/") else home / ".config"
    return folder / "dataagents" / "console.toml"


def bound_keys(groups: Iterable[tuple[str, Iterable[BindingType]]]) -> tuple[BoundKeys, ...]:
    """Return the bindings that can have other keys: those with an id.

    Args:
        groups: Title and bindings of everything that keys work in.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for title, bindings in groups:
        for binding in Binding.make_bindings(bindings):
            if binding.id:
                found.setdefault((title, binding.id), []).append(binding.key)
    return tuple(BoundKeys(of, tuple(keys), group) for (group, of), keys in found.items())


def read_keymap(path: Path, known: Sequence[BoundKeys]) -> ChosenKeys:
    """Return the keys that a file chooses; none when there is no file.

    Whatever is wrong in it is told and left out, so that the console starts all the same.
    """
    try:
        with path.open(encoding="utf-8") as file:
            written = file.read(_LARGEST + 1)
        table = tomllib.loads(written) if len(written) <= _LARGEST else {}
    except FileNotFoundError:
        return ChosenKeys()
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        return ChosenKeys(warnings=(_about(path, f"it can't be read: {why}."),))
    if len(written) > _LARGEST:
        return ChosenKeys(warnings=(_about(path, "it is too large."),))
    return _Choice(path, known).made(table)


class _Choice:
    """Works out which of the keys in a file can be had."""

    def __init__(self, path: Path, known: Sequence[BoundKeys]) -> None:
        self._path = path
        self._known = known
        self._warnings: list[str] = []

    def made(self, table: Mapping[str, object]) -> ChosenKeys:
        for name in table:
            if name != "keys":
                self._warn(f"there is no table [{name}].{did_you_mean(name, ['keys'])}")
        written = table.get("keys", {})
        if not isinstance(written, dict):
            self._warn("[keys] is no table.")
            return ChosenKeys({}, tuple(self._warnings))
        chosen = self._readable(cast(dict[str, object], written))
        granted = self._granted(chosen)
        self._tell_of_the_lost(granted)
        return ChosenKeys(
            {of: ",".join(keys) for of, keys in granted.items()}, tuple(self._warnings)
        )

    def _readable(self, written: Mapping[str, object]) -> dict[str, list[str]]:
        """Return the keys that are such, of the bindings that there are."""
        ids = {each.id for each in self._known}
        chosen: dict[str, list[str]] = {}
        for of, value in _flat(written):
            if of not in ids:
                close = nearest(of, sorted(ids))
                hint = f" Did you mean {close!r}?" if close else " The help names them all."
                self._warn(f"no key is called {of!r}.{hint}")
                continue
            keys = [key for word in _words(value) if (key := self._key(of, word))]
            if keys:
                chosen[of] = list(dict.fromkeys(keys))
            else:
                self._warn(f"{of} has no key left there; it keeps its own.")
        return chosen

    def _key(self, id: str, word: str) -> str | None:
        key = normal_key(word)
        if key is None:
            close = nearest(word.rpartition("+")[2].casefold(), (*sorted(_NAMED), *_CHARACTERS))
            hint = (
                f" Did you mean {close!r}?" if close else " Write slash, ctrl+f, f5, or a letter."
            )
            self._warn(f"{id}: {word!r} is no key.{hint}")
        return key

    def _granted(self, chosen: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """Return the keys that each can have, where the first that asks for one has it."""
        owners: dict[tuple[str, str], str] = {}
        granted: dict[str, tuple[str, ...]] = {}
        for of, keys in chosen.items():
            groups = [each.group for each in self._known if each.id == of]
            had: list[str] = []
            for key in keys:
                other = next((owners[at] for at in ((g, key) for g in groups) if at in owners), "")
                if other:
                    self._warn(f"{of}: {key} is the key of {other} already.")
                    continue
                owners.update(((group, key), of) for group in groups)
                had.append(key)
            if had:
                granted[of] = tuple(had)
            else:
                self._warn(f"{of} has no key left there; it keeps its own.")
        return granted

    def _tell_of_the_lost(self, granted: Mapping[str, Sequence[str]]) -> None:
        """Tell which bindings lose a key of their own to one that was chosen."""
        for each in self._known:
            if each.id in granted:
                continue
            for key in each.keys:
                takers = [
                    other.id
                    for other in self._known
                    if other.group == each.group and key in granted.get(other.id, ())
                ]
                if takers:
                    left = [own for own in each.keys if own != key]
                    rest = f"it keeps {', '.join(left)}" if left else "it has no other"
                    self._warn(f"{key} is now the key of {takers[0]}, not of {each.id}; {rest}.")

    def _warn(self, problem: str) -> None:
        self._warnings.append(_about(self._path, problem))


def normal_key(word: str) -> str | None:
    """Return a key as Textual calls it, for example `slash` for `/`; None when it is none."""
    word = word.strip()
    if len(word) == len("^f") and word.startswith("^"):
        word = f"ctrl+{word[1]}"
    before, plus, key = word[:-1].rpartition("+")  # so that a key may be + itself
    key += word[-1:]
    said = before.casefold().split("+") if plus else []
    modifiers = {_ALIASES.get(each, each) for each in said}
    named = _named(key)
    if named is None or not modifiers <= _MODIFIERS:
        return None
    if len(named) == 1 and modifiers:
        if modifiers == {"shift"}:
            return named.upper()
        named = named.lower()
    return "+".join((*sorted(modifiers), named))


def _named(key: str) -> str | None:
    """Return the name of a key that is pressed without modifiers."""
    name = key.casefold()
    name = _ALIASES.get(name, name)
    if name in _NAMED:
        return name
    character = key if len(key) == 1 else key_to_character(REPLACED_KEYS.get(name, name))
    if character is None or not character.isprintable() or character.isspace():
        return None
    if character == ",":
        return "comma"  # a binding takes the character for what stands between keys
    return next(iter(Binding.make_bindings([Binding(character, "")]))).key


def _flat(written: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """Yield ids and what is said of them; TOML reads `list.filter` without quotes as a table."""
    for name, value in written.items():
        if isinstance(value, dict):
            yield from _flat(cast(dict[str, object], value), f"{before}{name}.")
        else:
            yield f"{before}{name}", value


def _words(value: object) -> list[str]:
    if isinstance(value, str):
        return [word for each in value.split(",") if (word := each.strip())]
    if isinstance(value, list):
        return [str(each) for each in cast(list[object], value)]
    return [str(value)]


def _about(path: Path, problem: str) -> str:
    return safe_text(f"Keys {path}: {problem}")
