"""Patterns: regular expressions whose search takes time in proportion to the text, whatever it is.

Python's own engine tries one way after another, and some expressions have more ways than there
are seconds. It serves where an expression has no two ways to the same text; any other is run here
on all ways at once: a finite automaton that is worked out as far as the texts need it.
"""

import re
import warnings
from collections.abc import Callable

from dataagents.console.view.listing.pattern_syntax import Node, read
from dataagents.core.errors import InputError

LONGEST = 200
"""Characters of an expression."""
SEARCHED = 500
"""Characters of a text that are looked at, as if they were all of it."""
_MOST_PLACES = 400
"""Places of an automaton, which repeats such as `{50}` multiply."""
_MOST_KNOWN = 20_000
"""Transitions that are remembered; all of them are forgotten when there are more."""
_END = ""
"""Stands for the end of a text where a character is asked for."""


class Pattern:
    """A regular expression, for finding out whether it is somewhere in a text, in any case."""

    def __init__(self, text: str) -> None:
        """Read an expression.

        Raises:
            InputError: It is none, it is too long, or it looks ahead, behind or back.
        """
        what = f"regular expression {text[:LONGEST]!r}"
        if len(text) > LONGEST:
            raise InputError(what, f"it has more than {LONGEST} characters")
        try:
            compiled = _compiled(text)
        except (re.error, OverflowError, RecursionError) as error:
            hint = 'Put "quotes" around a text that is to be found as it is.'
            raise InputError(what, f"it can't be read: {error}", hint=hint) from error
        node = read(text, what)
        self._direct = compiled.search if node.is_direct else None
        self._automaton = None if node.is_direct else _Automaton(node, what)
        self.words = node.words()
        """What every text of ASCII that it is found in has in it, in small letters."""

    def found(self, text: str) -> bool:
        """Return whether it is in the part of a text that is looked at."""
        text = text[:SEARCHED]
        if self._automaton is None:
            return self._direct is not None and self._direct(text) is not None
        # Beyond ASCII, more than one letter may be another case of a letter.
        if self.words and text.isascii():
            lowered = text.lower()
            for word in self.words:
                if word not in lowered:
                    return False
        return self._automaton.search(text)


class _State:
    """Where the ways through an automaton stand between two characters."""

    __slots__ = ("before", "nexts", "places")

    def __init__(self, places: frozenset[int], before: str) -> None:
        self.places = places
        self.before = before
        """The kind of the character before: `start`, `word` or `other`."""
        self.nexts: dict[str, _State | None] = {}
        """What follows a character; None where the expression has been found."""


class _Automaton:
    """A nondeterministic automaton, made deterministic as it runs."""

    def __init__(self, node: Node, what: str) -> None:
        self._what = what
        self._tests: list[Callable[[str], object] | str] = []
        """What each place asks: a test of a character, or a kind of boundary; `` for nothing."""
        self._outs: list[list[int]] = []
        self._accept = self._place("", [])
        self._begin = self._laid(node, self._accept)
        self._forget()

    def search(self, text: str) -> bool:
        """Return whether the expression is somewhere in a text."""
        state = self._first
        for character in text:
            following = state.nexts.get(character, state)
            if following is state and character not in state.nexts:
                following = self._followed(state, character)
            if following is None:
                return True
            state = following
        if _END not in state.nexts:
            self._followed(state, _END)
        return state.nexts[_END] is None

    def _forget(self) -> None:
        self._first = _State(frozenset(), "start")
        self._states: dict[tuple[frozenset[int], str], _State] = {}
        self._known = 0

    def _followed(self, state: _State, character: str) -> _State | None:
        """Work out what follows a character, and remember it."""
        if self._known >= _MOST_KNOWN:
            self._forget()
        self._known += 1
        reached = self._reached(state, _kind(character))
        following: _State | None = None
        if self._accept not in reached:
            places = frozenset(
                self._outs[place][0]
                for place in reached
                if character and callable(test := self._tests[place]) and test(character)
            )
            key = (places, _kind(character))
            following = self._states.setdefault(key, _State(*key))
        state.nexts[character] = following
        return following

    def _reached(self, state: _State, after: str) -> set[int]:
        """Return all places that are reached before the next character, given its kind."""
        reached: set[int] = set()
        waiting = [self._begin, *state.places]
        while waiting:
            place = waiting.pop()
            if place in reached:
                continue
            reached.add(place)
            test = self._tests[place]
            if isinstance(test, str) and (not test or _is_boundary(test, state.before, after)):
                waiting.extend(self._outs[place])
        return reached

    def _place(self, test: Callable[[str], object] | str, outs: list[int]) -> int:
        if len(self._tests) >= _MOST_PLACES:
            raise InputError(self._what, "its repeats make it too large", hint="Write + for {50}.")
        self._tests.append(test)
        self._outs.append(outs)
        return len(self._tests) - 1

    def _laid(self, node: Node, to: int) -> int:
        """Lay out a part of the expression before a place, and return where it begins."""
        match node.kind:
            case "one":
                return self._place(_compiled(node.text).fullmatch, [to])
            case "boundary":
                return self._place(node.text, [to])
            case "either":
                return self._place("", [self._laid(part, to) for part in node.parts])
            case "repeat":
                return self._repeated(node, to)
            case _:
                for part in reversed(node.parts):
                    to = self._laid(part, to)
                return to

    def _repeated(self, node: Node, to: int) -> int:
        body, end = node.parts[0], to
        if node.most is None:
            to = self._place("", [to])
            self._outs[to].append(self._laid(body, to))
        else:
            for _ in range(node.most - node.least):
                to = self._place("", [self._laid(body, to), end])
        for _ in range(node.least):
            to = self._laid(body, to)
        return to


def _compiled(text: str) -> re.Pattern[str]:
    """Compile an expression; what Python warns of may have another meaning in a later version."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(text, re.IGNORECASE)


def _kind(character: str) -> str:
    if not character:
        return "end"
    return "word" if character.isalnum() or character == "_" else "other"


def _is_boundary(test: str, before: str, after: str) -> bool:
    """Return whether a boundary such as `^` lies between two characters."""
    match test:
        case "^" | "\\A":
            return before == "start"
        case "$" | "\\Z":
            return after == "end"
        case "\\b":
            return (before == "word") != (after == "word")
        case _:
            return (before == "word") == (after == "word")
