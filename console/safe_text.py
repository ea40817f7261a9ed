"""The one function between text from outside and a terminal.

Data cells, file names and model output may hold escape sequences (a terminal obeys them: clipboard,
title, screen), or direction marks that show another text than there is. Markup is no concern of
this module: widgets get such text as `Text` or `Segment`, which interpret nothing.
"""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
LONGEST = 4_000
"""Characters of one text that are kept."""

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f"  # C0 but tab and newline; DEL
    "\x80-\x9f"  # C1: U+009B alone begins a control sequence
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction and zero width
    "\u2028\u2029\u2060-\u2064\ufeff"
    "\ud800-\udfff"  # lone surrogates can't be encoded
    "\U000e0000-\U000e007f"  # invisible tag characters
    "]"
)


def safe_text(text: str, *, lines: bool = False, limit: int = LONGEST) -> str:
    """Return a text that no terminal acts upon.

    Args:
        text: Anything.
        lines: Keep newlines and tabs; otherwise a newline becomes `↵` and a tab a space.
        limit: Most characters of the result, the ellipsis of a longer text included.
    """
    if len(text) > limit:
        text = text[: max(0, limit - 1)] + "…"
    if _UNSAFE.search(text):
        text = _UNSAFE.sub(REPLACEMENT, text)
    if not lines and ("\n" in text or "\t" in text):
        text = text.replace("\n", "↵").replace("\t", " ")
    return text
