"""The app that a widget is part of, with its type."""

from typing import cast

from textual.app import App
from textual.message_pump import MessagePump


def app_of(node: MessagePump) -> App[None]:
    """Return the app of a screen or a widget."""
    # textual leaves out the type argument of App there
    return cast(App[None], node.app)  # pyright: ignore[reportUnknownMemberType]
