"""Messaging: what agents say to each other, and what becomes of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dataagents.core.cards import AgentCard
from dataagents.core.values import JsonObject

EVERYONE = "*"
"""Recipient that stands for all registered agents but the sender."""


class MessageType(StrEnum):
    """What a message is about; the type decides which behaviour of an agent answers it."""

    DATA_REQUEST = "data_request"
    DATA_RESPONSE = "data_response"
    SCHEMA_PROPOSAL = "schema_proposal"
    VALIDATION_VOTE = "validation_vote"
    CONSENSUS_RESULT = "consensus_result"
    PIPELINE_STATUS = "pipeline_status"
    CALL_FOR_PROPOSALS = "call_for_proposals"
    CALL_FOR_VOTES = "call_for_votes"
    CALL_FOR_BIDS = "call_for_bids"
    BID = "bid"
    PLAN_REQUEST = "plan_request"
    PLAN_RESPONSE = "plan_response"
    TASK_REQUEST = "task_request"
    TASK_RESULT = "task_result"
    AGGREGATE_REQUEST = "aggregate_request"
    AGGREGATE_RESPONSE = "aggregate_response"
    HEALTH_CHECK = "health_check"
    HEALTH_REPORT = "health_report"


class Lane(StrEnum):
    """An agent handles one message at a time in each lane.

    So an agent in the middle of a task still votes and bids, and one that ponders its vote still
    shows that it is alive.
    """

    WORK = "work"
    """What may keep an agent busy for long."""
    DECISION = "decision"
    HEALTH = "health"


def lane_of(type: MessageType) -> Lane:
    """Return the lane that messages of a type are handled in."""
    match type:
        case MessageType.HEALTH_CHECK:
            return Lane.HEALTH
        case (
            MessageType.DATA_REQUEST
            | MessageType.PLAN_REQUEST
            | MessageType.TASK_REQUEST
            | MessageType.AGGREGATE_REQUEST
        ):
            return Lane.WORK
        case _:
            return Lane.DECISION


REPLIES: Mapping[MessageType, MessageType] = {
    MessageType.CALL_FOR_PROPOSALS: MessageType.SCHEMA_PROPOSAL,
    MessageType.CALL_FOR_VOTES: MessageType.VALIDATION_VOTE,
    MessageType.CALL_FOR_BIDS: MessageType.BID,
    MessageType.PLAN_REQUEST: MessageType.PLAN_RESPONSE,
    MessageType.TASK_REQUEST: MessageType.TASK_RESULT,
    MessageType.AGGREGATE_REQUEST: MessageType.AGGREGATE_RESPONSE,
    MessageType.HEALTH_CHECK: MessageType.HEALTH_REPORT,
}
"""Type of a message → type of its reply; `data_response` for every other."""

_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list, tuple),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message; never changed after it was sent."""

    id: str
    sender: str
    """Agent id, or the name of a kernel service."""
    recipient: str
    """Agent id, or `EVERYONE`."""
    at: datetime
    type: MessageType = MessageType.DATA_REQUEST
    payload: JsonObject = field(default_factory=dict)
    schema_info: Mapping[str, str] = field(default_factory=dict)
    """Names of the fields a payload must have, each with its JSON type (`string`, `number` …)."""
    requires_validation: bool = True
    """Refuse the message when its payload doesn't fit its schema info."""
    conversation: str | None = None
    reply_to: str | None = None
    """Id of the message that this one answers."""
    priority: int = 1
    """Greater goes first within a lane."""
    deadline: datetime | None = None
    hops: int = 0
    """How many messages lie between this one and the one that began the exchange."""
    run: str | None = None
    task: str | None = None
    waiting: tuple[str, ...] = ()
    """Who waits for an answer to this, as `agent/lane`: what goes there would wait for itself."""


def misfit(message: Message) -> str:
    """Return why a payload does not fit its schema info; empty when it does."""
    for name, wanted in message.schema_info.items():
        if name not in message.payload:
            return f"payload lacks {name!r}"
        types = _JSON_TYPES.get(wanted)
        if types is None:
            return f"schema info of {name!r}: unknown type {wanted!r}"
        value = message.payload[name]
        if not isinstance(value, types) or (isinstance(value, bool) and wanted != "boolean"):
            return f"payload {name!r} is {type(value).__name__}, not {wanted}"
    return ""


class ReceiptStatus(StrEnum):
    """What became of a message."""

    DELIVERED = "delivered"
    """The recipient's handler returned."""
    QUEUED = "queued"
    """It is in the mailbox; the handler has not had it yet."""
    UNKNOWN_RECIPIENT = "unknown_recipient"
    MAILBOX_FULL = "mailbox_full"
    EXPIRED = "expired"
    REFUSED = "refused"
    AGENT_FAILED = "agent_failed"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to sending: an outcome, never an exception."""

    message: str
    recipient: str
    status: ReceiptStatus
    at: datetime
    reason: str = ""
    seconds: float = 0.0
    """Time from sending to this outcome."""

    @property
    def ok(self) -> bool:
        """Whether the message arrived, at least in the mailbox."""
        return self.status in (ReceiptStatus.DELIVERED, ReceiptStatus.QUEUED)


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be delivered, kept with the reason."""

    message: Message
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread of messages about one thing, as far as it is remembered in memory."""

    id: str
    participants: tuple[str, ...]
    messages: tuple[str, ...]
    """Ids, oldest first."""
    started: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Lineage:
    """Where a data set came from and what touched it."""

    dataset: str
    sources: tuple[str, ...]
    operation: str
    """What was done: the tool's name."""
    at: datetime
    run: str | None = None
    task: str | None = None
    agent: str | None = None
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Column of the data set → columns it was made of."""


Receive = Callable[[Message], Awaitable[Receipt]]
"""How a transport hands a message over at its far end."""


class Transport(Protocol):
    """How messages get to agents: by reference in this process, or by bytes to another one.

    A transport doesn't know conversations, lineage or retries; those are the hub's.
    """

    async def open(self, receive: Receive) -> None:
        """Start; hand each arriving message to `receive`."""
        ...

    async def deliver(self, message: Message) -> Receipt:
        """Bring one message to one agent and return what became of it."""
        ...

    async def close(self) -> None:
        """Stop; nothing is received after this returns."""
        ...


class Router(Protocol):
    """Decides who gets a message. Pure: the same roster and message give the same answer."""

    def route(self, message: Message, roster: Mapping[str, AgentCard]) -> tuple[str, ...]:
        """Return the agent ids that the message goes to; none when nobody fits."""
        ...
