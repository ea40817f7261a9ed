"""Options of ReAct."""

from typing import Annotated, Literal

from pydantic import Field

from dataagents.core.registry import StrategyOptions


class ReactOptions(StrategyOptions):
    """How a reasoning goes."""

    prompts: str = "v1"
    """Version of the bundled prompts, or a folder with prompts that replace some of them."""
    repairs: Annotated[int, Field(ge=0, le=10)] = 2
    """How often a model is shown what was wrong with its decision, before the rules take over."""
    on_circle: Literal["tell", "force", "stop"] = "tell"
    """What to do when the reasoning goes round: tell the model, bar the actions of the circle from
    the next step, or stop with the best answer so far."""
    history_steps: Annotated[int, Field(ge=1, le=50)] = 6
    """How many of the latest steps a prompt has in full."""
    prompt_characters: Annotated[int, Field(ge=500)] = 6_000
    """How long a block of data in a prompt may get; the rest is cut off, and that is said."""
