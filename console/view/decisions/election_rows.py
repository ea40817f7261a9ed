"""The voters of an election as a list, and everything there is to read about it."""

from collections.abc import Mapping

from dataagents.console.view.cells import Cell
from dataagents.console.view.decisions.election import (
    ElectionReplay,
    Stand,
    VoterLine,
    outcome_word,
)
from dataagents.console.view.listing.field import Field
from dataagents.console.view.listing.listing import Listing, Preset, Sections
from dataagents.console.view.moment import Moment
from dataagents.console.view.row import count, figure, lines, sections
from dataagents.console.view.widths import exactly, when
from dataagents.console.view.words import duration

_ONE = 1.0
_MOST_NAMED = 20


def election_sections(replay: ElectionReplay, moment: Moment) -> Sections:
    """Return the heading and text of everything there is to read about a vote."""
    word, mark = outcome_word(replay.result, replay.recalled)
    dissent = {line.voter: f"{line.says}: {line.reason}" for line in replay.dissent}
    silent = {line.voter: line.reason or line.stand.value for line in replay.missing}
    recalled = f"{replay.recalled} ({exactly(replay.recalled_at)})" if replay.recalled else ""
    return sections(
        ("question", replay.question),
        ("about", replay.about),
        ("what drifted", "\n".join(replay.drift)),
        ("outcome", f"{moment.glyph(mark)} {word}"),
        ("result", _result(replay)),
        ("recalled", recalled),
        ("votes again on", f"election:{replay.recalls}" if replay.recalls else ""),
        ("against", _most(dissent)),
        ("not heard yet" if replay.open else "no ballot", _most(silent)),
        ("voted", _turnout(replay)),
        ("rule", _rule(replay)),
        ("options", "\n".join(replay.options)),
        ("proposals", lines(replay.proposals or {})),
        ("proposed nothing", lines(replay.without_proposal or {})),
        ("evidence", lines(replay.evidence or {})),
        ("opened", exactly(replay.opened)),
        ("closed", _closed(replay)),
        ("run", f"run:{replay.run}" if replay.run else "outside of a run"),
        ("task", replay.task),
    )


def voter_sections(line: VoterLine, moment: Moment) -> Sections:
    """Return everything there is to read about what one voter said."""
    return sections(
        ("stands", f"{moment.glyph(line.stand.mark)} {line.stand.value}"),
        ("says", line.says),
        ("reason", line.reason),
        ("confidence", figure(line.confidence)),
        ("reputation", figure(line.weight)),
        ("adds", figure(line.counts)),
        ("so it stood", line.after),
        ("came as number", str(line.number) if line.number else ""),
        ("at", exactly(line.at)),
        ("voter", line.agent),
    )


def _most(pairs: Mapping[str, str]) -> str:
    kept = dict(list(pairs.items())[:_MOST_NAMED])
    left = len(pairs) - len(kept)
    return lines(kept) + (f"\nand {left} more" if left else "")


def _result(replay: ElectionReplay) -> str:
    result = replay.result
    if result is None:
        return f"{replay.final.sentence}; so far {_leaders(replay)}"
    tie = f"; a tie, broken for {result.tie_broken}" if result.tie_broken else ""
    return f"{result.reason}{tie}"


def _leaders(replay: ElectionReplay) -> str:
    return replay.ballots[-1].after if replay.ballots else "nothing leads"


def _turnout(replay: ElectionReplay) -> str:
    sides = ((Stand.FOR, "for"), (Stand.AGAINST, "against"), (Stand.VETOES, "with a veto"))
    told = [f"{replay.count(stand)} {word}" for stand, word in sides if replay.count(stand)]
    return "; ".join((replay.final.sentence, ", ".join(told))).rstrip("; ")


def _rule(replay: ElectionReplay) -> str:
    told = [replay.rule] if replay.rule else []
    if replay.result is not None and replay.result.threshold:
        told.append(f"threshold {replay.result.threshold}")
    told.append(f"quorum {count(replay.quorum, 'ballot')}")
    told += [f"{option} {value}" for option, value in replay.rule_options.items() if value]
    return ", ".join(told)


def _closed(replay: ElectionReplay) -> str:
    if replay.closed is None:
        limit = "" if replay.deadline is None else f", {duration(replay.deadline)} to answer"
        return f"open{limit}"
    if replay.opened is None:
        return exactly(replay.closed)
    took = (replay.closed - replay.opened).total_seconds()
    return f"{exactly(replay.closed)}, after {duration(took)}"


def _stand_cell(line: VoterLine, _: Moment) -> Cell:
    return Cell(line.stand.value, line.stand.mark.value)


def _says_cell(line: VoterLine, moment: Moment) -> Cell:
    mark = line.stand.mark
    return Cell(f"{moment.glyph(mark)} {line.says or line.stand.value}", mark.value)


def _plain(value: float | None) -> Cell:
    return Cell(figure(value), "dim" if value == _ONE else "")


BALLOTS: Listing[VoterLine] = Listing(
    name="ballots",
    noun="voter",
    fields=(
        Field(
            "order", "NO", lambda line, _: line.number or None,
            "Place among the ballots, in the order they came.", width=4, right=True, needs=72,
        ),
        Field("voter", "VOTER", lambda line, _: line.voter, "Who may vote.", width=20),
        Field(
            "stand", "STANDS", lambda line, _: line.stand.value,
            "Towards what was decided: for, against, vetoes, abstains; voted while nothing is; "
            "no ballot, awaited.",
            _stand_cell, width=11, needs=94,
        ),
        Field(
            "says", "SAYS", lambda line, _: line.says,
            "The choice, ranking, approvals or scores.", _says_cell, width=16,
        ),
        Field(
            "weight", "WEIGHT", lambda line, _: line.weight,
            "The voter's reputation when the vote was opened; 1 is ordinary.",
            lambda line, _: _plain(line.weight), width=6, right=True, needs=76,
        ),
        Field(
            "confidence", "SURE", lambda line, _: line.confidence,
            "How sure the voter is, from 0 to 1.",
            lambda line, _: Cell(figure(line.confidence)), width=5, right=True, needs=60,
        ),
        Field(
            "adds", "ADDS", lambda line, _: line.counts,
            "What the ballot adds to what it is for, where the rule adds anything up.",
            lambda line, _: _plain(line.counts), width=5, right=True, needs=100,
        ),
        Field(
            "reason", "REASON", lambda line, _: line.reason,
            "Why it votes so, or why it gave no ballot.",
            lambda line, _: Cell(line.reason.replace("\n", " ")),
        ),
        Field(
            "after", "SO IT STOOD", lambda line, _: line.after,
            "Who led after this ballot, and with how much.", width=22, needs=130,
        ),
        Field(
            "at", "AT", lambda line, _: line.at, "When the ballot came.",
            lambda line, moment: Cell(when(line.at, moment), "dim"), width=11, needs=110,
        ),
    ),
    key=lambda line: line.address,
    mark=lambda line, _: line.stand.mark,
    sections=voter_sections,
    empty="Ballots, as soon as somebody is asked to vote.",
    at=lambda line: line.at,
    presets=(
        Preset("all", ""),
        Preset("against", "stand:against|vetoes"),
        Preset("silent", "stand:abstains|no|awaited"),
    ),
)  # fmt: skip
"""Everybody who may vote; `ElectionReplay.voters` and `.ballots` are its rows, in two orders."""
