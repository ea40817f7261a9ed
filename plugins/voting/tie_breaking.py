"""Tie-breaking: a step after the tally, which has named all who share the lead.

`order` takes the option that the motion lists first: whoever put the motion said what goes first.
`seeded` draws a lot: SHA-256 of the motion's id, as a number, modulo how many are tied, counted in
the motion's order. Anybody can draw it again, and nobody can choose it, for the kernel gives ids.
Neither looks at names.
"""

from collections.abc import Sequence
from hashlib import sha256


def break_tie(how: str, motion: str, tied: Sequence[str]) -> tuple[str | None, str]:
    """Return the option that a tie is broken in favour of, and how; None when it is left.

    Args:
        how: `none`, `order` or `seeded`.
        motion: Id of the motion.
        tied: The options, in the motion's order.
    """
    if how == "order":
        return tied[0], "it is listed first"
    if how == "seeded":
        drawn = int.from_bytes(sha256(motion.encode()).digest(), "big")
        return tied[drawn % len(tied)], "the motion's id drew it"
    return None, ""
