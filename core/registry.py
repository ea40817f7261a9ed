"""The registry: which strategies there are, who provides them, and how one is built."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from dataagents.core.agents import AgentFactory
from dataagents.core.bidding import Auction
from dataagents.core.boundary import Boundary
from dataagents.core.config import Settings, parse_settings
from dataagents.core.errors import DuplicateNameError, UnknownStrategyError
from dataagents.core.events import Observer
from dataagents.core.goals import Output
from dataagents.core.messaging import Router, Transport
from dataagents.core.planning import Domain, Planner
from dataagents.core.reasoning import Reasoner, Tool
from dataagents.core.reflection import Reflector
from dataagents.core.voting import VotingRule

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class StrategyOptions(Settings):
    """Base of a strategy's options; on its own it stands for no options at all."""


@dataclass(frozen=True, slots=True)
class Strategy(Generic[T_co]):
    """What a `register_…` hook returns: a named way to do something, not built yet."""

    name: str
    build: Callable[[Any], T_co]
    """Called with an instance of `options`, once per kernel; may raise."""
    options: type[StrategyOptions] = StrategyOptions
    summary: str = ""
    """One line for people who choose."""


class Concern(StrEnum):
    """What strategies are for; the hook that provides one is called `register_` and this."""

    REASONERS = "reasoners"
    TOOLS = "tools"
    TRANSPORTS = "transports"
    ROUTERS = "routers"
    VOTING_RULES = "voting_rules"
    AUCTIONS = "auctions"
    PLANNERS = "planners"
    DOMAINS = "domains"
    REFLECTORS = "reflectors"
    AGENTS = "agents"
    OBSERVERS = "observers"
    OUTPUTS = "outputs"

    @property
    def hook(self) -> str:
        """Name of the hook."""
        return f"register_{self.value}"

    @property
    def noun(self) -> str:
        """One of them, in words."""
        return self.value.removesuffix("s").replace("_", " ")


@dataclass(frozen=True, slots=True)
class Provided(Generic[T_co]):
    """A strategy and the plugin that it came from."""

    plugin: str
    strategy: Strategy[T_co]


@dataclass(frozen=True, slots=True)
class Built(Generic[T]):
    """A strategy that was built, with the name of its plugin for the boundary."""

    plugin: str
    name: str
    value: T


@dataclass(slots=True)
class Catalog(Generic[T]):
    """The strategies for one concern, by name."""

    concern: Concern
    entries: dict[str, Provided[T]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the order they came in."""
        return iter(self.entries)

    def add(self, plugin: str, strategy: Strategy[T]) -> None:
        """Take a strategy in.

        Raises:
            DuplicateNameError: Another plugin has the name; both are named.
        """
        taken = self.entries.get(strategy.name)
        if taken is not None:
            what = f"{self.concern.noun} {strategy.name!r}"
            raise DuplicateNameError(plugin, taken.plugin, what)
        self.entries[strategy.name] = Provided(plugin, strategy)

    def find(self, name: str) -> Provided[T]:
        """Return a strategy by name.

        Raises:
            UnknownStrategyError: Nobody provides it; names the nearest one.
        """
        try:
            return self.entries[name]
        except KeyError:
            raise UnknownStrategyError(self.concern.noun, name, self.entries) from None

    def build(self, name: str, options: Mapping[str, Any], boundary: Boundary) -> Built[T]:
        """Build a strategy.

        Args:
            name: Its name.
            options: Its options as they were configured.
            boundary: Contains what building it may do.

        Raises:
            UnknownStrategyError: Nobody provides it.
            ConfigError: An option is unknown or wrong.
            StrategyError: It could not be built from these options.
        """
        provided = self.find(name)
        checked = parse_settings(
            provided.strategy.options, options, source="configuration", prefix=f"options.{name}"
        )
        what = f"{self.concern.noun} {name}"
        build = provided.strategy.build
        value = boundary.call_now(provided.plugin, f"{what} build", lambda: build(checked))
        return Built(provided.plugin, name, value)


class Registry:
    """All strategies of one kernel, a typed catalog for each concern."""

    def __init__(self) -> None:
        self.catalogs: dict[Concern, Catalog[Any]] = {
            concern: Catalog(concern) for concern in Concern
        }

    @property
    def reasoners(self) -> Catalog[Reasoner]:
        """Strategies of reasoning."""
        return self.catalogs[Concern.REASONERS]

    @property
    def tools(self) -> Catalog[Tool[Any]]:
        """Actions that reasoners can take."""
        return self.catalogs[Concern.TOOLS]

    @property
    def transports(self) -> Catalog[Transport]:
        """Ways for messages to get to agents."""
        return self.catalogs[Concern.TRANSPORTS]

    @property
    def routers(self) -> Catalog[Router]:
        """Ways to decide who gets a message."""
        return self.catalogs[Concern.ROUTERS]

    @property
    def voting_rules(self) -> Catalog[VotingRule]:
        """Ways to add ballots up."""
        return self.catalogs[Concern.VOTING_RULES]

    @property
    def auctions(self) -> Catalog[Auction]:
        """Ways to award a task."""
        return self.catalogs[Concern.AUCTIONS]

    @property
    def planners(self) -> Catalog[Planner]:
        """Ways to find a plan."""
        return self.catalogs[Concern.PLANNERS]

    @property
    def domains(self) -> Catalog[Domain]:
        """Knowledge to plan with."""
        return self.catalogs[Concern.DOMAINS]

    @property
    def reflectors(self) -> Catalog[Reflector]:
        """Ways to learn from runs."""
        return self.catalogs[Concern.REFLECTORS]

    @property
    def agents(self) -> Catalog[AgentFactory]:
        """Kinds of agents."""
        return self.catalogs[Concern.AGENTS]

    @property
    def observers(self) -> Catalog[Observer]:
        """Those who see events."""
        return self.catalogs[Concern.OBSERVERS]

    @property
    def outputs(self) -> Catalog[Output]:
        """Those who write something about a run."""
        return self.catalogs[Concern.OUTPUTS]
