"""What a kernel logs while the terminal belongs to the screens."""

import logging
import warnings

from dataagents.console.hosting.logging_aside import log_file, logged_aside, silenced
from dataagents.core import KernelConfig
from dataagents.core.redaction import Redactor


def test_it_goes_to_a_file_beside_the_store_and_never_to_the_terminal(tmp_path, capfd):
    file = log_file(tmp_path / "store.db")
    redactor = Redactor.of({"API_KEY": "sk-very-secret"})
    with logged_aside(file, KernelConfig(), redactor), warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.getLogger("dataagents.x").info("too low")
        logging.getLogger("dataagents.x").warning("a \x1b]52;c;eA==\x07 key sk-very-secret")
        warnings.warn("a library complains", stacklevel=1)
    assert capfd.readouterr() == ("", "")
    said = file.read_text()
    assert file.name == "store.db.log"
    assert "a library complains" in said
    assert "too low" not in said
    assert "sk-very-secret" not in said
    assert "\x1b" not in said


def test_a_configured_level_holds_and_there_is_no_file_without_a_line(tmp_path):
    quiet, loud = tmp_path / "a.log", tmp_path / "b.log"
    with logged_aside(quiet, KernelConfig(), Redactor.of({})):
        pass
    assert not quiet.exists()
    with logged_aside(loud, KernelConfig(log_level="DEBUG", log_format="json"), Redactor.of({})):
        logging.getLogger("dataagents.x").debug("all of it")
    assert '"message": "all of it"' in loud.read_text()


def test_a_file_that_can_not_be_written_stays_without_a_word(tmp_path, capfd):
    with logged_aside(tmp_path / "none" / "a.log", KernelConfig(), Redactor.of({})):
        logging.getLogger("dataagents.x").warning("lost")
    assert capfd.readouterr() == ("", "")


def test_afterwards_logging_is_as_it_was(tmp_path):
    root = logging.getLogger()
    before = (root.level, list(root.handlers), logging.getLogger("asyncio").level)
    with silenced(), logged_aside(tmp_path / "a.log", KernelConfig(), Redactor.of({})):
        assert len(root.handlers) == 1
    assert (root.level, list(root.handlers), logging.getLogger("asyncio").level) == before
    assert logging.raiseExceptions
