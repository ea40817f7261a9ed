"""Opens the models of pydantic-ai's providers; the library is imported when one is opened."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import Field

from dataagents.core.errors import ConfigError, MissingExtraError
from dataagents.core.registry import StrategyOptions
from dataagents.plugins.models.hosted import HostedModel
from dataagents.plugins.models.hosts import OPENAI_ADDRESS, Host

if TYPE_CHECKING:
    from pydantic_ai.models import Model
    from pydantic_ai.settings import ModelSettings

_NO_LIMIT = 86_400.0
"""Seconds: puts the library's own limit out of the way of the kernel's."""


class ModelOptions(StrategyOptions):
    """How the models of one host are reached and asked."""

    base_url: Annotated[str, Field(pattern=r"^https?://[^\s/]")] | None = None
    """Address of the API; the usual environment variable, or the host's own address, when None."""
    api_key: str | None = Field(default=None, repr=False)
    """The key; the usual environment variable when None."""
    output: Literal["tool", "native", "prompted"] = "tool"
    """How a decision is asked for: as a tool call, by the host's own JSON schema, or in words."""
    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.0
    """How freely it chooses its words; the model's own default when None. Models that refuse to be
    told are asked without."""
    max_tokens: Annotated[int, Field(ge=1)] = 4096
    """Tokens that one answer may take, its reasoning included."""


class HostedProvider:
    """Opens models of one host.

    Args:
        host: Where they run.
        options: How they are reached and asked.
    """

    def __init__(self, host: Host, options: ModelOptions) -> None:
        self._host = host
        self._options = options

    def open(self, name: str) -> HostedModel:
        """Return a model; nothing is asked yet, so a name that does not exist shows later.

        Raises:
            ConfigError: There is no key, the host can't be moved, its library is missing, or it
                can't have a model of that name.
            MissingExtraError: The extra `llm` is not installed.
        """
        host, options = self._host, self._options
        full_name = f"{host.name}:{name}"
        if find_spec("pydantic_ai") is None:
            raise MissingExtraError(f"model {full_name}", "llm")
        key = self._key(full_name)
        if options.base_url is not None and not host.movable:
            problem = f"{host.title} has one address; for another server, use openai with base_url"
            raise ConfigError(host.address_option, problem)
        kind, model = self._build(name, key)
        return HostedModel(
            full_name,
            model,
            replace(host, address=host.base_url(options.base_url)),
            output=options.output,
            settings=self._settings(kind, {**model.profile}),
            secret=key,
        )

    def _key(self, full_name: str) -> str:
        key = self._host.key(self._options.api_key)
        if key:
            return key
        moved = self._host.base_url(self._options.base_url) != self._host.address
        if self._host.keyless or (moved and self._host.address == OPENAI_ADDRESS):
            return ""
        variables = " or ".join(self._host.key_variables)
        problem = f"no key for {full_name}: set this option, or {variables} in the environment"
        raise ConfigError(self._host.key_option, problem)

    def _build(self, name: str, key: str) -> "tuple[str, Model]":
        from pydantic_ai.exceptions import UserError
        from pydantic_ai.models import infer_model
        from pydantic_ai.providers import infer_provider_class

        host = self._host
        kind = host.name
        base_url = host.base_url(self._options.base_url)
        if kind == "openai" and base_url != OPENAI_ADDRESS:
            # Servers that speak OpenAI's language have its chat API, seldom the newer one.
            kind = "openai-chat"
        arguments = {"api_key": key or "none"}
        if base_url is not None:
            arguments["base_url"] = base_url
        try:
            provider_class: Any = infer_provider_class(kind)
            provider = provider_class(**arguments)
            return kind, infer_model(f"{kind}:{name}", lambda _: provider)
        except ImportError as error:
            if host.library == "openai":
                raise MissingExtraError(f"model {host.name}:{name}", "llm") from error
            install = f"pip install 'pydantic-ai-slim[{host.library}]'"
            problem = f"{host.name}:{name} needs the library of {host.title}: {install}"
            raise ConfigError("model", problem) from error
        except UserError as error:
            raise ConfigError("model", f"{host.name}:{name}: {error}".rstrip(".")) from error

    def _settings(self, kind: str, profile: dict[str, object]) -> "ModelSettings":
        settings: dict[str, object] = {
            "max_tokens": self._options.max_tokens,
            "max_retries": 0,
            "timeout": _NO_LIMIT,
        }
        if self._options.temperature is not None and not _refuses_temperature(profile):
            settings["temperature"] = self._options.temperature
        if kind in ("openai", "openai-responses"):
            # The Responses API keeps what it is asked, unless it is told not to.
            settings["openai_store"] = False
        return cast("ModelSettings", settings)


def _refuses_temperature(profile: Mapping[str, object]) -> bool:
    """Return whether a model refuses a temperature: those of OpenAI do while they reason."""
    reasons = profile.get("openai_supports_reasoning", False)
    always = profile.get("thinking_enabled_by_default", False)
    return bool((reasons and always) or profile.get("anthropic_disallows_sampling_settings"))
