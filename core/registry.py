"""The registry: which strategies there are, who provides them, and how one is built."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, Generic, TypeVar

from dataagents.core.agents import AgentFactory
from dataagents.core.allocation import Allocator
from dataagents.core.bidding import Auction
from dataagents.core.boundary import Boundary
from dataagents.core.config import parse_settings
from dataagents.core.detection import Corrector, Detector
from dataagents.core.errors import DuplicateNameError, UnknownStrategyError
from dataagents.core.events import Observer
from dataagents.core.goals import Output
from dataagents.core.hierarchy import Organizer
from dataagents.core.messaging import Interceptor, Router, Transport
from dataagents.core.meta_analysis import Analyst
from dataagents.core.models import ModelProvider
from dataagents.core.planning import Domain, Planner
from dataagents.core.reasoning import Reasoner, Tool
from dataagents.core.reflection import Reflector
from dataagents.core.settings import Settings
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
    MODELS = "models"
    ANALYSTS = "analysts"
    DETECTORS = "detectors"
    CORRECTORS = "correctors"
    TRANSPORTS = "transports"
    ROUTERS = "routers"
    INTERCEPTORS = "interceptors"
    VOTING_RULES = "voting_rules"
    AUCTIONS = "auctions"
    ALLOCATORS = "allocators"
    PLANNERS = "planners"
    DOMAINS = "domains"
    REFLECTORS = "reflectors"
    ORGANIZERS = "organizers"
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
    options: StrategyOptions = field(default_factory=StrategyOptions)
    """As they were checked, defaults included."""


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
        return Built(provided.plugin, name, value, checked)


@dataclass(frozen=True, slots=True)
class Registry:
    """All strategies of one kernel, a typed catalog for each concern."""

    reasoners: Catalog[Reasoner] = field(default_factory=partial(Catalog, Concern.REASONERS))
    tools: Catalog[Tool[Any]] = field(default_factory=partial(Catalog, Concern.TOOLS))
    models: Catalog[ModelProvider] = field(default_factory=partial(Catalog, Concern.MODELS))
    analysts: Catalog[Analyst] = field(default_factory=partial(Catalog, Concern.ANALYSTS))
    detectors: Catalog[Detector] = field(default_factory=partial(Catalog, Concern.DETECTORS))
    correctors: Catalog[Corrector] = field(default_factory=partial(Catalog, Concern.CORRECTORS))
    transports: Catalog[Transport] = field(default_factory=partial(Catalog, Concern.TRANSPORTS))
    routers: Catalog[Router] = field(default_factory=partial(Catalog, Concern.ROUTERS))
    interceptors: Catalog[Interceptor] = field(
        default_factory=partial(Catalog, Concern.INTERCEPTORS)
    )
    voting_rules: Catalog[VotingRule] = field(
        default_factory=partial(Catalog, Concern.VOTING_RULES)
    )
    auctions: Catalog[Auction] = field(default_factory=partial(Catalog, Concern.AUCTIONS))
    allocators: Catalog[Allocator] = field(default_factory=partial(Catalog, Concern.ALLOCATORS))
    planners: Catalog[Planner] = field(default_factory=partial(Catalog, Concern.PLANNERS))
    domains: Catalog[Domain] = field(default_factory=partial(Catalog, Concern.DOMAINS))
    reflectors: Catalog[Reflector] = field(default_factory=partial(Catalog, Concern.REFLECTORS))
    organizers: Catalog[Organizer] = field(default_factory=partial(Catalog, Concern.ORGANIZERS))
    agents: Catalog[AgentFactory] = field(default_factory=partial(Catalog, Concern.AGENTS))
    observers: Catalog[Observer] = field(default_factory=partial(Catalog, Concern.OBSERVERS))
    outputs: Catalog[Output] = field(default_factory=partial(Catalog, Concern.OUTPUTS))

    @property
    def catalogs(self) -> Mapping[Concern, Catalog[Any]]:
        """The catalogs, by concern."""
        return {concern: getattr(self, concern.value) for concern in Concern}
