"""Preferences: what the console remembers of its views from one start to the next."""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from dataagents.console.safe_text import safe_text

_LARGEST = 1_000_000
"""Bytes of the largest file that is read."""

Safe = Annotated[str, AfterValidator(safe_text)]


class ViewPreferences(BaseModel):
    """How an operator left a view."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    filter: Safe = ""
    """As it was written."""
    sorts: Safe = ""
    """Such as `state, beat-`."""
    hide_finished: bool = False
    hidden: tuple[Safe, ...] = ()
    """Names of the fields whose columns are left out."""
    follow: bool = True
    """Whether the view goes with what is new."""


class Preferences(BaseModel):
    """Everything that is remembered."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    theme: Safe = ""
    """Empty for the console's own choice."""
    ascii: bool = False
    views: Mapping[str, ViewPreferences] = Field(default_factory=dict[str, ViewPreferences])
    """By the name of the listing; a view that was never changed is not among them."""


def preferences_path(environ: Mapping[str, str], home: Path) -> Path:
    """Return where preferences are kept: `$XDG_STATE_HOME`, or `.local/state` at home."""
    state = environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if state.startswith("/") else home / ".local" / "state"
    return folder / "dataagents" / "console.json"


class PreferencesFile:
    """The file of preferences, which several consoles may share.

    Saving reads what is there and changes one part of it, so that each console keeps its own
    views and the last one wins where two changed the same. Nothing here raises: a console works
    without its preferences, and what went wrong is said in a sentence.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> tuple[Preferences, str | None]:
        """Return what is remembered, and a sentence about why it isn't when it can't be read.

        A file that is no set of preferences is renamed, so that it can be looked at.
        """
        try:
            with self._path.open("rb") as file:
                written = file.read(_LARGEST + 1)
        except FileNotFoundError:
            return Preferences(), None
        except OSError as error:
            return Preferences(), self._told("can't be read", error)
        if len(written) > _LARGEST:
            return Preferences(), self._set_aside("is larger than any the console writes")
        try:
            return Preferences.model_validate_json(written), None
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False)[0]
            where = ".".join(map(str, first["loc"]))
            said = ": ".join(filter(None, (where, first["msg"])))
            return Preferences(), self._set_aside(f"is damaged ({said})")

    def save_view(self, name: str, view: ViewPreferences) -> str | None:
        """Remember a view; return a sentence when that failed."""
        return self._save(lambda known: {"views": {**known.views, name: view}})

    def save_look(self, *, theme: str | None = None, ascii: bool | None = None) -> str | None:
        """Remember how the console looks; None leaves that as it is."""
        changes: dict[str, object] = {}
        if theme is not None:
            changes["theme"] = theme
        if ascii is not None:
            changes["ascii"] = ascii
        return self._save(lambda known: changes)

    def _save(self, change: Callable[[Preferences], Mapping[str, object]]) -> str | None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _alone(self._path.parent):
                known, problem = self.load()
                if problem is not None and self._path.exists():
                    return problem
                self._write(known.model_copy(update=change(known)))
        except OSError as error:
            return self._told("can't be written", error)
        return problem

    def _write(self, preferences: Preferences) -> None:
        """Put a new file in the place of the old one; only its owner may read it."""
        descriptor, draft = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=self._path.parent)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(preferences.model_dump_json(indent=2) + "\n")
            Path(draft).replace(self._path)
        finally:
            Path(draft).unlink(missing_ok=True)

    def _set_aside(self, problem: str) -> str:
        aside = self._path.with_name(f"{self._path.name}.damaged")
        try:
            self._path.replace(aside)
        except OSError as error:
            return self._told(f"{problem}, and can't be set aside", error)
        said = f"Preferences {self._path}: the file {problem}. It is now called {aside.name}, and"
        return safe_text(f"{said} the console starts as if it were new.")

    def _told(self, problem: str, error: OSError) -> str:
        said = f"Preferences {self._path}: the file {problem}: {error.strerror or error}."
        return safe_text(f"{said} The console forgets them when it ends.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other consoles from saving meanwhile; it takes a thousandth of a second."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
