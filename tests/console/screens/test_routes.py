"""The routes: what they name is there."""

import pytest

from dataagents.console.feeds.library import Library
from dataagents.console.screens.base import ViewScreen
from dataagents.console.screens.entity import EntityScreen
from dataagents.console.screens.review import ReviewScreen
from dataagents.console.screens.routes import THINGS, VIEWS, screen_for, view_screen
from dataagents.console.screens.run import RunScreen
from dataagents.console.session import Session
from dataagents.console.view.addresses import SCHEMES, Address


@pytest.fixture
def session(tmp_path, clock):
    return Session(Library(tmp_path / "store.db"), clock)


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_has_a_screen(session, name):
    made = view_screen(name, session)
    assert isinstance(made, ViewScreen)
    assert made is not view_screen(name, session)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_every_kind_of_address_has_a_screen(session, scheme):
    made = screen_for(Address(scheme, "x"), session)
    assert isinstance(made, ViewScreen)
    assert made.address == Address(scheme, "x")
    assert isinstance(made, EntityScreen) is (scheme not in THINGS)


def test_the_review_of_a_run_has_a_screen_of_its_own(session):
    assert isinstance(screen_for(Address("run", "x", "review"), session), ReviewScreen)
    assert isinstance(screen_for(Address("run", "x", "task:review"), session), RunScreen)


def test_no_route_is_for_a_kind_that_there_is_none_of():
    assert set(THINGS) <= set(SCHEMES)
