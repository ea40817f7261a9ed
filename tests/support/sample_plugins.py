"""Plugins that tests load beside the bundled ones."""

import asyncio
from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from dataagents.core import Event, Goal, KernelConfig, Observation, Strategy, hookimpl
from dataagents.core.errors import InputError
from dataagents.core.reasoning import Bench, Effect, ToolLimits
from dataagents.core.values import Json

COLUMNS: dict[str, Json] = {
    "id": {"type": "integer", "present": 100, "conforming": 100, "distinct": 100},
    "zip": {"type": "integer", "present": 100, "conforming": 98, "distinct": 40},
}


GOAL = Goal("clean", {"orders": "orders.csv"})
CONFIG = KernelConfig(seed=1, disabled_plugins=("data",), monitoring=False)
"""For runs with `FakeDataTools` in place of the bundled tools."""


class DatasetRequest(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset: str
    lenient: bool = False


class FakeTool:
    """A data tool that observes what it is made to."""

    description = "observes what a test wants"
    effect = Effect.READ
    limits = ToolLimits()
    input_model = DatasetRequest

    def __init__(self, name: str, observe: Callable[[DatasetRequest], Observation]) -> None:
        self.name = name
        self.observe = observe
        self.requests: list[DatasetRequest] = []

    async def run(self, request: DatasetRequest, bench: Bench) -> Observation:
        self.requests.append(request)
        return self.observe(request)


class FakeDataTools:
    """The four data tools without an engine."""

    def __init__(self) -> None:
        schema: dict[str, Json] = {"rows": 100, "key": ["id"], "columns": COLUMNS, "lenient": False}
        quality: dict[str, Json] = {
            "score": 0.97,
            "dimensions": {"completeness": 1.0, "validity": 0.99, "uniqueness": 0.92},
            "violating_rows": 2,
            "gaps": [{"rule": "trim", "column": "zip", "cells": 7}],
        }
        self.tools = {
            "analyze_schema": FakeTool(
                "analyze_schema",
                lambda request: Observation("2 columns", {**schema, "lenient": request.lenient}),
            ),
            "validate_data": FakeTool(
                "validate_data", lambda request: Observation("score 0.97", quality, 0.97)
            ),
            "transform_data": FakeTool(
                "transform_data", lambda request: Observation("7 cells", {"cells_changed": 7})
            ),
            "route_pipeline": FakeTool(
                "route_pipeline",
                lambda request: Observation("98 clean", {"clean": 98, "quarantine": 2}),
            ),
        }

    def fail(self, tool: str, *errors: BaseException | str) -> None:
        """Make a tool fail with these errors, one call after the other, then work again."""
        works, left = self.tools[tool].observe, list(errors)

        def observe(request: DatasetRequest) -> Observation:
            if not left:
                return works(request)
            error = left.pop(0)
            if isinstance(error, BaseException):
                raise error
            return Observation("failed", error=error)

        self.tools[tool].observe = observe

    def reject_input(self, tool: str) -> None:
        """Make a tool find that the input can't be used."""
        self.fail(tool, *[InputError("orders.csv", "is empty", hint="Give another.")] * 9)

    @hookimpl
    def register_tools(self) -> list[Strategy[object]]:
        return [
            Strategy(name, lambda options, tool=tool: tool) for name, tool in self.tools.items()
        ]


class Watching:
    """An observer that keeps events, and can be waited for."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._waiting: list[tuple[str, asyncio.Event]] = []

    async def observe(self, events: Sequence[Event]) -> None:
        self.events += events
        for kind, seen in self._waiting:
            if any(event.kind == kind for event in events):
                seen.set()

    async def saw(self, kind: str) -> None:
        seen = asyncio.Event()
        self._waiting.append((kind, seen))
        if any(event.kind == kind for event in self.events):
            return
        await seen.wait()

    @hookimpl
    def register_observers(self) -> list[Strategy[object]]:
        return [Strategy("watching", lambda options: self)]
