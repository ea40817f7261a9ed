"""Charts of decisions: a line for each option or bid, with a bar, in a given width."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from rich.cells import cell_len

from dataagents.console.view.cells import Cell
from dataagents.console.view.decisions.auction import AuctionReplay, BidLine
from dataagents.console.view.decisions.election import ElectionReplay
from dataagents.console.view.decisions.measures import Measure
from dataagents.console.view.decisions.support import Support, TallySoFar
from dataagents.console.view.glyphs import Glyphs
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import count, figure
from dataagents.console.view.widths import cut, fill

MOST_BARS = 20
_LEAST_BAR = 6
_LONGEST_BAR = 48
_LEAST_LABEL = 8


@dataclass(frozen=True, slots=True)
class _Bar:
    label: str
    share: float
    """Length in [0, 1]."""
    value: str
    word: str
    tone: str


def support_chart(
    replay: ElectionReplay, state: TallySoFar, moment: Moment, width: int, most: int = MOST_BARS
) -> tuple[Cell, ...]:
    """Return what each option has as lines with bars, and what these are measured in.

    Args:
        replay: The vote.
        state: How it stood after some of its ballots; `replay.final` for the end.
        moment: Says which characters are used.
        width: Cells of a line.
        most: How many options are shown; the strongest when there are more.
    """
    final = replay.result is not None and state.given >= len(replay.ballots)
    shown: Sequence[Support] = state.support
    if len(shown) > most:
        shown = sorted(shown, key=lambda each: -each.figure)[:most]
    top = max((each.figure for each in state.support), default=0.0) or 1.0
    bars = [
        _Bar(
            each.option,
            each.figure / top if each.share is None else each.share,
            f"{each.figure:.4g}" + ("" if each.share is None else f" ({each.share:.1%})"),
            *_word(replay, each, final=final),
        )
        for each in shown
    ]
    line_at = _threshold(replay)
    lines = _lines(bars, moment.glyphs, width, line_at)
    left = len(state.support) - len(shown)
    notes = [f"and {count(left, 'option')} with no more"] if left else []
    notes += _notes(replay, line_at, moment.glyphs)
    return (*lines, *(Cell(cut(note, width, moment.glyphs.more), "dim") for note in notes))


def bid_chart(
    replay: AuctionReplay, number: int, moment: Moment, width: int, most: int = MOST_BARS
) -> tuple[Cell, ...]:
    """Return the costs of the first bids as lines with bars, the best first.

    Args:
        replay: The auction.
        number: How many bids; all there are when it is more.
        moment: Says which characters are used.
        width: Cells of a line.
        most: How many bidders are shown.
    """
    ranking = replay.ranking_after(number)
    costs: list[float] = [bid.cost for bid in ranking if bid.cost is not None]
    limit = replay.budget
    if limit is not None:
        costs.append(limit)
    top: float = max(costs, default=0.0) or 1.0
    ended = replay.award is not None and number >= len(replay.bids)
    bars = [
        _Bar(bid.bidder, (bid.cost or 0.0) / top, _costs(bid, replay), *_bid_word(bid, n, ended))
        for n, bid in enumerate(ranking[:most])
    ]
    at = None if limit is None else limit / top
    lines = _lines(bars, moment.glyphs, width, at)
    notes = [] if limit is None else [f"{moment.glyphs.rule} budget {figure(limit)}"]
    if len(ranking) > most:
        notes.insert(0, f"and {count(len(ranking) - most, 'bidder')} more")
    return (*lines, *(Cell(cut(note, width, moment.glyphs.more), "dim") for note in notes))


def bar(share: float, width: int, glyphs: Glyphs, line_at: float | None = None) -> str:
    """Return a bar of so many cells, with a line where something has to be reached.

    Args:
        share: Length in [0, 1].
        width: Cells.
        glyphs: What it is made of.
        line_at: Where the line is, in [0, 1]; no line when None.
    """
    filled = round(min(max(share, 0.0), 1.0) * width)
    cells = [glyphs.bar] * filled + [glyphs.gap] * (width - filled)
    if line_at is not None and width:
        cells[min(width - 1, int(line_at * width))] = glyphs.rule
    return "".join(cells)


def _lines(bars: Sequence[_Bar], glyphs: Glyphs, width: int, line_at: float | None) -> list[Cell]:
    """Lay bars out; where there is no room, the bar gives way first, then the word."""
    label = max((cell_len(each.label) for each in bars), default=0)
    label = min(label, max(_LEAST_LABEL, width // 3))
    value = max((len(each.value) for each in bars), default=0)
    word = max((len(each.word) for each in bars), default=0)
    room = min(_LONGEST_BAR, width - label - value - word - 3)
    lines: list[Cell] = []
    for each in bars:
        parts = [fill(each.label, label, glyphs.more)]
        if room >= _LEAST_BAR:
            parts.append(bar(each.share, room, glyphs, line_at))
        parts += [fill(each.value, value, right=True), each.word]
        lines.append(Cell(cut(" ".join(parts).rstrip(), width, glyphs.more), each.tone))
    return lines


def _word(replay: ElectionReplay, each: Support, *, final: bool) -> tuple[str, str]:
    result = replay.result
    if final and result is not None:
        if each.option == result.decision:
            return ("recalled", "warn") if replay.recalled else ("won", "ok")
        return ("led", "warn") if each.option in result.leaders else ("", "")
    return ("leads", "busy") if each.leads else ("", "")


def _bid_word(bid: BidLine, place: int, ended: bool) -> tuple[str, str]:
    if ended:
        return bid.word, bid.mark.value
    return ("best so far", "busy") if not place else ("", "")


def _costs(bid: BidLine, replay: AuctionReplay) -> str:
    score = "" if bid.score is None else f", score {bid.score:.3g}"
    return f"{figure(bid.cost)}{score}" if replay.scored else figure(bid.cost)


def _threshold(replay: ElectionReplay) -> float | None:
    """Return the share that the winner has to reach, where the bars are shares of the same."""
    if replay.result is None or not replay.proven or replay.measure is Measure.FIRSTS:
        return None
    text = replay.result.threshold.removeprefix(">").strip()
    try:
        share = float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        return None
    return share if 0 < share < 1 else None


def _notes(replay: ElectionReplay, line_at: float | None, glyphs: Glyphs) -> list[str]:
    notes: list[str] = []
    if line_at is not None and replay.result is not None:
        more = "more than " if replay.result.threshold.startswith(">") else ""
        notes.append(f"{glyphs.rule} {more}{line_at:.1%} needed")
    rule = replay.rule or "the rule"
    if replay.proven:
        notes.append(f"in {replay.measure.value}, as {rule} counts")
    elif replay.open:
        notes.append(f"in {replay.measure.value} so far; {rule} decides when it is closed")
    else:
        notes.append(f"in {replay.measure.value}; {rule} compares something else")
    return notes
