"""External tools: how one says what is to become of a call that may have happened."""

from collections.abc import Awaitable
from typing import Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from dataagents.core.durability.steps import AfterCrash
from dataagents.core.reasoning import Bench, Observation

RequestT = TypeVar("RequestT", bound=BaseModel, contravariant=True)


@runtime_checkable
class Verifiable(Protocol[RequestT]):
    """A tool with an external effect that can find out whether a call of it happened."""

    def verify(self, request: RequestT, bench: Bench) -> Awaitable[Observation | None]:
        """Return what a call gave under the key of the bench; None when it did not happen."""
        ...


def after_crash(tool: object) -> AfterCrash:
    """Return the policy of a tool: its attribute `after_crash`; to ask when it says nothing."""
    policy = getattr(tool, "after_crash", AfterCrash.ASK)
    return policy if isinstance(policy, AfterCrash) else AfterCrash.ASK


def key_of(bench: Bench) -> str:
    """Return the key of the call that a tool runs for: the same when it is tried again.

    Whoever is called outside can be given it, so that a call that comes twice counts once. Empty
    for a call that is not on record: one without an external effect, or outside of a plan.
    """
    key: object = getattr(bench, "key", "")
    return key if isinstance(key, str) else ""
