"""Questions in SQL: what they answer, and what they can't reach, spend or change."""

import asyncio
import os
from pathlib import Path
from shutil import copytree

import pytest
from pydantic import ValidationError

from dataagents.core.errors import InputError
from dataagents.core.reasoning import RESERVED, Effect
from dataagents.core.testing import ToolContract
from dataagents.plugins.data import query_process
from dataagents.plugins.data.engine import work_here
from dataagents.plugins.data.options import QueryOptions, SchemaOptions
from dataagents.plugins.data.query import Question, reply
from dataagents.plugins.data.tools.analyze import AnalyzeSchema
from dataagents.plugins.data.tools.query import QueryData, QueryRequest
from dataagents.plugins.data.tools.requests import SchemaRequest
from dataagents.plugins.data.workplace import Workplace

HEADER = ["id", "city", "amount", "day", "qty"]
ENDLESS = "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"


def table(n=60):
    rows = [
        [f"{i}", " Ulm" if i % 3 else "N/A", f"{i}.50", f"2026-01-{i % 28 + 1:02}", f"{i}"]
        for i in range(n)
    ]
    rows[5][4] = "12.7"
    return [HEADER, *rows]


@pytest.fixture(scope="module")
def analyzed(tmp_path_factory, write_in, run_tool):
    """A bench whose data set was analyzed; nothing is written to it."""
    bench = write_in(tmp_path_factory.mktemp("analyzed"), table())
    asyncio.run(run_tool("analyze_schema", bench))
    return bench


@pytest.fixture
def orders(analyzed, new_bench, tmp_path):
    """A copy of it."""
    copytree(analyzed.workspace, tmp_path / "run")
    return new_bench(analyzed.path, tmp_path / "run")


@pytest.fixture
def in_place(analyzed, tmp_path):
    """Answer a query in this process, with the guard and the lock, but without the limits."""

    def answer(sql):
        place = Workplace.of("orders", analyzed.workspace)
        question = Question(
            dataset="orders",
            folder=place.folder,
            spill=tmp_path,
            sql=sql,
            rows=20,
            memory_bytes=1 << 28,
            threads=1,
            seconds=5,
        )
        return work_here(
            "test",
            lambda session: reply(question, session),
            folder=tmp_path,
            memory_bytes=1 << 28,
            threads=1,
        )

    return answer


class TestQueryData(ToolContract):
    def tool(self):
        return QueryData(QueryOptions())

    def arguments(self):
        return {"dataset": "orders", "sql": "SELECT city, count(*) FROM data GROUP BY city"}

    def inputs(self, folder: Path):
        (folder / "orders.csv").write_text("id,city\n1,Ulm\n2,Ulm\n3,N/A\n")
        return {"orders": folder / "orders.csv"}

    async def prepare(self, bench):
        tool = AnalyzeSchema(SchemaOptions())
        await tool.run(tool.input_model.model_validate({"dataset": "orders"}), bench)


async def test_a_value_is_its_own_summary(orders, run_tool):
    seen = await run_tool("query_data", orders, sql="SELECT sum(amount) AS total FROM data;")
    assert seen.summary == "total = 1800.0"
    assert seen.data == {
        "sql": "SELECT sum(amount) AS total FROM data;",
        "columns": ["total"],
        "rows": [[1800.0]],
        "rows_shown": 1,
        "more": False,
        "misfits": {},
    }


async def test_it_is_refused_before_the_schema(write, run_tool):
    with pytest.raises(InputError, match="Run analyze_schema first"):
        await run_tool("query_data", write(table()), sql="SELECT 1")


async def test_rows_are_those_after_the_recorded_rules(write, run_tool):
    rows = table()
    bench = write([*rows, rows[1]])
    await run_tool("analyze_schema", bench)
    query = "SELECT count(*) AS n, count(city) AS named, min(city) AS city FROM data"
    before = await run_tool("query_data", bench, sql=query)
    await run_tool("transform_data", bench)
    after = await run_tool("query_data", bench, sql=query)
    assert before.data["rows"] == [[61, 40, "Ulm"]]
    assert after.data["rows"] == [[60, 40, "Ulm"]]


async def test_a_cell_that_does_not_fit_is_null_and_is_told(orders, run_tool):
    seen = await run_tool("query_data", orders, sql="SELECT qty FROM data WHERE id = 5")
    assert seen.data["rows"] == [[None]]
    assert seen.data["misfits"] == {"qty": 1}
    assert "qty 1" in seen.summary
    other = await run_tool("query_data", orders, sql="SELECT count(id) FROM data")
    assert other.data["misfits"] == {}


