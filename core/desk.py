"""The desk: the only door through which an agent acts on anything but itself."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from dataagents.core.hierarchy import Group
from dataagents.core.messaging import Message, MessageType, Receipt
from dataagents.core.planning import Goal, Plan, PlannedTask, State, TaskResult
from dataagents.core.reasoning import Answer
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject
from dataagents.core.voting import Election


class Desk(Protocol):
    """What an agent may do while it handles one message; everything it does here is traced."""

    @property
    def context(self) -> TraceContext:
        """Which run, task and agent this is."""
        ...

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        ...

    async def reason(self, task: PlannedTask) -> Answer:
        """Reason through a task with the tools that it allows."""
        ...

    async def vote(
        self,
        question: str,
        options: Sequence[str],
        *,
        context: JsonObject,
        about: str = "",
        voters: Sequence[str] | None = None,
    ) -> Election:
        """Put a question to the vote and wait for the result.

        Args:
            question: What is to be decided, in one sentence.
            options: What can be chosen.
            context: The evidence that voters judge by.
            about: What the decision is about, for example a data set.
            voters: Who may vote; every agent when None.
        """
        ...

    async def plan(self, goal: Goal, state: State) -> Plan:
        """Ask the configured planner for a plan."""
        ...

    async def send(
        self, recipient: str, payload: JsonObject, *, type: MessageType = MessageType.DATA_REQUEST
    ) -> Receipt:
        """Send a message and return what became of it."""
        ...

    async def ask(
        self, recipient: str, payload: JsonObject, *, type: MessageType = MessageType.DATA_REQUEST
    ) -> Message | Receipt:
        """Send a message and wait for the reply; a receipt says why there is none."""
        ...

    async def history(self, most: int = 100) -> Sequence[Message]:
        """Return the latest messages of the conversation that this one is part of, oldest first.

        With a store, those from before a restart are among them.
        """
        ...

    async def publish(
        self, topic: str, payload: JsonObject, *, type: MessageType = MessageType.PIPELINE_STATUS
    ) -> Sequence[Receipt]:
        """Tell all who subscribe to a topic; a receipt for each, one that says so if nobody."""
        ...

    def subscribe(self, pattern: str) -> None:
        """Hear what is published on the topics that fit a pattern, from now on.

        Raises:
            InputError: The pattern has an empty word, or words behind `>`.
        """
        ...

    async def delegate(
        self, task: PlannedTask, to: str, *, within: float | None = None
    ) -> TaskResult:
        """Hand a task to another agent and wait for the result; a failure is a result too.

        Args:
            task: What is to be done.
            to: Id of the agent. One that waits for this agent already can't be given anything:
                the failure names the circle.
            within: Seconds that it may take; until this agent has to be ready when None.
        """
        ...

    async def lead(self, group: Group) -> Sequence[TaskResult]:
        """Have the tasks of a group done by those to whom they are assigned.

        Each is handed out in this agent's name as soon as what it waits for is done, and handed on
        when its worker fails, as the policy of the hierarchy says.
        """
        ...
