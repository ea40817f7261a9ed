"""Topics: who wants to hear what is published."""

from collections.abc import Iterator
from typing import TypeVar

from dataagents.core.errors import InputError

T = TypeVar("T")

ONE, REST = "*", ">"
"""In a pattern: any one word, and one or more words at the end."""


class Topics:
    """Subscriptions of agents to topics: words with dots between, such as `orders.cleaned`."""

    def __init__(self) -> None:
        self._exact: dict[str, dict[str, None]] = {}
        self._wild: dict[tuple[str, ...], dict[str, None]] = {}

    def subscribe(self, agent: str, pattern: str) -> None:
        """Let an agent hear the topics that fit a pattern.

        Args:
            agent: Its id.
            pattern: A topic; `*` stands for any one word, `>` for all words from there on.

        Raises:
            InputError: The pattern has an empty word, or words behind `>`.
        """
        words = _words(pattern)
        if REST in words[:-1]:
            raise InputError(f"topic {pattern!r}", f"{REST!r} stands for the rest: put it last")
        if ONE in words or REST in words:
            self._wild.setdefault(words, {})[agent] = None
        else:
            self._exact.setdefault(pattern, {})[agent] = None

    def unsubscribe(self, agent: str, pattern: str | None = None) -> None:
        """End one subscription of an agent, or all of them."""
        _drop(self._exact, agent, pattern)
        _drop(self._wild, agent, None if pattern is None else tuple(pattern.split(".")))

    def subscribers(self, topic: str) -> tuple[str, ...]:
        """Return who hears a topic, each once.

        Raises:
            InputError: It has an empty word.
        """
        words = _words(topic)
        found = dict(self._exact.get(topic, {}))
        for agents in self._fitting(words):
            found.update(agents)
        return tuple(found)

    def _fitting(self, words: tuple[str, ...]) -> Iterator[dict[str, None]]:
        for pattern, agents in self._wild.items():
            if _fits(pattern, words):
                yield agents


def _words(topic: str) -> tuple[str, ...]:
    words = tuple(topic.split("."))
    if not all(words):
        raise InputError(f"topic {topic!r}", "it has an empty word", hint="Write 'orders.cleaned'.")
    return words


def _fits(pattern: tuple[str, ...], words: tuple[str, ...]) -> bool:
    if pattern[-1] == REST:
        if len(words) < len(pattern):
            return False
        pattern, words = pattern[:-1], words[: len(pattern) - 1]
    return len(pattern) == len(words) and all(
        wanted in (ONE, word) for wanted, word in zip(pattern, words, strict=True)
    )


def _drop(table: dict[T, dict[str, None]], agent: str, pattern: T | None) -> None:
    for key in list(table) if pattern is None else [pattern]:
        agents = table.get(key, {})
        agents.pop(agent, None)
        if not agents:
            table.pop(key, None)
