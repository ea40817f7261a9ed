"""Bundled transport and router."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.messaging import Router, Transport
from dataagents.plugins.messaging.in_process import InProcess
from dataagents.plugins.messaging.routing import Direct


@hookimpl
def register_transports() -> tuple[Strategy[Transport], ...]:
    """Provide the transport within this process."""
    return (
        Strategy(
            "in-process", lambda options: InProcess(), summary="by reference, in this process"
        ),
    )


@hookimpl
def register_routers() -> tuple[Strategy[Router], ...]:
    """Provide the router that goes by the recipient alone."""
    return (
        Strategy(
            "direct",
            lambda options: Direct(),
            summary="to the agent that is named, or to everyone but the sender",
        ),
    )
