"""One thing for people on a terminal, and for screen readers."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from dataagents.console.commands.event_report import plain_of, text_of
from dataagents.console.commands.output import Screen, put, shown
from dataagents.console.safe_text import safe_text
from dataagents.console.view.entities import EntityView


def show_entity(view: EntityView) -> None:
    """Write a thing to stdout."""
    put(Screen(), Group(*_parts(view)))


def plain_entity(view: EntityView) -> Iterator[str]:
    """Yield a thing as labelled lines."""
    yield f"address: {view.address}"
    for key, value in view.facts:
        yield f"{key}: {safe_text(value)}"
    if view.history:
        yield f"events: {len(view.history)}"
    for line in view.history:
        yield f"event: {plain_of(line)}"
    for address in view.points_to:
        yield f"points to: {address}"


def _parts(view: EntityView) -> Iterator[RenderableType]:
    yield shown(view.address, "bold")
    for key, value in view.facts:
        if "\n" in value:
            yield shown(f"  {key}:", "cyan")
            for each in value.splitlines():
                yield shown(f"    {each}")
        else:
            yield Text.assemble(shown(f"  {key}: ", "cyan"), shown(value))
    if view.history:
        yield Text("\nwhat happened", "bold")
    for line in view.history:
        yield Text.assemble("  ", text_of(line))
    if view.points_to:
        yield Text("\npoints to", "bold")
    for address in view.points_to:
        yield shown(f"  {address}")
