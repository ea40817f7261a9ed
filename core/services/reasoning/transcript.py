"""The transcript: what models were asked and what they said, in a file that can be replayed."""

from pathlib import Path

from dataagents.core.errors import InputError
from dataagents.core.models import Exchange
from dataagents.core.values import write_json


class Transcript:
    """A file of exchanges, one JSON object a line, in the order in which they ended.

    Args:
        path: Where to write; an earlier transcript there is replaced, any other file is not.

    Raises:
        InputError: The file can't be written, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            if path.exists() and not _is_transcript(path):
                hint = "Name a new file."
                raise InputError(f"record {path}", "it holds something else", hint=hint)
            path.write_bytes(b"")
        except OSError as error:
            raise InputError(f"record {path}", error.strerror or str(error)) from error

    def add(self, exchange: Exchange) -> None:
        """Append an exchange.

        Raises:
            InputError: The file can't be written.
        """
        try:
            with self._path.open("ab") as file:
                file.write(write_json(exchange) + b"\n")
        except OSError as error:
            raise InputError(f"record {self._path}", error.strerror or str(error)) from error


def _is_transcript(path: Path) -> bool:
    beginning = b'{"prompt":{"instructions":'
    with path.open("rb") as file:
        return file.read(len(beginning)) in (b"", beginning)
