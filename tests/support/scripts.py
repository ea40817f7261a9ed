"""What a model writes, turn by turn."""

import json
from collections.abc import Sequence

from dataagents.core.testing import ScriptedModel


def choice(action: str, **input: object) -> str:
    """Return what a model writes to choose an action."""
    return json.dumps({"action": action, "input": input})


def turn(thought: str, action: str, **input: object) -> tuple[str, str]:
    """Return both replies of a step: the thought and the decision."""
    return thought, choice(action, **input)


def script(*turns: Sequence[object]) -> ScriptedModel:
    return ScriptedModel([reply for each in turns for reply in each])
