from collections.abc import AsyncIterator
from itertools import repeat
from pathlib import Path

import pytest
from model_server import ModelServer

from dataagents.core.models import Completion, Exchange, LanguageModel
from dataagents.core.testing import ModelContract
from dataagents.core.values import write_json
from dataagents.plugins.models.hosts import HOSTS
from dataagents.plugins.models.providers import HostedProvider, ModelOptions
from dataagents.plugins.models.replay import ReplayProvider

REPLY = '{"option": "accept"}'


class TestHosted(ModelContract):
    @pytest.fixture(autouse=True)
    async def server(self) -> AsyncIterator[None]:
        async with ModelServer(repeat(REPLY)) as server:
            self.url = server.url
            yield

    def model(self) -> LanguageModel:
        return HostedProvider(HOSTS[0], ModelOptions(base_url=self.url)).open("any")


class TestReplayed(ModelContract):
    @pytest.fixture(autouse=True)
    def recording(self, tmp_path: Path) -> None:
        self.path = tmp_path / "exchanges.jsonl"
        self.path.write_bytes(write_json(Exchange(self.prompt(), Completion(REPLY))) + b"\n")

    def model(self) -> LanguageModel:
        return ReplayProvider().open(str(self.path))
