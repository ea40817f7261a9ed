"""What a terminal is told: every escape sequence and every control in a stream of bytes, by name.

A name says what a sequence does, not with which figures: `CSI H`, `CSI ?1049h`. What carries text
of its own, such as a title or the clipboard, has all of it in its name, so that only the very same
one counts as known.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_TOKEN: Final = re.compile(
    r"(?P<csi>(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e])"
    r"|(?P<osc>(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?)"
    r"|(?P<string>(?:\x1b[PX^_]|[\x90\x98\x9e\x9f])[^\x1b\x9c]*(?:\x1b\\|\x9c)?)"
    r"|(?P<escape>\x1b[\x20-\x2f]*[\x30-\x7e])"
    r"|(?P<stray>\x1b)"
    r"|(?P<control>[\x00-\x1f\x7f-\x9f])"
    r"|(?P<hidden>[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff])"
    r"|(?P<broken>[\udc80-\udcff])"
)
_SWITCHES: Final = frozenset("hl")
"""Finals of sequences whose figures say what is switched."""
_USUAL: Final = frozenset({"control 0a", "control 0d"})
_NEVER: Final = (
    "OSC 0;", "OSC 1;", "OSC 2;", "OSC 8;", "OSC 52;", "string", "raw", "stray", "broken", "hidden",
    "control 00", "CSI b",
)  # fmt: skip
"""What no console tells a terminal, harmless text or not: titles, links, the clipboard, strings for
devices, controls of one byte or character, half sequences, no text, what can't be seen, repetition.
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a terminal was told."""

    name: str
    offset: int
    """Characters before it."""
    text: str
    """It, with some of what is around it."""


def told(data: bytes) -> Iterator[Told]:
    """Yield everything in a stream that is no character to be shown."""
    text = data.decode(errors="surrogateescape")
    for match in _TOKEN.finditer(text):
        begin, end = match.span()
        around = text[max(0, begin - 30) : end + 30]
        yield Told(_name(match.lastgroup or "", match.group()), begin, around)


def names(data: bytes) -> Counter[str]:
    """Return how often a stream tells what."""
    return Counter(each.name for each in told(data))


def unknown(data: bytes, known: Iterable[str]) -> list[Told]:
    """Return what a stream tells that it should not.

    Args:
        data: What a program wrote to a terminal.
        known: Names of what it tells when it shows harmless text.
    """
    may = frozenset(known) | _USUAL
    return [each for each in told(data) if each.name not in may or each.name.startswith(_NEVER)]


def _name(group: str, text: str) -> str:
    if group in ("csi", "osc") and text[0] != "\x1b":
        return f"raw {text!a}"
    match group:
        case "csi":
            return f"CSI {_switched(text[2:])}"
        case "osc":
            return f"OSC {ascii(text[2:])[1:-1]}"
        case "escape":
            return f"ESC {text[1:]}"
        case "hidden":
            return f"hidden {ord(text):04x}"
        case "control" if text < "\x80":
            return f"control {ord(text):02x}"
        case "control":
            return f"raw {text!a}"
        case _:
            return f"{group} {text!a}"


def _switched(text: str) -> str:
    """Return a sequence without its figures, unless they say what is switched."""
    final, private = text[-1], text[0] if text[0] in "<=>?" else ""
    between = "".join(each for each in text[:-1] if " " <= each <= "/")
    figures = text[len(private) : -1] if final in _SWITCHES else ""
    return f"{private}{figures}{between}{final}"
