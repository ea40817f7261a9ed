"""Messaging: what agents say to each other, and what becomes of it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dataagents.core.cards import AgentCard
from dataagents.core.records import quick
from dataagents.core.values import JsonObject

EVERYONE = "*"
"""Recipient that stands for all registered agents but the sender."""
ANYONE = "?"
"""Recipient that leaves it to the router who fits best."""
TOPIC = "topic:"
"""What a recipient begins with that is a topic: `topic:orders.cleaned`."""
ROLE = "role:"
CAPABILITY = "capability:"
"""What recipients begin with that mean a group, of which the router chooses one or all."""


def everyone_of(recipients: Iterable[str]) -> str:
    """Return the recipient that stands for a list of agents: their names with commas between."""
    return ",".join(recipients)


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
    WELCOME = "welcome"
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
    return _LANES.get(type._value_, Lane.DECISION)


_LANES: Mapping[str, Lane] = {
    MessageType.HEALTH_CHECK.value: Lane.HEALTH,
    MessageType.DATA_REQUEST.value: Lane.WORK,
    MessageType.PLAN_REQUEST.value: Lane.WORK,
    MessageType.TASK_REQUEST.value: Lane.WORK,
    MessageType.AGGREGATE_REQUEST.value: Lane.WORK,
}
"""By the plain text: that of an enumeration takes longer to look up."""

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


class Assurance(StrEnum):
    """How far a message has to get before its sender is answered."""

    QUEUED = "queued"
    """Into the mailbox; what becomes of it there is on record."""
    HANDLED = "handled"
    """Its handler returned; tried once."""
    GUARANTEED = "guaranteed"
    """Its handler returned; tried again until the deadline, then a dead letter."""


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
    """Column of the data set → columns it was made of, as `source.column`, or as `column` for one
    of each source."""


@quick
@dataclass(frozen=True, slots=True)
class Message:
    """One message; never changed after it was sent."""

    id: str
    sender: str
    """Agent id, or the name of a kernel service."""
    recipient: str
    """Agent id, a list of them with commas between, `topic:NAME`, `EVERYONE`, or whatever the
    router understands."""
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
    assurance: Assurance = Assurance.HANDLED
    lineage: tuple[Lineage, ...] = ()
    """Where the data sets that it carries come from; recorded before it is delivered."""
    path: tuple[str, ...] = ()
    """Agents that the exchange went through, the latest last; the older ones are left out."""


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
    CONFLICT = "conflict"
    """Another message has its id."""
    AGENT_FAILED = "agent_failed"


@quick
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


class ConversationState(StrEnum):
    """Whether something is still to come in a conversation."""

    ACTIVE = "active"
    """At least one message is on its way or being handled."""
    SETTLED = "settled"


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread of messages about one thing, as far as it is remembered in memory."""

    id: str
    participants: tuple[str, ...]
    messages: tuple[str, ...]
    """Ids, oldest first."""
    started: datetime
    latest: datetime
    state: ConversationState = ConversationState.SETTLED
    undelivered: int = 0
    """How many of its messages did not arrive."""


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


@dataclass(frozen=True, slots=True)
class Traffic:
    """What a router may know of the agents besides their cards."""

    waiting: Mapping[str, int] = field(default_factory=dict)
    """Agent → messages in its mailbox; an agent without any may be missing."""
    routed: Mapping[str, int] = field(default_factory=dict)
    """Agent → messages that the router has sent it so far; likewise."""


class Router(Protocol):
    """Decides who gets a message that names no agent.

    Pure: the same message, roster and traffic give the same answer.
    """

    def route(
        self, message: Message, roster: Mapping[str, AgentCard], traffic: Traffic
    ) -> tuple[str, ...]:
        """Return the agent ids that the message goes to; none when nobody fits."""
        ...


class Passage(Protocol):
    """The rest of the way of one message, as an interceptor sees it."""

    def now(self) -> datetime:
        """Return the kernel's time, in UTC."""
        ...

    async def proceed(self, message: Message) -> Receipt:
        """Let a message go on, changed or not, and return what became of it."""
        ...

    def refuse(self, reason: str) -> Receipt:
        """Return the receipt of a message that goes no further."""
        ...


class Interceptor(Protocol):
    """Stands between the senders and the transport: each message goes through it."""

    async def intercept(self, message: Message, passage: Passage) -> Receipt:
        """Let a message proceed, once, or refuse it; return what became of it."""
        ...

    def health(self) -> JsonObject:
        """Return what an operator should see of it, for example counts."""
        ...
