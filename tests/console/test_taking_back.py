"""Taking back: what an operator had done and no kernel has begun is seen in Audit and withdrawn."""

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from dataagents.console.screens.actions import ActionMenu
from dataagents.console.screens.confirm import Confirm
from dataagents.core.commands import Command, CommandAnswer, CommandState
from dataagents.storage import SqliteStore
from dataagents.storage.commands import CommandFile, unanswered


@pytest.fixture
def queue(store, now):
    """Issue commands as another operator does, and answer them as a kernel does."""

    @asynccontextmanager
    async def opened():
        async with CommandFile(store, epoch=1) as file:
            yield file

    return opened


def command(now, id="c1", **rest) -> Command:
    made = {"kind": "pause", "target": "run:run-1", "actor": "ben", "reason": "lunch"} | rest
    return Command(id=id, made=now.now(), expires=now.now() + timedelta(hours=1), **made)


async def comes(operator, holds) -> None:
    """Let time pass until something holds; threads of databases take as long as disks do."""
    for _ in range(200):
        await operator.catch_up()
        # What is at work in a thread wants no time to pass; whoever waits does.
        await operator.until(lambda: operator.clock.waiting or holds(), "somebody waits")
        if holds():
            return
    raise AssertionError(operator.shown)


async def test_a_command_that_nobody_has_taken_is_in_the_audit_and_can_be_taken_back(
    console, store, queue, now
):
    async with queue() as file:
        await file.issue([command(now)])
        async with SqliteStore(store), console(operator="anna") as operator:
            await operator.press("9")
            assert operator.key == "command:c1"
            row = operator.cursor_line
            assert "ben" in row
            assert "pause" in row
            assert "issued" in row
            assert "it waits for a kernel" in operator.shown
            assert "u Take back" in operator.lines[-1]
            await operator.press("u")
            await comes(operator, lambda: operator.told)
            assert "taken back" in operator.told[-1]
            await comes(operator, lambda: "withdrawn" in operator.cursor_line)
            assert "anna took it back" in operator.shown
            assert "Take back" not in operator.lines[-1]
        (waiting,) = await unanswered(store, 10)
        assert waiting.withdrawn == "anna"


async def test_whoever_only_looks_on_sees_it_and_takes_nothing_back(console, store, queue, now):
    async with queue() as file:
        await file.issue([command(now)])
        async with SqliteStore(store), console() as operator:
            await operator.press("9", "u")
            assert operator.told == ["This console only looks on; ! arms it."]
            assert "issued" in operator.cursor_line
        (waiting,) = await unanswered(store, 10)
        assert not waiting.withdrawn


async def test_the_audit_notices_what_is_issued_and_answered_while_the_store_rests(
    console, store, queue, now
):
    async with queue() as file, SqliteStore(store), console(operator="anna") as operator:
        await operator.press("9")
        assert "c1" not in "".join(operator.keys)
        before = operator.keys
        await file.issue([command(now)])
        await operator.catch_up()
        assert operator.keys == ["command:c1", *before]
        await file.waiting(10)
        said = ("c1", "pause", "run:run-1", "ben", "lunch", CommandState.EXECUTED, "", now.now())
        await file.answer([CommandAnswer(*said, epoch=1)])
        await operator.catch_up()
        assert operator.keys == before, "the journal has it, when the kernel has written that"


async def test_enter_leads_to_what_it_is_about_while_nothing_is_on_record(
    console, store, queue, now
):
    async with queue() as file:
        await file.issue([command(now)])
        async with console(operator="anna") as operator:
            await operator.press("9", "enter")
            assert "run-1" in operator.way


async def test_what_was_done_from_here_can_be_taken_back_until_the_kernel_answers(console, store):
    async with SqliteStore(store), console(operator="anna") as operator:
        assert "Take back" not in operator.lines[-1]
        await operator.press("8", "a")
        assert isinstance(operator.screen, Confirm)
        await operator.press("enter")
        await operator.until(lambda: operator.session.issued, "it is issued")
        await operator.settle()
        assert "u Take back" in operator.lines[-1]
        await comes(operator, lambda: "waits for the kernel" in operator.shown)
        await operator.press("u")
        await comes(operator, lambda: any("taken back" in each for each in operator.told))
        await comes(operator, lambda: not operator.session.issued)
        (waiting,) = await unanswered(store, 10)
        assert (waiting.kind, waiting.withdrawn) == ("acknowledge", "anna")


async def test_an_action_from_the_audit_is_about_what_the_command_was_about(
    console, store, queue, now
):
    async with queue() as file:
        await file.issue([command(now)])
        async with SqliteStore(store), console(operator="anna") as operator:
            await operator.press("9", "exclamation_mark")
            assert isinstance(operator.screen, ActionMenu)
            assert "Act on command:c1" in operator.shown
            assert "replan: needs a run" not in operator.shown
