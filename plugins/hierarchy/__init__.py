"""Bundled rules of delegation, and a kind of agent that does nothing but lead."""

from dataagents.core import Agent, Strategy, hookimpl
from dataagents.core.agents import AgentFactory
from dataagents.core.hierarchy import Organizer
from dataagents.plugins.hierarchy.organizers import Divisional, Functional, OrganizerOptions


@hookimpl
def register_organizers() -> tuple[Strategy[Organizer], ...]:
    """Provide the two classic ways to divide work: by what it is about, and by what it takes."""
    return (
        Strategy(
            "divisional",
            Divisional,
            OrganizerOptions,
            "what belongs together, such as the tasks of one data set, has one leader",
        ),
        Strategy(
            "functional",
            Functional,
            OrganizerOptions,
            "what needs the same capabilities has one leader",
        ),
    )


@hookimpl
def register_agents() -> tuple[Strategy[AgentFactory], ...]:
    """Provide a leader: give it the capability `lead`, and it gets groups in place of tasks."""
    return (Strategy("leader", lambda options: Agent, summary="leads a group of tasks"),)
