"""What screens and widgets tell the console."""

from textual.message import Message

from dataagents.console.safe_text import safe_text
from dataagents.console.view.addresses import Address
from dataagents.core.errors import DataAgentsError


def words_of(error: DataAgentsError) -> str:
    """Return what an error says, safe to show: it may name what the store holds."""
    return safe_text(str(error), lines=True, limit=1_000)


class Wanted(Message):
    """Somebody wants to see a thing."""

    def __init__(self, address: Address) -> None:
        self.address = address
        super().__init__()


class WhyWanted(Message):
    """Somebody wants to see what led to a thing."""

    def __init__(self, address: Address) -> None:
        self.address = address
        super().__init__()


class Left(Message):
    """Somebody wants to go back to where they came from."""


class Said(Message):
    """Something to tell the operator: what went well, or what did not."""

    def __init__(self, text: str, *, bad: bool = False) -> None:
        self.text = text
        self.bad = bad
        super().__init__()
