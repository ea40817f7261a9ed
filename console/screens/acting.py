"""Acting: from the rows that are meant to a command that is answered, with nothing by accident."""

from typing import Any

from textual.app import App

from dataagents.console.launch import DEFAULT_STORE
from dataagents.console.safe_text import safe_text
from dataagents.console.screens.actions import ActionMenu, MenuChoice
from dataagents.console.screens.confirm import Confirm
from dataagents.console.screens.messages import words_of
from dataagents.console.session import Session
from dataagents.console.steering import (
    WAIT,
    Offer,
    Outcome,
    Proposal,
    Situation,
    Steering,
    Subject,
    login,
    new_id,
    offers,
    propose,
    told,
)
from dataagents.console.view.decisions import ElectionReplay, election_replay
from dataagents.console.view.marks import Mark
from dataagents.core.commands import CommandKind, CommandState
from dataagents.core.errors import DataAgentsError, InputError
from dataagents.storage import StoreReader

_BALLOTS = (CommandKind.CAST, CommandKind.ANSWER, "veto")
_VOTERS = 5_000
_MOST = 10_000
"""Commands that are looked through for those that are to be taken back."""
_SOON = 1.0
"""Seconds after which an operator is told that there is no answer yet."""


async def act(
    app: App[Any], session: Session, subjects: tuple[Subject, ...], only: str = ""
) -> tuple[str, bool]:
    """Ask what is to be done, and why; have it done; return what came of it, and if it went wrong.

    Args:
        app: Where the questions are asked.
        session: Who acts on which store.
        subjects: The rows that are meant.
        only: The one action that is asked for, where its key was pressed.
    """
    async with Steering(session.path, session.clock, what="console") as steering:
        holder = steering.kernel()
        situation = Situation(subjects=subjects, holder=holder, operator=session.operator)
        try:
            choice = await _chosen(app, situation, only)
            if choice.operator != session.operator:
                session.arm(choice.operator)
            offer = choice.offer
            if offer is None or holder is None:
                return "", False
            proposal = propose(offer, session.operator, holder, new_id())
            vote = await _vote(session, offer)
            confirm = Confirm(
                proposal, session.clock.now, options=() if vote is None else vote.options,
                work=_work(session, proposal),
                asked=() if vote is None else (vote.question, *vote.drift),
                store="" if session.path == DEFAULT_STORE else str(session.path),
            )  # fmt: skip
            done = await app.push_screen_wait(confirm)
            if done is None:
                return "", False
            outcomes = await _answered(app, session, steering, done)
            if all(each.state == CommandState.WITHDRAWN for each in outcomes):
                return "", False  # whoever took them back was told
            sentence, mark = told(outcomes)
        except DataAgentsError as error:
            return words_of(error), True
    return sentence, mark is Mark.FAIL


async def _answered(
    app: App[Any], session: Session, steering: Steering, proposal: Proposal
) -> tuple[Outcome, ...]:
    """Issue what is proposed and wait for the answers; until then it can be taken back."""
    commands = await steering.issue(proposal)
    session.issued = frozenset(each.id for each in commands)
    app.screen.refresh_bindings()
    try:
        outcomes = await steering.await_answers(commands, wait=_SOON)
        if any(each.answer is None for each in outcomes):
            app.notify(safe_text(f"{proposal.kind} waits for the kernel"), markup=False)
            outcomes = await steering.await_answers(commands, wait=WAIT - _SOON)
    finally:
        session.issued = frozenset()
        if app.screen_stack:  # otherwise the console was left
            app.screen.refresh_bindings()
    return outcomes


async def take_back(session: Session, meant: frozenset[str]) -> tuple[str, bool]:
    """Take commands back; return what came of it, and if it went wrong.

    Args:
        session: Who does it on which store.
        meant: Ids of the commands.
    """
    if not session.operator:
        return "This console only looks on; ! arms it.", True
    async with Steering(session.path, session.clock, what="console") as steering:
        try:
            waiting = [each for each in await steering.waiting(_MOST) if each.id in meant]
            if not waiting:
                return "It was begun already; Audit tells what came of it.", True
            outcomes = await steering.withdraw(waiting, session.operator, wait=_SOON)
        except DataAgentsError as error:
            return words_of(error), True
    sentence, mark = told(outcomes)
    return sentence, mark is Mark.FAIL


async def _chosen(app: App[Any], situation: Situation, only: str) -> MenuChoice:
    if only and situation.operator:
        offer = next((each for each in offers(situation) if each.name == only), None)
        if offer is None or offer.refused:
            reason = offer.refused if offer is not None else "it fits nothing here"
            raise InputError(only, reason)
        return MenuChoice(offer, situation.operator)
    return await app.push_screen_wait(ActionMenu(situation, _login()))


def _login() -> str:
    try:
        return login()
    except InputError:
        return ""


async def _vote(session: Session, offer: Offer) -> ElectionReplay | None:
    """Return the vote that the action is a ballot in; None where it is none."""
    if offer.name not in _BALLOTS or len(offer.targets) != 1:
        return None
    motion = offer.targets[0].partition(":")[2]

    async def question(reader: StoreReader) -> ElectionReplay | None:
        found = await reader.entities.about("election", motion, _VOTERS)
        return election_replay([(each.seq, each.event) for each in found])

    return await session.library.ask(question)


def _work(session: Session, proposal: Proposal) -> tuple[str, ...]:
    """Return what is under way at the agents, or in the runs, that an action is about."""
    targets = {target.partition(":")[2] for target in proposal.targets}
    return tuple(
        f"{agent.id} is at {agent.doing}"
        for agent in session.standing.agents.values()
        if agent.doing and (agent.id in targets or agent.run in targets)
    )
