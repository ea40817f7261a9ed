"""The file of what models were asked and what they said."""

from pathlib import Path

import pytest

from dataagents.core.errors import InputError
from dataagents.core.models import Completion, Exchange, Prompt
from dataagents.core.services.reasoning.transcript import Transcript
from dataagents.core.values import from_json, read_json

FIRST = Exchange(Prompt("Count.", "one\ntwo"), Completion("2", tokens=7, cost=0.5, model="m"))
SECOND = Exchange(Prompt("Count.", "ünö"), Completion('{"n": 1}'))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchanges.jsonl"


def read(path: Path) -> list[Exchange]:
    return [from_json(Exchange, read_json(line)) for line in path.read_bytes().splitlines()]


def test_exchanges_stand_in_their_order_one_a_line(path: Path):
    transcript = Transcript(path)
    transcript.add(FIRST)
    transcript.add(SECOND)
    assert read(path) == [FIRST, SECOND]


def test_a_transcript_without_exchanges_is_an_empty_file(path: Path):
    Transcript(path)
    assert path.read_bytes() == b""


def test_an_earlier_transcript_is_replaced(path: Path):
    Transcript(path).add(FIRST)
    Transcript(path).add(SECOND)
    assert read(path) == [SECOND]


def test_an_empty_file_is_taken(path: Path):
    path.touch()
    Transcript(path).add(FIRST)
    assert read(path) == [FIRST]


@pytest.mark.parametrize(
    "content", [b"id,name\n1,x\n", b"{}", b'{"prompt": 1}', b"\n", b"\x00" * 100]
)
def test_a_file_that_is_no_transcript_is_left_alone(path: Path, content: bytes):
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"it holds something else\. Name a new file"):
        Transcript(path)
    assert path.read_bytes() == content


def test_a_folder_is_no_transcript(tmp_path: Path):
    with pytest.raises(InputError, match=r"record .*: Is a directory"):
        Transcript(tmp_path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path):
    path = tmp_path / "none" / "exchanges.jsonl"
    with pytest.raises(InputError, match=f"record {path}: No such file or directory"):
        Transcript(path)


def test_a_transcript_that_can_not_be_written_any_more_is_an_input_error(path: Path):
    transcript = Transcript(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(InputError, match=r"record .*: Is a directory"):
        transcript.add(FIRST)
