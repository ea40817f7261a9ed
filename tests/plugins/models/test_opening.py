"""Which models can be opened, and what a kernel says about those that can't."""

import json
import subprocess
import sys
from contextlib import suppress

import pytest
from model_server import ModelServer, Status

from dataagents.core import Kernel, KernelConfig
from dataagents.core.errors import ConfigError, MissingExtraError, ModelError
from dataagents.core.models import Prompt
from dataagents.core.redaction import Redactor
from dataagents.plugins.models import register_models
from dataagents.plugins.models.hosts import HOSTS
from dataagents.plugins.models.providers import HostedProvider, ModelOptions

BY_NAME = {host.name: host for host in HOSTS}
OURS = [host.name for host in HOSTS if host.library == "openai"]


def provider(host: str, **options: object) -> HostedProvider:
    return HostedProvider(BY_NAME[host], ModelOptions.model_validate(options))


async def start(model: str, **options: object) -> None:
    host = model.partition(":")[0]
    config = {"agents": [], "model": model, "options": {host: options}}
    async with Kernel(KernelConfig.parse(config)):
        pass


def test_importing_the_plugin_does_not_import_the_library(tmp_path):
    program = (
        "import json, sys, dataagents.plugins.models as plugin; plugin.register_models();"
        "print(json.dumps(sorted({'pydantic_ai', 'openai', 'httpx2'} & set(sys.modules))))"
    )
    command = [sys.executable, "-P", "-c", program]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert json.loads(finished.stdout) == []


def test_every_host_is_one_of_the_librarys():
    from pydantic_ai.providers import infer_provider_class

    for host in HOSTS:
        if host.library == "openai":
            infer_provider_class(host.name)
            continue
        with suppress(ImportError):  # where its own client is not installed
            infer_provider_class(host.name)


def test_there_is_a_strategy_for_every_host_and_for_recordings():
    names = [strategy.name for strategy in register_models()]
    assert names == [*BY_NAME, "replay"]


@pytest.mark.parametrize("host", OURS)
async def test_a_model_opens_with_a_key_and_closes_unasked(host: str):
    model = provider(host, api_key="of no use").open("some/model:tag")
    await model.close()


@pytest.mark.parametrize("host", ["openai", "openrouter", "deepseek"])
async def test_a_missing_key_stops_the_start_and_says_where_to_put_it(host: str):
    variable = f"{host.upper()}_API_KEY"
    with pytest.raises(ConfigError, match=f"options.{host}.api_key: no key.*{variable}") as caught:
        await start(f"{host}:some/model")
    assert "configuration" in str(caught.value)


async def test_a_key_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-the-environment")
    async with ModelServer(["yes"]) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        model = provider("openai").open("any")
        await model.complete(Prompt("", "well?"))
        await model.close()
    assert server.requests[0].headers["authorization"] == "Bearer sk-from-the-environment"
    assert server.requests[0].path.endswith("/chat/completions")


@pytest.mark.parametrize("host", ["openai", "openai-chat", "vllm", "ollama"])
async def test_a_server_of_ones_own_needs_no_key(host: str):
    async with ModelServer(["yes"]) as server:
        model = provider(host, base_url=server.url).open("llama3.2:3b")
        said = await model.complete(Prompt("", "well?"))
        await model.close()
    assert said.text == "yes"
    assert server.requests[0].json["model"] == "llama3.2:3b"


@pytest.mark.parametrize(("host", "port"), [("ollama", 11434), ("vllm", 8000)])
def test_local_servers_have_an_address(host: str, port: int):
    assert BY_NAME[host].base_url(None) == f"http://localhost:{port}/v1"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"base_urll": "http://localhost"}, "base_url"),
        ({"base_url": "localhost:8000"}, "options.openai.base_url"),
        ({"output": "yaml"}, "options.openai.output"),
        ({"max_tokens": 0}, "options.openai.max_tokens"),
    ],
)
async def test_a_wrong_option_stops_the_start(options, says: str):
    with pytest.raises(ConfigError, match=says):
        await start("openai:any", api_key="k", **options)


async def test_a_host_with_one_address_is_not_moved():
    with pytest.raises(ConfigError, match=r"options.openrouter.base_url.*use openai"):
        await start("openrouter:a/b", api_key="k", base_url="http://localhost/v1")


async def test_a_name_that_the_host_can_not_have_stops_the_start():
    with pytest.raises(ConfigError, match="openrouter:plain"):
        await start("openrouter:plain", api_key="k")


async def test_without_the_extra_the_start_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    with pytest.raises(MissingExtraError, match=r"model openai:any .*dataagents\[llm\]"):
        await start("openai:any", api_key="k")


@pytest.mark.parametrize(
    ("host", "error", "says"),
    [
        ("anthropic", ConfigError, r"pip install 'pydantic-ai-slim\[anthropic\]'"),
        ("openai", MissingExtraError, r"pip install 'dataagents\[llm\]'"),
    ],
)
async def test_without_a_hosts_library_the_start_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, host: str, error: type[Exception], says: str
):
    monkeypatch.setitem(sys.modules, host, None)
    monkeypatch.delitem(sys.modules, f"pydantic_ai.providers.{host}", raising=False)
    with pytest.raises(error, match=says):
        await start(f"{host}:any", api_key="k")


@pytest.mark.parametrize(
    ("model", "sent"),
    [("gpt-4o-mini", True), ("some-local-model", True), ("gpt-5-mini", False), ("o3", False)],
)
async def test_a_temperature_is_sent_where_it_is_not_refused(model: str, sent: bool):
    async with ModelServer(["yes"]) as server:
        opened = provider("openai", base_url=server.url, temperature=0.5).open(model)
        await opened.complete(Prompt("", "well?"))
        await opened.close()
    assert ("temperature" in server.requests[0].json) is sent


async def test_the_responses_api_is_told_to_keep_nothing():
    async with ModelServer([Status(400)]) as server:
        opened = provider("openai-responses", base_url=server.url).open("gpt-5-mini")
        with pytest.raises(ModelError, match="refused the request"):
            await opened.complete(Prompt("", "well?"))
        await opened.close()
    assert server.requests[0].path == "/v1/responses"
    assert server.requests[0].json["store"] is False


async def test_closing_closes_the_connections():
    async with ModelServer(["yes"]) as server:
        model = provider("openai", base_url=server.url).open("any")
        await model.complete(Prompt("", "well?"))
        assert server.connections == 1
        await model.close()
        await server.until(lambda server: server.connections == 0)


async def test_models_share_no_connection():
    async with ModelServer(["one", "two", "three"]) as server:
        first, second = (provider("openai", base_url=server.url).open("any") for _ in range(2))
        await first.complete(Prompt("", "well?"))
        await second.complete(Prompt("", "well?"))
        await first.close()
        await server.until(lambda server: server.connections == 1)
        assert (await second.complete(Prompt("", "well?"))).text == "three"
        await second.close()


def test_a_configured_key_is_a_secret_to_the_kernel():
    options = {"openai": {"api_key": "not shaped like a key"}}
    assert "shaped" not in Redactor.of(options).text("it is not shaped like a key, is it?")
    assert "shaped" not in repr(ModelOptions(api_key="not shaped like a key"))
