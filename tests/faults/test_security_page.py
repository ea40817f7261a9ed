"""SECURITY.md says of each risk which tests show what stands against it."""

import re
from pathlib import Path

import pytest
from named_tests import missing

RISKS = [f"ASI{number:02}" for number in range(1, 11)]


@pytest.fixture
def rows(repository: Path) -> dict[str, list[str]]:
    """Risk → the tests that its row names."""
    page = (repository / "SECURITY.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| ASI")]
    return {line.split("|")[1].strip(): re.findall(r"`(tests/[^`]+)`", line) for line in lines}


def test_every_risk_of_the_ten_has_tests(rows: dict[str, list[str]]):
    assert list(rows) == RISKS
    assert all(rows.values())


def test_every_test_that_the_page_names_is_there(rows: dict[str, list[str]]):
    assert missing([test for tests in rows.values() for test in tests]) == []


def test_the_page_invents_nobody_to_write_to(repository: Path):
    page = (repository / "SECURITY.md").read_text(encoding="utf-8")
    assert not re.search(r"[\w.]+@[\w.]+\.\w+", page)
    assert "privately" in page
