"""Bundled transports, routers and interceptors."""

from dataagents.core import Strategy, hookimpl
from dataagents.core.messaging import Interceptor, Router, Transport
from dataagents.plugins.messaging.breaker import Breaker, BreakerOptions
from dataagents.plugins.messaging.in_process import InProcess
from dataagents.plugins.messaging.loopback import Loopback
from dataagents.plugins.messaging.routing import (
    ByContent,
    ContentOptions,
    Direct,
    OneOf,
    least_loaded,
    most_capable,
    next_in_turn,
)


@hookimpl
def register_transports() -> tuple[Strategy[Transport], ...]:
    """Provide the transports within this process."""
    return (
        Strategy(
            "in-process", lambda options: InProcess(), summary="by reference, in this process"
        ),
        Strategy("loopback", lambda options: Loopback(), summary="to bytes and back again"),
    )


@hookimpl
def register_routers() -> tuple[Strategy[Router], ...]:
    """Provide the routers."""
    return (
        Strategy("direct", lambda options: Direct(), summary="to all whom the recipient means"),
        Strategy("round-robin", lambda options: OneOf(next_in_turn), summary="to one, by turns"),
        Strategy(
            "least-loaded", lambda options: OneOf(least_loaded), summary="to the least busy one"
        ),
        Strategy(
            "capability", lambda options: OneOf(most_capable), summary="to the one who can it best"
        ),
        Strategy("content", ByContent, ContentOptions, "to whom a rule names, by what it says"),
    )


@hookimpl
def register_interceptors() -> tuple[Strategy[Interceptor], ...]:
    """Provide the circuit breaker."""
    return (
        Strategy(
            "circuit-breaker",
            Breaker,
            BreakerOptions,
            "leaves alone for a while what keeps failing",
        ),
    )
