"""The library: one question at a time, over a connection that is made anew after trouble."""

import asyncio

import pytest

from dataagents.console.feeds.library import Library
from dataagents.core.errors import DataAgentsError, InputError, StoreError


async def last(reader):
    return await reader.last_seq()


async def test_a_question_is_answered_over_one_connection(store):
    readers = []

    async def question(reader):
        readers.append(reader)
        return await reader.last_seq()

    async with Library(store) as library:
        answers = [await library.ask(question), await library.ask(question)]

    assert answers == [61, 61]
    assert readers[0] is readers[1]


async def test_no_question_is_asked_beside_another(store):
    order = []

    def question(name):
        async def ask(reader):
            order.append(f"{name} begins")
            await reader.last_seq()
            order.append(f"{name} ends")

        return ask

    async with Library(store) as library:
        await asyncio.gather(library.ask(question("first")), library.ask(question("second")))

    assert order == ["first begins", "first ends", "second begins", "second ends"]


async def test_a_missing_store_is_told_and_found_once_it_is_there(store):
    aside = store.rename(store.with_name("aside"))
    async with Library(store) as library:
        with pytest.raises(DataAgentsError, match="there is no such file"):
            await library.ask(last)
        aside.rename(store)
        assert await library.ask(last) == 61


async def test_after_an_error_it_connects_anew(store):
    readers = []

    async def trouble(reader):
        readers.append(reader)
        raise StoreError("store", "trouble")

    async def question(reader):
        readers.append(reader)

    async with Library(store) as library:
        with pytest.raises(StoreError):
            await library.ask(trouble)
        await library.ask(question)

    assert readers[0] is not readers[1]


async def test_a_question_that_makes_no_sense_leaves_others_their_turn(store):
    async def wrong(reader):
        raise InputError("run x", "there is none")

    async with Library(store) as library:
        with pytest.raises(InputError):
            await library.ask(wrong)
        async with asyncio.timeout(10):
            assert await library.ask(last) == 61


async def test_a_cancelled_question_leaves_others_their_turn(store):
    begun = asyncio.Event()

    async def endless(reader):
        begun.set()
        await asyncio.Event().wait()

    async with Library(store) as library:
        asked = asyncio.ensure_future(library.ask(endless))
        await begun.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        async with asyncio.timeout(10):
            assert await library.ask(last) == 61


async def test_closed_it_connects_again_to_what_is_there_then(store, many):
    async with Library(store) as library:
        assert await library.ask(last) == 61
        await library.close()
        many.replace(store)
        assert await library.ask(last) == 2_200


async def test_interrupting_nothing_does_nothing(store):
    async with Library(store) as library:
        library.interrupt()
        assert await library.ask(last) == 61
