"""The one function between text from outside and a terminal.

Data cells, file names and model output may hold escape sequences (a terminal obeys them: clipboard,
title, screen), direction marks that show another text than there is, or characters that nobody
sees. Others are wider on one terminal than on the next, which tears tables apart: of those the
parts are kept that all agree about. Markup is no concern of this module: widgets get such text as
`Text` or `Segment`, which interpret nothing.
"""

import re
from unicodedata import category

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONGEST = 4_000
"""Characters of one text that are kept."""
MOST_MARKS = 3
"""Marks on one letter that are kept; more are no language, and climb over other lines."""

_SPACES = "\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
_KEPT = frozenset(f"\n\t\u200c\u200d{_SPACES}")
"""What Python calls unprintable and is harmless: spaces, and joiners, which are judged later."""
_DOUBTFUL = re.compile("[\u0300-\u200f\u20d0-\u20ff\u2600-\U0010ffff]")
"""Where marks, emoji and invisible characters are; other texts need no closer look."""
_INVISIBLE = (
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200d\u3164\uffa0"
    "\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U000e0100-\U000e01ef"
)
"""Fillers, the joiner of emoji, selectors of variants, and tones of skin, which need an emoji."""
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_SELECTOR = re.compile("(?<=[0-9#*\xa1-\ufdff\U00010000-\U000e00ff])[\ufe0e\ufe0f]")
_ZERO_WIDTH_JOINER = re.compile("(?<=[^\x00-\x7f])\u200d(?=[^\x00-\x7f])")
_SKIN = re.compile(
    "(?<=[\u2600-\u27bf\U0001f000-\U0001f3fa\U0001f400-\U0001faff])[\U0001f3fb-\U0001f3ff]+"
)
_JOINING = "\u0620-\u109f\u1780-\u18ff"
"""Scripts in which a non-joiner parts letters that would run together."""
_NON_JOINER = re.compile(f"(?<![{_JOINING}])\u200c|\u200c(?![{_JOINING}])")
_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_MARKS + 1}}}|(?:^|[\n\t])[^\w\s\x00-\x7f]")
"""Where there may be too many marks, or marks upon nothing; whoever finds it looks closer."""


def safe_text(text: str, *, lines: bool = False, limit: int = LONGEST) -> str:
    """Return a text that no terminal acts upon, and that takes the same room on all of them.

    Args:
        text: Anything.
        lines: Keep newlines and tabs; otherwise a newline becomes `↵` and a tab a space.
        limit: Most characters of the result, the ellipsis of a longer text included.
    """
    if len(text) > limit:
        text = (text[: max(0, limit - 1)] + "…")[:limit]
    if text.isascii() and text.isprintable():
        return text
    if not text.replace("\n", " ").replace("\t", " ").isprintable():
        text = "".join(
            each if each.isprintable() or each in _KEPT else REPLACEMENT for each in text
        )
    if not text.isascii() and _DOUBTFUL.search(text):
        text = _seen(text)
    if not lines and ("\n" in text or "\t" in text):
        text = text.replace("\n", "↵").replace("\t", " ")
    return text


def _seen(text: str) -> str:
    """Return a text without what is not seen, or not seen alike everywhere.

    An emoji that is made of several is shown by its parts, and without its variant: terminals
    disagree about the cells that the whole takes.
    """
    if _UNSEEN.search(text):
        text = _ZERO_WIDTH_JOINER.sub("", _SELECTOR.sub("", text))
        text = _UNSEEN.sub(REPLACEMENT, _SKIN.sub("", text))
    if _MARKS.search(text):
        text = _with_few_marks(text)
    return _NON_JOINER.sub(REPLACEMENT, text) if "\u200c" in text else text


def _with_few_marks(text: str) -> str:
    """Return a text with at most so many marks on a letter, and none upon nothing."""
    kept: list[str] = []
    room = 0
    for each in text:
        if category(each) not in ("Mn", "Me"):
            room = 0 if each in "\n\t" else MOST_MARKS
            kept.append(each)
        elif room > 0:
            room -= 1
            kept.append(each)
        elif room == 0:
            room = -1
            kept.append(REPLACEMENT)
    return "".join(kept)
