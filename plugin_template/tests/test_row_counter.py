from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dataagents.core import InputError, KernelConfig, ReasoningTask
from dataagents.core.reasoning import Tool
from dataagents.core.testing import RecordingBench, ToolContract, kernel_for
from dataagents.core.values import JsonObject

import dataagents_example
from dataagents_example.row_counter import CountRows, RowCounter, RowCounterOptions


class TestRowCounter(ToolContract):
    """All that every tool has to hold to."""

    def tool(self) -> Tool[Any]:
        return RowCounter(RowCounterOptions())

    def arguments(self) -> JsonObject:
        return {"dataset": "orders"}

    def inputs(self, folder: Path) -> Mapping[str, Path]:
        source = folder / "orders.csv"
        source.write_text("id,name\n1,first\n2,second\n", encoding="utf-8")
        return {"orders": source}


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        (b"", 0),
        (b"id\n", 0),
        (b"id\n1", 1),
        (b"\xef\xbb\xbfid\r\n1\r\n\r\n2\r\n", 2),
        (b'id,note\n1,"two\nlines"\n', 1),
    ],
)
async def test_rows_are_what_csv_says_they_are(tmp_path: Path, content: bytes, rows: int) -> None:
    source = tmp_path / "orders.csv"
    source.write_bytes(content)
    bench = RecordingBench(tmp_path, {"orders": source})
    seen = await RowCounter(RowCounterOptions()).run(CountRows(dataset="orders"), bench)
    assert seen.data == {"rows": rows, "complete": True}


async def test_counting_stops_at_its_limit_and_says_so(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text("id\n1\n2\n3\n", encoding="utf-8")
    bench = RecordingBench(tmp_path, {"orders": source})
    counter = RowCounter(RowCounterOptions(most_rows=2))
    seen = await counter.run(CountRows(dataset="orders"), bench)
    assert seen.summary == "orders: at least 2 rows; counting stopped there"


async def test_what_is_no_text_is_an_error_that_says_so(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_bytes(b"id\n\xff\xfe\n")
    bench = RecordingBench(tmp_path, {"orders": source})
    with pytest.raises(InputError, match=r"orders\.csv: is no CSV text"):
        await RowCounter(RowCounterOptions()).run(CountRows(dataset="orders"), bench)


async def test_a_reasoner_uses_it(tmp_path: Path) -> None:
    source = tmp_path / "orders.csv"
    source.write_text("id\n1\n2\n", encoding="utf-8")
    task = ReasoningTask("How many rows?", ("count_rows",), {"dataset": "orders"})
    config = KernelConfig(agents=(), workspace=tmp_path / "work")
    async with kernel_for(dataagents_example, config=config) as kernel:
        answer = await kernel.reason(task, inputs={"orders": str(source)})
    assert [step.action for step in answer.steps] == ["count_rows", "final_result"]
    assert answer.summary == "orders: 2 rows"
