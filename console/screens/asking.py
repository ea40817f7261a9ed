"""What can be asked of a list by keys, and what of it is remembered."""

import asyncio
from dataclasses import replace
from typing import Generic, TypeVar

from dataagents.console.apps import app_of
from dataagents.console.preferences import ViewPreferences
from dataagents.console.screens.base import ViewScreen
from dataagents.console.screens.choosing import Choice, Choose
from dataagents.console.screens.messages import Said, words_of
from dataagents.console.session import Session
from dataagents.console.view.listing import Listing, Query
from dataagents.console.view.listing.asked import Asked
from dataagents.console.view.listing.sorting import cycled, describe_sorts, parse_sorts, with_added
from dataagents.console.view.listing.timing import parse_span
from dataagents.console.widgets.ask_bar import AskBar
from dataagents.core.errors import InputError

RowT = TypeVar("RowT")


class Asking(ViewScreen, Generic[RowT]):
    """A screen whose list is asked for by filter, time, order and columns."""

    def __init__(self, session: Session, crumb: str, listing: Listing[RowT]) -> None:
        super().__init__(session, crumb)
        self.listing = listing
        self.asked = recalled(listing, session.preferences.views.get(listing.name))
        """How the list is looked at."""

    @property
    def wanted(self) -> Query:
        """What is asked for at this moment."""
        return self.asked.query(self.session.clock.now())

    def changed(self) -> None:
        """Bring what is asked for now."""
        raise NotImplementedError

    def column(self) -> int:
        """Return the index of the chosen column."""
        raise NotImplementedError

    def look(self, asked: Asked[RowT]) -> None:
        """Look at the list in another way, and remember it."""
        self.asked = asked
        self.changed()
        self.paint()
        self.run_worker(self._remember(), group="remember")

    def action_filter(self) -> None:
        """Ask for a filter; it takes effect as it is typed."""

        def hear(text: str, meant: bool) -> str | None:
            asked = replace(self.asked, filter=text.strip())
            wrong = asked.problem()
            if meant and wrong:
                return wrong
            if asked != self.asked:
                self.look(asked)
            return wrong

        names = " ".join(field.name for field in self.listing.fields)
        hint = f"text  field:text  field>5  !not    fields: {names}"
        self.query_one(AskBar).ask("/", hear, self.asked.filter, hint)

    def action_time(self) -> None:
        """Ask for a range of time."""

        def hear(text: str, meant: bool) -> str | None:
            try:
                parse_span(text, self.session.clock.now())
            except InputError as error:
                return words_of(error)
            if meant:
                self.look(replace(self.asked, span=text.strip()))
            return None

        hint = "15m   today   14:00-14:10   nothing: all"
        self.query_one(AskBar).ask("time", hear, self.asked.span, hint)

    def action_preset(self, by: int) -> None:
        """Take the next of the ready-made filters."""
        if self.listing.presets:
            self.look(self.asked.turned(by))

    def action_sort(self) -> None:
        """Sort by the chosen column; again turns it, and once more leaves it."""
        self.look(replace(self.asked, sorts=cycled(self.asked.sorts, self._column_name())))

    def action_sort_too(self) -> None:
        """Sort by the chosen column as well."""
        self.look(replace(self.asked, sorts=with_added(self.asked.sorts, self._column_name())))

    def action_hide(self) -> None:
        """Hide what is over, or show it again."""
        self.look(replace(self.asked, hide_finished=not self.asked.hide_finished))

    def action_follow(self) -> None:
        """Go on following, or hold still."""
        self.look(replace(self.asked, following=not self.asked.following))

    def action_columns(self) -> None:
        """Choose the columns."""
        known = [field for field in self.listing.fields if field.title]
        hidden = self.asked.hidden
        choices = [Choice(e.name, f"{e.title:<10} {e.about}", e.name not in hidden) for e in known]

        def chosen(names: tuple[str, ...] | None) -> None:
            if names:
                left_out = frozenset(field.name for field in known) - frozenset(names)
                self.look(replace(self.asked, hidden=left_out))

        app_of(self).push_screen(Choose("Columns", choices, several=True), chosen)

    def _column_name(self) -> str:
        columns = self.asked.columns()
        return columns[min(self.column(), len(columns) - 1)].name

    async def _remember(self) -> None:
        asked = self.asked
        kept = ViewPreferences(
            filter=asked.filter,
            sorts=describe_sorts(asked.sorts),
            hide_finished=asked.hide_finished,
            hidden=tuple(sorted(asked.hidden)),
            follow=asked.following,
        )
        views = {**self.session.preferences.views, self.listing.name: kept}
        self.session.remember(self.session.preferences.model_copy(update={"views": views}))
        file = self.session.remembered
        problem = await asyncio.to_thread(file.save_view, self.listing.name, kept) if file else None
        if problem:
            self.post_message(Said(problem, bad=True))


def recalled(listing: Listing[RowT], kept: ViewPreferences | None) -> Asked[RowT]:
    """Return how a list was looked at last; what makes no sense any more is left out."""
    if kept is None:
        return Asked(listing)
    try:
        sorts = parse_sorts(kept.sorts, listing.fields)
    except InputError:
        sorts = ()
    asked = Asked(
        listing, kept.filter, "", 0, sorts, kept.hide_finished, frozenset(kept.hidden), kept.follow
    )
    if asked.problem():
        asked = replace(asked, filter="")
    return asked if asked.columns() else replace(asked, hidden=frozenset())
