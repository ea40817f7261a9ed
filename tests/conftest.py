"""What every test may ask for."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from volume import TIMES

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout that the tests run in."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of large sample data: SAMPLE_DATA, or `shared` beside the checkout."""
    named = os.environ.get("SAMPLE_DATA")
    if named:
        folder = Path(named)
        assert folder.is_dir(), f"SAMPLE_DATA names no folder: {named}"
        return folder
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("NOT TESTED: no sample data; set SAMPLE_DATA to the folder that has it")
    return folder


def pytest_configure():
    """Have lines wide enough for the path of any folder, and each commit tried the same way.

    The examples of property tests follow from the tests alone, wherever they run; those of more
    volume are drawn anew each time, to find what nobody has seen.
    """
    os.environ["COLUMNS"] = "160"
    settings.register_profile("commit", settings.get_profile("ci"), derandomize=TIMES == 1)
    settings.load_profile("commit")


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable():
    """Hand the reports of a worker over as text that can be encoded: some tests log surrogates."""
    return _encodable((yield))


def _encodable(value):
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_encodable, value))
    return value
