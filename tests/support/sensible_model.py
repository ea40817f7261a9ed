"""A model that takes one allowed action after the other, as far as it can read its prompt."""

import json
import re

from dataagents.core import Strategy, hookimpl
from dataagents.core.models import Completion, Prompt


def data(content: str, name: str):
    """Return what a block of a prompt holds; None when there is no such block."""
    found = re.search(rf'<data name="{name}">\n(.*)\n</data>', content)
    return json.loads(found[1]) if found else None


def sensible(content: str) -> str:
    """Return what a sensible model says to a prompt: a thought, or a decision."""
    taken = [step["action"] for step in data(content, "history") or []]
    if "Think before you act" in content:
        return f"{len(taken)} steps were taken: see what the next one shows."
    allowed = re.findall(r"^- (\w+):", content.partition("Allowed are")[2], re.MULTILINE)
    action = next(name for name in allowed if name not in taken)
    inputs = {
        "final_result": {"answer": f"done after {len(taken)} steps"},
        "query_data": {"sql": "SELECT count(*) AS n FROM data"},
    }
    return json.dumps({"action": action, "input": inputs.get(action, {})})


class ReadingModel:
    """Says what a function makes of each prompt; `reading:any` by name in a kernel."""

    def __init__(self, say=sensible) -> None:
        self._say = say
        self.prompts: list[Prompt] = []

    async def complete(self, prompt: Prompt) -> Completion:
        self.prompts.append(prompt)
        return Completion(self._say(prompt.content), tokens=len(prompt.content) // 4, cost=0.001)

    async def decide(self, prompt: Prompt, into: type) -> Completion:
        return await self.complete(prompt)

    async def close(self) -> None:
        pass

    def open(self, name: str) -> "ReadingModel":
        return self

    @hookimpl
    def register_models(self):
        return [Strategy("reading", lambda options: self)]
