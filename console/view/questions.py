"""Questions: the votes that wait for a person, folded from events."""

from collections.abc import Mapping

from dataagents.console.view.fields import Fields, name
from dataagents.core.events import Event, EventKind


class QuestionsFold:
    """Which votes are open that a person has a ballot in."""

    def __init__(self) -> None:
        self._persons: set[str] = set()
        self._open: dict[str, str] = {}

    @property
    def open(self) -> Mapping[str, str]:
        """Election id → what is asked, in the order in which they were opened."""
        return self._open

    def apply(self, event: Event) -> None:
        """Take one event; those of other kinds are passed over."""
        body = Fields(event.body)
        match event.kind:
            case EventKind.KERNEL_STARTED | EventKind.KERNEL_STOPPED:
                self._open.clear()  # whoever asked is gone
            case EventKind.AGENT_DEPLOYED if body.flag("human"):
                self._persons.add(name(event.subject))
            case EventKind.ELECTION_OPENED if self._persons.intersection(
                map(name, body.texts("voters"))
            ):
                self._open[name(event.subject)] = body.text("question")
            case EventKind.ELECTION_CLOSED:
                self._open.pop(name(event.subject), None)
            case _:
                pass
