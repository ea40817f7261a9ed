import pytest

from dataagents.core.cards import AgentCard
from dataagents.core.messaging import ANYONE, EVERYONE, Traffic
from dataagents.core.testing import RouterContract
from dataagents.core.testing.messaging import message
from dataagents.plugins.messaging.routing import (
    ByContent,
    ContentOptions,
    ContentRule,
    Direct,
    OneOf,
    least_loaded,
    most_capable,
    next_in_turn,
)

ROSTER = {
    "a": AgentCard("a", "cleaner", {"clean": 0.5}),
    "b": AgentCard("b", "cleaner", {"clean": 0.9}),
    "c": AgentCard("c", "checker", {"check": 0.9, "clean": 0.9}),
}


class TestRoundRobin(RouterContract):
    def router(self):
        return OneOf(next_in_turn)


class TestLeastLoaded(RouterContract):
    def router(self):
        return OneOf(least_loaded)


class TestMostCapable(RouterContract):
    def router(self):
        return OneOf(most_capable)


class TestByContent(RouterContract):
    def router(self):
        rule = ContentRule(when={"payload.number": 1}, to="*")
        return ByContent(ContentOptions(rules=(rule,)))


def route(router, recipient, traffic=None, payload=None, sender="kernel"):
    sent = message(sender=sender, recipient=recipient)
    if payload is not None:
        object.__setattr__(sent, "payload", payload)
    return router.route(sent, ROSTER, traffic or Traffic())


@pytest.mark.parametrize(
    ("recipient", "group"),
    [
        ("role:cleaner", ("a", "b")),
        ("capability:clean", ("a", "b", "c")),
        ("capability:check", ("c",)),
        ("role:nobody", ()),
        (ANYONE, ()),
    ],
)
def test_direct_reaches_the_whole_group(recipient, group):
    assert route(Direct(), recipient) == group


def test_round_robin_gives_each_its_turn():
    router, routed = OneOf(next_in_turn), {}
    for _ in range(7):
        (chosen,) = route(router, "capability:clean", Traffic(routed=routed))
        routed[chosen] = routed.get(chosen, 0) + 1
    assert routed == {"a": 3, "b": 2, "c": 2}


def test_the_least_loaded_gets_it_and_of_equals_the_one_whose_turn_it_is():
    router = OneOf(least_loaded)
    busy = Traffic(waiting={"a": 2, "b": 1, "c": 1}, routed={"b": 3, "c": 1})
    assert route(router, ANYONE, busy) == ("c",)


def test_the_most_capable_gets_it_and_of_equals_the_least_loaded():
    router = OneOf(most_capable)
    assert route(router, "capability:clean") == ("b",)
    assert route(router, "capability:clean", Traffic(waiting={"b": 1})) == ("c",)


@pytest.mark.parametrize("choose", [next_in_turn, least_loaded, most_capable])
def test_everyone_is_everyone_and_a_sender_is_not_its_own_recipient(choose):
    assert route(OneOf(choose), EVERYONE, sender="a") == ("b", "c")
    assert route(OneOf(choose), "role:cleaner", sender="a") == ("b",)


def test_content_decides_by_the_first_rule_that_fits():
    rules = (
        ContentRule(when={"payload.dataset": "orders", "type": "data_request"}, to="role:checker"),
        ContentRule(when={"payload.dataset": "orders"}, to="a"),
        ContentRule(when={"payload.urgent": True}, to="*"),
    )
    router = ByContent(ContentOptions(rules=rules))
    assert route(router, ANYONE, payload={"dataset": "orders"}) == ("c",)
    assert route(router, ANYONE, payload={"urgent": True}) == ("a", "b", "c")
    assert route(router, ANYONE, payload={"dataset": {"deep": 1}}) == ()
    assert route(router, "role:cleaner", payload={"dataset": "orders"}) == ("a", "b")
