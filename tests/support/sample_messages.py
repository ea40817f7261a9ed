"""Messages for tests of the hub."""

from dataclasses import replace

from dataagents.core import Kernel, Message, MessageType
from dataagents.core.messaging import Assurance
from dataagents.core.tracing import TraceContext
from dataagents.core.values import JsonObject


def message(
    kernel: Kernel, to: str, payload: JsonObject | None = None, **options: object
) -> Message:
    """Return a message from the application, or from `sender`."""
    composed = kernel.hub.compose(
        "application",
        to,
        options.pop("type", MessageType.DATA_REQUEST),  # type: ignore[arg-type]
        payload or {},
        context=TraceContext(),
        within=options.pop("within", None),  # type: ignore[arg-type]
        conversation=options.pop("conversation", None),  # type: ignore[arg-type]
        hops=options.pop("hops", 0),  # type: ignore[arg-type]
    )
    return replace(composed, **options)  # type: ignore[arg-type]


def guaranteed(kernel: Kernel, to: str, **options: object) -> Message:
    return message(kernel, to, assurance=Assurance.GUARANTEED, **options)
