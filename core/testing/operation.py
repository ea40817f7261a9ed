"""The contracts of observers and outputs."""

from copy import deepcopy
from pathlib import Path

from dataagents.core.events import Event, EventKind, Observer
from dataagents.core.goals import Output, RunOutcome, RunResult, RunStatus
from dataagents.core.planning import Goal
from dataagents.core.testing.clock import START

HOSTILE = "[red]\x1b[2J\u202e<script>'; DROP TABLE events; --\n\x00\U0001f4a5"
"""What a data cell or a model may hold."""


def event(number: int = 1, kind: str = EventKind.TASK_ENDED, text: str = "done") -> Event:
    """Return an event whose subject and body hold a text."""
    return Event(f"event-{number}", START, kind, text, {"summary": text, "rows": [1, None]})


class ObserverContract:
    """What every observer holds to."""

    def observer(self) -> Observer:
        """Return the observer under test."""
        raise NotImplementedError

    async def test_it_takes_every_kind_of_event(self) -> None:
        """Kinds that nobody has heard of are passed over, and nothing is changed."""
        kinds = (*EventKind, "somebody.else")
        batch = [event(number, kind) for number, kind in enumerate(kinds)]
        before = deepcopy(batch)
        await self.observer().observe(batch)
        assert batch == before

    async def test_it_takes_an_event_with_an_empty_body(self) -> None:
        """A body has no field that an observer may rely on."""
        batch = [Event(f"{kind}", START, kind, "", {}) for kind in EventKind]
        await self.observer().observe(batch)

    async def test_it_takes_hostile_text(self) -> None:
        """What comes from data is text, and never an error."""
        await self.observer().observe([event(n, kind, HOSTILE) for n, kind in enumerate(EventKind)])

    async def test_it_takes_many_batches_and_an_empty_one(self) -> None:
        """Batches have any size."""
        observer = self.observer()
        await observer.observe(())
        await observer.observe([event(number) for number in range(1_000)])
        await observer.observe([event(1_001)])


class OutputContract:
    """What every output holds to; the folder comes from pytest's `tmp_path`."""

    def output(self) -> Output:
        """Return the output under test."""
        raise NotImplementedError

    def result(self, workspace: Path) -> RunResult:
        """Return a run to write about; override it when the output needs files of a run."""
        outcome = RunOutcome("run", RunStatus.DONE, 1.0, {"note": HOSTILE})
        return RunResult(outcome, Goal("clean", {"x": "x.csv"}), START, START, workspace)

    async def test_it_names_every_file_that_it_wrote(self, tmp_path: Path) -> None:
        """Each is there, in the folder, complete; no temporary file is left behind."""
        folder, result = self._places(tmp_path)
        written = await self.output().write(result, folder)
        for name, path in written.items():
            assert name
            assert path.is_file()
            assert path.resolve().is_relative_to(folder.resolve())
        left = {path.resolve() for path in folder.rglob("*") if path.is_file()}
        assert left == {path.resolve() for path in written.values()}

    async def test_it_writes_about_a_run_that_failed_at_once(self, tmp_path: Path) -> None:
        """A run may have no plan, no execution and no reflection."""
        folder, _ = self._places(tmp_path)
        outcome = RunOutcome("run", RunStatus.FAILED, 0.0, reason=HOSTILE)
        failed = RunResult(outcome, Goal("clean"), START, START, tmp_path / "workspace")
        for path in (await self.output().write(failed, folder)).values():
            assert path.is_file()

    async def test_it_can_write_twice(self, tmp_path: Path) -> None:
        """Writing again replaces what was written before."""
        folder, result = self._places(tmp_path)
        first = await self.output().write(result, folder)
        assert await self.output().write(result, folder) == first

    def _places(self, tmp_path: Path) -> tuple[Path, RunResult]:
        workspace, folder = tmp_path / "workspace", tmp_path / "out"
        workspace.mkdir()
        folder.mkdir()
        return folder, self.result(workspace)
