"""What went wrong when a model was asked: whether to ask again, and what to do otherwise."""

import json
from typing import TYPE_CHECKING, cast

from dataagents.core.errors import ModelError
from dataagents.core.redaction import Redactor
from dataagents.plugins.models.hosts import Host

if TYPE_CHECKING:
    from pydantic_ai.exceptions import AgentRunError, UserError

_LONGEST = 300
"""Characters of a message; hosts like to send the request back in theirs."""
_PASSING = (408, 409, 425)
"""Statuses of a collision or a slow start, which asking again gets past."""


def model_error(
    model: str, host: Host, redactor: Redactor, error: "AgentRunError | UserError"
) -> ModelError:
    """Return the kernel's error for one of the library's.

    Args:
        model: The model's full name.
        host: Where it runs.
        redactor: Knows the key.
        error: What the library raised.
    """
    from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError

    what, retryable = _judged(host, error)
    if isinstance(error, ModelHTTPError):
        what = f"{what} (HTTP {error.status_code})"
        retryable = retryable and error.provider_retry_hint is not False
    detail = _detail(error)
    problem = f"{what}: {detail}" if detail else what
    return ModelError(
        model,
        _shortened(redactor.text(problem)),
        retryable=retryable,
        retry_after=error.retry_after if isinstance(error, ModelAPIError) else None,
    )


def _judged(host: Host, error: "AgentRunError | UserError") -> tuple[str, bool]:
    """Return what happened and what to do, and whether asking again may help."""
    from pydantic_ai import exceptions

    key = f"{host.key_option} or {' or '.join(host.key_variables)}"
    address = f" and {host.address_option}" if host.movable else ""
    no_completion = f"what came back is no completion, check the model's name{address}"
    # The library's classes overlap: the first one that fits is the most telling.
    judgements: tuple[tuple[type[Exception], str, bool], ...] = (
        (exceptions.ModelQuotaExceededError, "the account's quota or credit is used up", False),
        (exceptions.ModelRateLimitError, "too many requests", True),
        (exceptions.ModelUnavailableError, "it is overloaded or not available", True),
        (exceptions.ModelServerError, "the server failed", True),
        (exceptions.ModelConnectionError, f"the connection to {host.place} failed", True),
        (exceptions.ModelAuthenticationError, f"access was refused, check {key}", False),
        (exceptions.ModelNotFoundError, f"not found, check the model's name{address}", False),
        (exceptions.ModelContextWindowExceededError, "the prompt is too long for it", False),
        (exceptions.ModelRequestRejectedError, "it refused the request", False),
        (exceptions.ContentFilterError, "its content filter let no answer through", False),
        (exceptions.UnexpectedModelBehavior, no_completion, False),
        (exceptions.UserError, "it can't be asked like this", False),
    )
    for kind, what, retryable in judgements:
        if isinstance(error, kind):
            return what, retryable
    if isinstance(error, exceptions.ModelHTTPError):
        return "the request failed", error.status_code in _PASSING
    if isinstance(error.__cause__, ValueError):
        return "the answer was broken JSON", True
    return no_completion, False


def _detail(error: "AgentRunError | UserError") -> str:
    """Return what the host said itself, without the body around it."""
    from pydantic_ai.exceptions import ModelHTTPError, UnexpectedModelBehavior

    if isinstance(error, ModelHTTPError):
        return _said(error.body)
    if isinstance(error, UnexpectedModelBehavior):
        return error.message.partition("\n")[0]
    return str(error)


def _said(body: object) -> str:
    """Find the message in an error's body: `message`, `error.message`, `error` or `detail`."""
    if isinstance(body, str):
        parsed = _parsed(body)
        return body if parsed is None else _said(parsed)
    if not isinstance(body, dict):
        return ""
    fields = cast("dict[str, object]", body)
    told = (_said(fields.get(name)) for name in ("message", "error", "detail"))
    return next((each for each in told if each), "")


def _parsed(text: str) -> object:
    """Return the JSON that some clients leave as text; None for other text."""
    try:
        return json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None


def _shortened(text: str) -> str:
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