async def test_only_the_first_rows_leave_the_engine(orders, run_tool):
    seen = await run_tool("query_data", orders, sql="SELECT i FROM range(5000000) t(i)")
    assert (seen.data["rows_shown"], len(seen.data["rows"]), seen.data["more"]) == (20, 20, True)
    assert seen.summary.startswith("more than 20 rows: i = 0; i = 1; ")


async def test_the_order_asked_for_is_kept(orders, run_tool):
    seen = await run_tool("query_data", orders, sql="SELECT id FROM data ORDER BY id DESC")
    assert seen.data["rows"][:2] == [[59], [58]]


def test_one_thread_answers_so_that_groups_come_in_the_same_order(analyzed, tmp_path):
    place = Workplace.of("orders", analyzed.workspace)
    question = Question(
        dataset="orders",
        folder=place.folder,
        spill=tmp_path,
        sql="SELECT city, count(*) FROM data GROUP BY city",
        rows=20,
        memory_bytes=1 << 28,
        threads=None,
        seconds=5,
    )

    def job(session):
        assert len(reply(question, session).answer.rows) == 2
        return session.row("SELECT current_setting('threads')")

    assert work_here("test", job, folder=tmp_path, memory_bytes=1 << 28, threads=4) == (1,)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("9007199254740993", "9007199254740993"),
        ("CAST(42 AS HUGEINT)", 42),
        ("CAST(1.25 AS DECIMAL(9, 2))", 1.25),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),
        ("CAST('nan' AS DOUBLE)", None),
        ("1 = 1", True),
        ("DATE '2026-01-31'", "2026-01-31"),
        ("TIMESTAMP '2026-01-31 12:00:00'", "2026-01-31T12:00:00"),
        ("[1, 2]", "[1, 2]"),
        ("repeat('x', 500)", "x" * 200 + "…"),
        ("NULL", None),
    ],
)
def test_values_are_exact_json(in_place, expression, value):
    (row,) = in_place(f"SELECT {expression}").answer.rows
    assert row == (value,)
    assert type(row[0]) is type(value)


@pytest.mark.parametrize(
    "sql",
    [
        "FROM data SELECT count(*)",
        "SELECT median(amount), mode(city), string_agg(city, ',' ORDER BY id) FROM data",
        "SELECT year(day), date_trunc('month', day), day - 3, day + INTERVAL 1 DAY FROM data",
        "SELECT id, lag(amount) OVER (PARTITION BY city ORDER BY day) FROM data",
        "WITH a AS (FROM data), b AS (SELECT * FROM a) SELECT count(*) FROM b JOIN a USING (id)",
        "SELECT * EXCLUDE (id) FROM data QUALIFY row_number() OVER (ORDER BY id) = 1",
        "SELECT city, GROUPING(city) FROM data GROUP BY ROLLUP (city)",
        "PIVOT data ON city IN ('Ulm') USING count(*)",
        "SELECT list_sum([1]), list_transform([1], lambda x: x + 1), {'a': 1}.a, coalesce(1, 2)",
        "SELECT id FROM data WHERE id = (SELECT max(id) FROM data) UNION SELECT 1 ORDER BY 1",
        "SELECT city FROM data WHERE city LIKE 'U%' AND id BETWEEN 1 AND 3 AND city IN ('Ulm')",
        "SUMMARIZE data",
        "DESCRIBE data",
        "VALUES (1), (2)",
        "SELECT ';' AS \";\" /* ; */ FROM data -- ; DROP TABLE data",
    ],
)
def test_a_select_may_be_what_duckdb_knows(in_place, sql):
    received = in_place(sql)
    assert received.refused == ""
    assert received.answer.columns


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("SELECT citi FROM data", 'Candidate bindings: "city"'),
        ("SELECT avgg(id) FROM data", "Did you mean 'avg'?"),
        ("SELECT * FROM orders", "There is no table 'orders' here: the only one is 'data'."),
        ("SELECT * FROM", "Parser Error: syntax error at or near"),
        ("SELECT CAST(city AS INT) FROM data", "Could not convert string 'Ulm'"),
        ("SELECT city, count(*) FROM data", "Either add it to the GROUP BY list"),
        ("SELECT $1", "Values were not provided"),
        ("PIVOT data ON city USING count(*)", "list them with IN"),
        (f"SELECT {', '.join(f'{n}' for n in range(101))}", "It gives 101 columns"),
        (f"SELECT {'NOT ' * 900} true", "It is nested too deeply."),
        ("", "this is nothing"),
        ("-- nothing", "this is nothing"),
    ],
)
def test_what_is_wrong_is_said_so_that_it_can_be_put_right(in_place, sql, said):
    received = in_place(sql)
    assert received.answer is None
    assert said in received.refused
    assert len(received.refused) <= 500


