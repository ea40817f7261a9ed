"""Text that tries to command, to hide or to burst the screen is shown as text on every one."""

import unicodedata

import pytest

from tests.support import hostile


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    path = tmp_path_factory.mktemp("hostile") / "store.db"
    hostile.record(path)
    return path


def commands_in(text):
    """Characters that do something, or that nobody sees: controls, directions, separators."""
    return {each for each in text if unicodedata.category(each) in ("Cc", "Cf", "Cs", "Zl", "Zp")}


@pytest.mark.parametrize("view", list("123456789T"))
async def test_hostile_text_is_shown_as_text(console, spoilt, view):
    async with console(path=spoilt, size=(120, 30)) as operator:
        await operator.press(view)
        assert operator.table.rows
        for keys in ("enter", "G", "W", "escape", "escape"), ("end", "y", "Y", "question_mark"):
            for key in keys:
                await operator.press(key)
                assert len(operator.lines) == 30
                assert commands_in(operator.shown.replace("\n", "")) == set()
        assert commands_in("".join(operator.copied).replace("\n", "")) == set()
        assert operator.app.is_running
