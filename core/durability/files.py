"""Files of a run: which ones a task left behind, and whether they are still there as it left them.

A file counts as the same when its size and its time of modification are. Files that tools finish
under another name and then rename are whole or absent, so nothing needs to be read to know that.
"""

from collections.abc import Container, Iterable, Mapping
from typing import TypeAlias

from dataagents.core.values import Json, JsonObject

FileStamp: TypeAlias = tuple[int, int]
"""Size in bytes, and time of modification in nanoseconds since 1970."""
Stamps: TypeAlias = Mapping[str, FileStamp]
"""Path below the folder of the run → the file's stamp."""


def changes(before: Stamps, after: Stamps) -> dict[str, Json]:
    """Return what became different: path → stamp, null for a file that is gone."""
    found: dict[str, Json] = {
        path: list(stamp) for path, stamp in after.items() if before.get(path) != stamp
    }
    return found | dict.fromkeys(before.keys() - after.keys())


class FileRecord:
    """Which task left which file, from the changes that tasks made, oldest first.

    Tasks run side by side in one folder, so a file may count as left by several of them.
    """

    def __init__(self, changed: Iterable[tuple[str, JsonObject]]) -> None:
        self._expected: dict[str, Json] = {}
        self._makers: dict[str, set[str]] = {}
        for task, changes_ in changed:
            for path, stamp in changes_.items():
                self._expected[path] = stamp
                self._makers.setdefault(path, set()).add(task)

    def lost(self, now: Stamps, *, changing: bool) -> set[str]:
        """Return the tasks that are not to be relied on, since files that they left are not there.

        Args:
            now: The files as they are.
            changing: Whether something was at work when the run was cut off: what it replaced by
                then is its own doing, and it is done again.
        """
        missing = (
            path
            for path, stamp in self._expected.items()
            if stamp is not None
            and (path not in now or (not changing and list(now[path]) != stamp))
        )
        return {task for path in missing for task in self._makers[path]}

    def shared_with(self, tasks: Container[str]) -> set[str]:
        """Return the tasks that left a file that one of these left, too."""
        return {
            maker
            for makers in self._makers.values()
            if any(maker in tasks for maker in makers)
            for maker in makers
        }

    def left_by(self, tasks: Container[str]) -> tuple[str, ...]:
        """Return the files that tasks left."""
        return tuple(
            path for path, makers in self._makers.items() if any(maker in tasks for maker in makers)
        )