HOSTILE = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_parquet('orders/parts/000.parquet')",
    "FROM read_text('/etc/passwd')",
    "FROM read_blob('/etc/passwd')",
    "FROM read_json('/etc/passwd')",
    "FROM glob('/*')",
    "FROM sniff_csv('/etc/passwd')",
    "FROM parquet_metadata('/etc/passwd')",
    "FROM '/etc/passwd'",
    "FROM '/etc/passwd.csv'",
    "SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))",
    "SELECT (SELECT max(content) FROM read_text('/etc/passwd'))",
    'FROM "/etc/passwd.csv", (WITH "/etc/passwd.csv" AS (SELECT 1) SELECT 1)',
    "COPY data TO 'stolen.csv'",
    "COPY (SELECT 1) TO 'stolen.csv'",
    "EXPORT DATABASE 'stolen'",
    "ATTACH 'stolen.db'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET threads = 1",
    "SET enable_external_access = true",
    "RESET memory_limit",
    "PRAGMA database_list",
    "PRAGMA version",
    "CALL pragma_version()",
    "USE memory",
    "CREATE TABLE t AS SELECT 1",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE MACRO f() AS 1",
    "INSERT INTO data SELECT * FROM data",
    "UPDATE data SET id = 1",
    "DELETE FROM data",
    "DROP TABLE data",
    "WITH x AS (INSERT INTO data SELECT * FROM data RETURNING *) SELECT count(*) FROM x",
    "WITH x AS (DELETE FROM data RETURNING *) SELECT count(*) FROM x",
    "WITH x AS (UPDATE data SET id = 1 RETURNING *) SELECT count(*) FROM x",
    "SELECT id INTO t FROM data",
    "SELECT 1; DROP TABLE data",
    "SELECT ';'; /* ; */ COPY data TO 'stolen.csv'; --",
    "EXPLAIN ANALYZE COPY data TO 'stolen.csv'",
    "EXPLAIN SELECT 1",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "BEGIN",
    "CHECKPOINT",
    "VACUUM",
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT system.main.current_setting('temp_directory')",
    "SELECT current_query()",
    "SELECT getvariable('x')",
    "SELECT nextval('x')",
    "SELECT random()",
    "SELECT pg_sleep(100)",
    "SELECT sleep_ms(100000)",
    "SELECT write_log('x')",
    "SELECT json_serialize_plan('SELECT 1')",
    "FROM duckdb_settings()",
    "FROM duckdb_secrets()",
    "FROM duckdb_temporary_files()",
    "FROM pg_settings",
    "FROM pg_catalog.pg_settings",
    "FROM information_schema.tables",
    "FROM duckdb_tables",
    "FROM sqlite_master",
    "FROM staged",
    "FROM kept",
    "FROM part_000",
    "FROM memory.main.data",
    "FROM pg_settings, (WITH pg_settings AS (SELECT 1) FROM pg_settings)",
    "SUMMARIZE pg_settings",
    "FROM (SUMMARIZE pg_settings)",
    "DESCRIBE pg_settings",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW DATABASES",
    "FROM histogram(pg_settings, value)",
    "FROM query('FROM pg_settings')",
    "FROM query_table('pg_settings')",
    "FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "FROM enable_logging()",
    "FROM seq_scan('data')",
    "FROM pandas_scan(1)",
    "FROM python_map_function((FROM data))",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_hostile_sql_is_refused_before_it_runs(in_place, sql, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    received = in_place(sql)
    assert received.answer is None
    assert received.refused
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("FROM read_text('/etc/passwd')", "disabled by configuration"),
        ("FROM glob('/*')", "disabled by configuration"),
        ("FROM '/etc/passwd.csv'", "disabled by configuration"),
        ("COPY kept TO 'stolen.csv'", "disabled by configuration"),
        ("ATTACH 'stolen.db'", "disabled by configuration"),
        ("LOAD httpfs", "disabled through configuration"),
        ("SET memory_limit = '1TB'", "configuration has been locked"),
        ("SET allowed_directories = ['/']", "configuration has been locked"),
        ("SET enable_external_access = true", "configuration has been locked"),
    ],
)
def test_a_locked_session_reaches_nothing_even_without_the_guard(tmp_path, sql, said):
    def job(session):
        session.rows("CREATE TABLE kept AS SELECT 1")
        session.lock()
        with pytest.raises(session.failure, match=said):
            session.rows(sql)

    work_here("test", job, folder=tmp_path, memory_bytes=1 << 28, threads=1)


