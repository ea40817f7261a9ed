"""A model of pydantic-ai's as the kernel asks it: once, without retries or limits of its own."""

import re
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel

from dataagents.core.errors import ModelError
from dataagents.core.models import Completion, Prompt
from dataagents.core.redaction import Redactor
from dataagents.plugins.models.failures import model_error
from dataagents.plugins.models.hosts import Host

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model, ModelRequestParameters
    from pydantic_ai.settings import ModelSettings

_DECISION = "decision"
"""Name of the tool, or of the schema, that a decision is asked for with."""
_FENCED = re.compile(r"```(?:json)?[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL | re.IGNORECASE)


class HostedModel:
    """Asks one model over HTTP, by a client of its own.

    Args:
        name: Its full name, `host:name`.
        model: What pydantic-ai has for it; its client is closed with this model.
        host: Where it runs, for messages that say what to do.
        output: How a decision is asked for.
        settings: How an answer is asked for, in the library's words.
        secret: The key, which no message may show.
    """

    def __init__(
        self,
        name: str,
        model: "Model",
        host: Host,
        *,
        output: Literal["tool", "native", "prompted"],
        settings: "ModelSettings",
        secret: str,
    ) -> None:
        self._name = name
        self._model = model
        self._host = host
        self._output: Literal["tool", "native", "prompted"] = output
        self._settings = settings
        self._redactor = Redactor((secret,))

    async def complete(self, prompt: Prompt) -> Completion:
        """Return the model's text.

        Raises:
            ModelError: There is none; says whether asking again may help.
        """
        from pydantic_ai.models import ModelRequestParameters

        response = await self._ask(prompt, ModelRequestParameters())
        text = response.text or ""
        self._check_said(text, response)
        return self._completion(text, response)

    async def decide(self, prompt: Prompt, into: type[BaseModel]) -> Completion:
        """Return the model's decision as it wrote it, in JSON; nobody has validated it.

        Raises:
            ModelError: There is none, or it was cut off; says whether asking again may help.
        """
        response = await self._ask(prompt, self._wanted(into))
        text = _decided(response)
        if response.finish_reason == "length":
            raise self._cut_off()
        self._check_said(text, response)
        return self._completion(text, response)

    async def close(self) -> None:
        """Close the connections."""
        # A provider closes the client that it made when its context is left; there is no other way.
        async with self._model:
            pass

    async def _ask(self, prompt: Prompt, parameters: "ModelRequestParameters") -> "ModelResponse":
        from pydantic_ai.direct import model_request
        from pydantic_ai.exceptions import AgentRunError, UserError
        from pydantic_ai.messages import ModelRequest, UserPromptPart

        request = ModelRequest([UserPromptPart(prompt.content)], instructions=prompt.instructions)
        try:
            return await model_request(
                self._model,
                [request],
                model_settings=self._settings,
                model_request_parameters=parameters,
                instrument=False,
            )
        except (AgentRunError, UserError) as error:
            raise model_error(self._name, self._host, self._redactor, error) from error

    def _wanted(self, into: type[BaseModel]) -> "ModelRequestParameters":
        from pydantic_ai.models import ModelRequestParameters
        from pydantic_ai.output import OutputObjectDefinition
        from pydantic_ai.tools import ToolDefinition

        schema = into.model_json_schema()
        description = str(schema.pop("description", "") or "What you decide.")
        if self._output == "tool":
            tool = ToolDefinition(
                name=_DECISION,
                parameters_json_schema=schema,
                description=description,
                kind="output",
            )
            return ModelRequestParameters(
                output_mode="tool", output_tools=[tool], allow_text_output=False
            )
        wanted = OutputObjectDefinition(schema, _DECISION, description)
        return ModelRequestParameters(output_mode=self._output, output_object=wanted)

    def _check_said(self, text: str, response: "ModelResponse") -> None:
        if text.strip():
            return
        if response.finish_reason == "length":
            raise self._cut_off()
        if response.finish_reason == "content_filter":
            raise ModelError(self._name, "its content filter let no answer through")
        raise ModelError(self._name, "it said nothing", retryable=True)

    def _cut_off(self) -> ModelError:
        option = f"options.{self._host.name}.max_tokens"
        return ModelError(self._name, f"its answer was cut off: raise {option}")

    def _completion(self, text: str, response: "ModelResponse") -> Completion:
        usage = response.usage
        tokens = usage.input_tokens + usage.output_tokens
        return Completion(text, tokens, _cost(response))


def _cost(response: "ModelResponse") -> float:
    """Return the price by the list that came with the library; nothing is looked up elsewhere."""
    if not response.model_name:
        return 0.0
    try:
        return float(response.cost().total_price)
    except (LookupError, ValueError):
        return 0.0


def _decided(response: "ModelResponse") -> str:
    """Return the arguments of the call that was asked for; the text, where it only talked."""
    call = next(iter(response.tool_calls), None)
    if call is None:
        return _unfenced(response.text or "")
    return call.args if isinstance(call.args, str) else call.args_as_json_str()


def _unfenced(text: str) -> str:
    """Return the JSON in a text: models that answer in words like to fence it in."""
    if text.lstrip().startswith("{"):
        return text
    fenced = _FENCED.search(text)
    return fenced.group(1) if fenced else text
