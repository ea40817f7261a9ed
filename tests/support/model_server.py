"""A server that talks like OpenAI's chat API, and says what a test wrote down for it."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

Request = dict[str, Any]
"""The JSON of one request."""


@dataclass(frozen=True)
class Text:
    """An answer in words, even where a tool was offered."""

    text: str
    tokens: tuple[int, int] = (10, 5)
    """Of the prompt, and of the answer."""
    finish: str = "stop"
    """Why it ended: `length` when it was cut off."""


@dataclass(frozen=True)
class Decided:
    """A call of the first tool; words where no tool was offered."""

    arguments: str
    """As the model wrote them: nobody sees to it that this is JSON."""
    tokens: tuple[int, int] = (10, 5)
    finish: str = "tool_calls"


@dataclass(frozen=True)
class Status:
    """An HTTP answer other than a completion: an error as a rule."""

    status: int
    message: str = "no"
    code: str | None = None
    """The error's machine-readable code, for example `insufficient_quota`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    """What is sent instead of an error in JSON."""


@dataclass(frozen=True)
class Cut:
    """A completion of which half of the bytes arrive before the connection is closed."""

    text: str = "never read to its end"


@dataclass(frozen=True)
class Silent:
    """No answer until the other side hangs up, or `released` is set; then it is `then`."""

    released: asyncio.Event | None = None
    then: "str | Decided | Text | Status" = "late"


Reply = str | Text | Decided | Status | Cut | Silent
"""What a request is answered with; a plain text is a `Decided` where a tool was offered."""
Script = Reply | Callable[[Request], Reply]


@dataclass(frozen=True)
class Received:
    """One request, as it came."""

    path: str
    headers: Mapping[str, str]
    """Names are in lower case."""
    json: Request

    @property
    def system(self) -> str:
        """What the model was told to be."""
        return self._said_by("system")

    @property
    def user(self) -> str:
        """What the model was given to work on."""
        return self._said_by("user")

    def _said_by(self, role: str) -> str:
        messages = self.json["messages"]
        return "\n".join(each["content"] for each in messages if each["role"] == role)


class ModelServer:
    """Answers requests in order, on a free port of this machine, on the running event loop.

    Use it as an async context manager; leaving it hangs up on everybody. A script that is over
    answers status 418, which nobody asks again after, so that a test sees one request too many.
    Where the environment names a proxy, a test has to set `NO_PROXY` to 127.0.0.1.

    ```
    async with ModelServer(["yes", Status(429, headers={"retry-after": "2"})]) as server:
        ...  # base_url=server.url
        assert [request.user for request in server.requests] == ["Is it?"]
    ```

    Args:
        replies: One for each request, oldest first; may be endless.
    """

    def __init__(self, replies: Iterable[Script]) -> None:
        self._replies = iter(replies)
        self.url = ""
        """The base URL, once it is open."""
        self.requests: list[Received] = []
        """What came in, oldest first."""
        self.open = 0
        """Requests that have no answer yet."""
        self.most_open = 0
        """The most of them at any one time."""
        self.hung_up = 0
        """Requests that the other side gave up before there was an answer."""
        self._changed = asyncio.Condition()
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return len(self._connections)

    async def until(self, holds: Callable[["ModelServer"], bool]) -> None:
        """Wait until something holds for this server, such as the number of its requests."""
        async with self._changed:
            await self._changed.wait_for(lambda: holds(self))

    async def __aenter__(self) -> "ModelServer":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while (received := await _read(reader)) is not None:
                self.requests.append(received)
                self.open += 1
                self.most_open = max(self.most_open, self.open)
                await self._tell()
                try:
                    going_on = await self._answer(received, reader, writer)
                finally:
                    self.open -= 1
                if not going_on:
                    break
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # asyncio's server would log either
        finally:
            self._connections.discard(task)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()
            with suppress(asyncio.CancelledError):
                await self._tell()

    async def _answer(
        self, received: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """Answer one request; return whether the connection goes on."""
        reply = next(self._replies, None)
        if callable(reply):
            reply = reply(received.json)
        if reply is None:
            reply = Status(418, "the script is over")
        if isinstance(reply, Silent):
            if not await _released(reply, reader):
                self.hung_up += 1
                return False
            reply = reply.then
        status, headers, body = _written(reply, received.json)
        head = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {headers[name]}" for name in headers)]
        length = f"content-length: {len(body)}"
        writer.write("\r\n".join([*head, length, "", ""]).encode())
        cut = isinstance(reply, Cut)
        writer.write(body[: len(body) // 2] if cut else body)
        await writer.drain()
        return not cut

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


async def _read(reader: asyncio.StreamReader) -> Received | None:
    """Return the next request of a connection; None when the other side has hung up."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode().strip().split("\r\n")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.strip().lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Received(first.split()[1], headers, json.loads(body or b"{}"))


async def _released(reply: Silent, reader: asyncio.StreamReader) -> bool:
    """Wait for the release, or for the other side to hang up."""
    gone = asyncio.ensure_future(reader.read(1))
    release = asyncio.ensure_future((reply.released or asyncio.Event()).wait())
    try:
        await asyncio.wait({gone, release}, return_when=asyncio.FIRST_COMPLETED)
        return release.done()
    finally:
        for each in (gone, release):
            each.cancel()
        await asyncio.gather(gone, release, return_exceptions=True)


def _written(
    reply: str | Text | Decided | Status | Cut, request: Request
) -> tuple[int, dict[str, str], bytes]:
    headers = {"content-type": "application/json"}
    if isinstance(reply, Status):
        error = {"message": reply.message, "type": "error", "code": reply.code, "param": None}
        body = reply.body if reply.body is not None else json.dumps({"error": error})
        return reply.status, {**headers, **reply.headers}, body.encode()
    if isinstance(reply, Cut):
        reply = Text(reply.text)
    if isinstance(reply, str):
        reply = Decided(reply) if request.get("tools") else Text(reply)
    return 200, headers, json.dumps(_completion(reply, request)).encode()


def _completion(reply: Text | Decided, request: Request) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": None}
    finish = reply.finish
    if isinstance(reply, Decided) and request.get("tools"):
        name = request["tools"][0]["function"]["name"]
        called = {"name": name, "arguments": reply.arguments}
        message["tool_calls"] = [{"id": "call-1", "type": "function", "function": called}]
    elif isinstance(reply, Decided):
        message["content"] = reply.arguments
        finish = "stop" if finish == "tool_calls" else finish
    else:
        message["content"] = reply.text
    asked, said = reply.tokens
    return {
        "id": "completion-1",
        "object": "chat.completion",
        "created": 1735689600,
        "model": request.get("model", "any"),
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said},
    }