def test_a_locked_session_still_spills(tmp_path):
    def job(session):
        session.rows(
            "CREATE TABLE data AS SELECT range AS i, md5(range::VARCHAR) AS s FROM range(3000000)"
        )
        session.lock()
        (rows,) = session.row("SELECT count(*) FROM (SELECT DISTINCT s FROM data)")
        return rows, session.row("SELECT sum(size) > 0 FROM duckdb_temporary_files()")[0]

    found = work_here("test", job, folder=tmp_path, memory_bytes=1 << 27, threads=1)
    assert found == (3_000_000, True)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT repeat('x', 4000000000)",
        "SELECT len(range(2000000000))",
        "SELECT list(a.i * b.i) FROM range(100000) a(i), range(100000) b(i)",
        f"SELECT length({'replace(' * 4}'a'{', $$a$$, repeat($$a$$, 1000))' * 4})",
    ],
)
async def test_a_memory_bomb_is_an_error_and_no_crash(orders, run_tool, sql):
    seen = await run_tool("query_data", orders, sql=sql)
    assert seen.error is not None
    assert "Out of Memory" in seen.error or "lack of memory" in seen.error
    assert (await run_tool("query_data", orders, sql="SELECT 1 AS n")).summary == "n = 1"


@pytest.mark.parametrize(
    "sql", [ENDLESS, "SELECT max(i) FROM generate_series(1, 1000000000000) t(i)"]
)
async def test_an_endless_query_is_stopped_and_leaves_nothing(orders, sql):
    tool = QueryData(QueryOptions(seconds=1))
    seen = await tool.run(QueryRequest(dataset="orders", sql=sql), orders)
    assert "It was stopped after 1 s" in seen.error
    assert [path.name for path in orders.workspace.rglob(".query-*")] == []


async def test_a_cancelled_query_leaves_no_process(orders, monkeypatch):
    began, started, start = asyncio.Event(), [], asyncio.create_subprocess_exec

    async def starting(*args, **options):
        started.append(await start(*args, **options))
        began.set()
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", starting)
    tool = QueryData(QueryOptions())
    running = asyncio.ensure_future(tool.run(QueryRequest(dataset="orders", sql=ENDLESS), orders))
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert started[0].returncode is not None
    assert list(orders.workspace.rglob(".query-*")) == []


async def test_data_that_vanished_is_no_mistake_of_the_sql(orders, run_tool):
    for part in (orders.workspace / "orders" / "parts").glob("*.parquet"):
        part.unlink()
    with pytest.raises(InputError):
        await run_tool("query_data", orders, sql="SELECT 1")


async def test_the_process_knows_nothing_of_our_environment(orders, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    assert set(query_process._environment()) <= {
        "LD_LIBRARY_PATH",
        "PYTHONHOME",
        "TZ",
        "PYTHONPATH",
    }
    assert "ANTHROPIC_API_KEY" in os.environ


async def test_a_process_that_breaks_off_is_an_error(orders, tmp_path, monkeypatch):
    monkeypatch.setattr(query_process, "_WORKER", "dataagents.plugins.data.no_such_module")
    question = Question(
        dataset="orders",
        folder=tmp_path,
        spill=tmp_path,
        sql="SELECT 1",
        rows=1,
        memory_bytes=1 << 28,
        threads=1,
        seconds=20,
    )
    assert "broke off with status 1" in (await query_process.ask(question)).refused


def test_a_query_has_a_bounded_length_and_the_tool_its_limits():
    with pytest.raises(ValidationError):
        QueryRequest(dataset="orders", sql="x" * 4001)
    tool = QueryData(QueryOptions(seconds=5, calls=3))
    assert (tool.effect, tool.limits.seconds, tool.limits.calls) == (Effect.READ, 15, 3)


def test_what_decides_about_drift_is_reserved_for_the_task():
    reserved = {
        name
        for name, field in SchemaRequest.model_fields.items()
        if field.json_schema_extra == RESERVED
    }
    assert reserved == {"mode", "lenient", "on_drift", "by", "reason", "election"}
