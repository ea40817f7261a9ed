"""Every extension point there is. A plugin implements any of these, as plain functions.

All hooks below are called once for each kernel, while it opens. Each returns an iterable of
`Strategy` values: a name, a function that builds the strategy, the model of its options, one line
for people. Returning None is the same as returning nothing. A hook that raises, that is a
coroutine or a wrapper, or that returns anything else costs its plugin: the plugin's other
strategies are not used either, the kernel goes on, and `dataagents plugins --check` shows why.
"""

from collections.abc import Iterable
from typing import Any

import pluggy

from dataagents.core.agents import AgentFactory
from dataagents.core.allocation import Allocator
from dataagents.core.bidding import Auction
from dataagents.core.detection import Corrector, Detector
from dataagents.core.events import Observer
from dataagents.core.goals import Output
from dataagents.core.hierarchy import Organizer
from dataagents.core.messaging import Interceptor, Router, Transport
from dataagents.core.meta_analysis import Analyst
from dataagents.core.models import ModelProvider
from dataagents.core.planning import Domain, Planner
from dataagents.core.reasoning import Reasoner, Tool
from dataagents.core.reflection import Reflector
from dataagents.core.registry import Strategy
from dataagents.core.voting import VotingRule

PROJECT = "dataagents"
"""Name of the pluggy project, and of the entry point group that plugins are found in."""

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

# --- reasoning ---------------------------------------------------------------------------------


@hookspec
def register_reasoners() -> "Iterable[Strategy[Reasoner]] | None":
    """Provide strategies of reasoning.

    A reasoner is awaited for each task that an agent reasons about; `strategies.reasoner` chooses
    one. It acts only through the desk that it is handed.
    """


@hookspec
def register_tools() -> "Iterable[Strategy[Tool[Any]]] | None":
    """Provide actions that reasoners can take.

    All tools of all plugins are built when the kernel opens. A task names the tools that may be
    used for it; the kernel holds to that, and validates the input before a tool sees it.
    """


@hookspec
def register_models() -> "Iterable[Strategy[ModelProvider]] | None":
    """Provide language models.

    The strategy's name is the part before the colon of `model = "provider:name"`; its provider is
    built, and asked to open the model, only when it was chosen.
    """


@hookspec
def register_analysts() -> "Iterable[Strategy[Analyst]] | None":
    """Provide ways to judge a reasoning by its history; `strategies.analyst` chooses one.

    An analyst is pure and synchronous: it is called after every step.
    """


@hookspec
def register_detectors() -> "Iterable[Strategy[Detector]] | None":
    """Provide kinds of evidence that a cell is wrong.

    All detectors of all plugins look at a table, unless `strategies.detectors` names some. One is
    called in the engine's thread, and says what it flags as queries; it abstains on all the rest.
    """


@hookspec
def register_correctors() -> "Iterable[Strategy[Corrector]] | None":
    """Provide ways to say what should be in the place of a cell that was found to be wrong.

    All correctors of all plugins are asked, unless `strategies.correctors` names some. One is
    called in the engine's thread after the vote on the cells, and proposes; it changes nothing.
    """


# --- messaging ---------------------------------------------------------------------------------


@hookspec
def register_transports() -> "Iterable[Strategy[Transport]] | None":
    """Provide ways for messages to get to agents; `strategies.transport` chooses one."""


@hookspec
def register_routers() -> "Iterable[Strategy[Router]] | None":
    """Provide ways to decide who gets a message; `strategies.router` chooses one.

    A router is pure and synchronous: it is called for every message that names neither an agent
    nor a topic.
    """


@hookspec
def register_interceptors() -> "Iterable[Strategy[Interceptor]] | None":
    """Provide those who stand between senders and the transport.

    `strategies.interceptors` chooses them, in the order in which a message meets them. Each is
    awaited for every message that is sent: it lets it proceed, changed or not, or refuses it.
    """


# --- voting and bidding ------------------------------------------------------------------------


@hookspec
def register_voting_rules() -> "Iterable[Strategy[VotingRule]] | None":
    """Provide ways to add ballots up; `strategies.voting_rule` chooses the default.

    A rule is pure and synchronous: it is called once an election has its ballots.
    """


@hookspec
def register_auctions() -> "Iterable[Strategy[Auction]] | None":
    """Provide ways to award a task; `strategies.auction` chooses one.

    An auction is a pure state machine: the kernel calls for bids and does the waiting.
    """


@hookspec
def register_allocators() -> "Iterable[Strategy[Allocator]] | None":
    """Provide ways to share many tasks out at once; `strategies.allocator` chooses one.

    An allocator is pure and synchronous: it is called in a thread once all agents have bid.
    """


# --- planning and reflection -------------------------------------------------------------------


@hookspec
def register_planners() -> "Iterable[Strategy[Planner]] | None":
    """Provide ways to find a plan; `strategies.planner` chooses one."""


@hookspec
def register_domains() -> "Iterable[Strategy[Domain]] | None":
    """Provide knowledge to plan with; `strategies.domain` chooses one."""


@hookspec
def register_reflectors() -> "Iterable[Strategy[Reflector]] | None":
    """Provide ways to learn from runs; `strategies.reflector` chooses one."""


# --- coordination and operation ----------------------------------------------------------------


@hookspec
def register_organizers() -> "Iterable[Strategy[Organizer]] | None":
    """Provide rules of delegation; `strategies.organizer` chooses one.

    An organizer is pure and synchronous: it says who does what in a plan, and who watches over it.
    The kernel does the delegating.
    """


@hookspec
def register_agents() -> "Iterable[Strategy[AgentFactory]] | None":
    """Provide kinds of agents.

    Each agent in the configuration names its kind; the factory makes one agent for its card.
    """


@hookspec
def register_observers() -> "Iterable[Strategy[Observer]] | None":
    """Provide those who want to see events.

    All observers of all plugins are built when the kernel opens, and get batches of events off
    the hot path; one that is too slow loses the oldest.
    """


@hookspec
def register_outputs() -> "Iterable[Strategy[Output]] | None":
    """Provide those who write something about a run that ended.

    All outputs of all plugins are asked when a run was given a folder for its results.
    """
