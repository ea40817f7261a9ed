"""What `dataagents plan` shows: the hierarchy, the phases, the schedule, the risks, the figures."""

from collections.abc import Iterator, Sequence
from itertools import islice

from rich.console import Console, ConsoleOptions, RenderableType
from rich.console import Group as Lines
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from dataagents.console.commands.output import shown
from dataagents.console.commands.plan_asking import Made
from dataagents.console.view.plan_chart import MOST_LINES, PlanRow, clock, gantt, plan_rows
from dataagents.console.view.words import duration, percent
from dataagents.core.planning import Plan, Risk
from dataagents.core.values import Json, to_json

_MOST_ROWS = 200
"""Rows of the tree; the JSON has all."""
_MOST_RISKS = 12
_MOST_NAMES = 8
"""Tasks of the critical path that are named."""
_DEEPEST = 12
"""Levels of the tree that are indented; what is deeper stands at this one."""
_WIDEST = 120
"""Cells of the chart where the output is no terminal."""
_MEASURABLE = 0.0005
"""Seconds below which a phase took no time worth a figure."""
_INDENT = (0, 0, 0, 2)


def plan_report(made: Made, *, explain: bool = False) -> RenderableType:
    """Return a plan as people read it."""
    plan = made.plan
    parts: list[RenderableType] = [shown(_headline(made), "bold green"), ""]
    parts += [_tree(plan, explain=explain), ""]
    if plan.phases:
        parts += [_heading("Phases"), Padding(_phases(plan), _INDENT), ""]
    if plan.tasks:
        parts += [Schedule(plan), ""]
    if plan.risks:
        parts += [_heading("Risks"), Padding(_risks(plan.risks), _INDENT), ""]
    parts.append(Padding(_figures(made), _INDENT))
    return Lines(*parts)


def plan_json(made: Made) -> dict[str, Json]:
    """Return a plan as JSON, beside the name of its domain and what it was looked for with."""
    body = to_json(made.plan)
    del body["id"]  # the kernel gives one to a plan that it keeps
    return {
        "domain": made.problem.domain.name,
        "roots": [{"name": task.name, "args": dict(task.args)} for task in made.problem.tasks],
        "workers": made.problem.workers,
        **body,
    }


def _headline(made: Made) -> str:
    count = len(made.plan.tasks)
    tasks = f"{count:,} task{'' if count == 1 else 's'}"
    goal = made.plan.goal.task
    inputs = ", ".join(made.plan.goal.inputs)
    return f"{goal}{f' of {inputs}' if inputs else ''}: {tasks}, by {made.problem.domain.name}"


def _heading(text: str, note: str = "") -> Text:
    return Text.assemble((text, "bold"), (f"  {note}" if note else "", "dim"))


def _tree(plan: Plan, *, explain: bool) -> RenderableType:
    whole = Tree("", guide_style="dim", hide_root=True)
    branches = [whole]
    rows = plan_rows(plan)
    for row in islice(rows, _MOST_ROWS):
        depth = min(row.depth, _DEEPEST)
        del branches[depth + 1 :]
        branch = branches[-1].add(_line(row))
        branches.append(branch)
        if explain:
            for told in _reasons(row):
                branch.add(told)
    if next(rows, None) is None:
        return whole
    hidden = len(plan.tasks) + len(plan.decompositions) - _MOST_ROWS
    note = f"and {hidden:,} more lines: --format json has all"
    return Lines(whole, Text(note, "dim"))


def _line(row: PlanRow) -> Text:
    if row.method:
        note = "  nothing to do" if row.nothing else ""
        return Text.assemble((row.title, "bold"), ": ", (row.method, "cyan"), (note, "dim"))
    line = Text(row.title, "yellow" if row.critical else "")
    if row.seconds:
        line.append(f"  {duration(row.seconds)}", "dim")
    if row.critical:
        line.append("  critical", "yellow")
    if row.question:
        line.append("  vote: ", "dim").append(row.question, "italic")
    return line


def _reasons(row: PlanRow) -> Iterator[Text]:
    """Yield why a method was chosen, and why others were not."""
    if row.why:
        yield Text.assemble(("why: ", "dim"), row.why)
    for method, why in (row.rejected or {}).items():
        yield Text.assemble(("not ", "dim"), method, (": ", "dim"), why)


def _phases(plan: Plan) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True, justify="right")
    for phase in plan.phases:
        spent = duration(phase.seconds) if phase.seconds >= _MEASURABLE else "<1ms"
        table.add_row(shown(phase.name), Text(spent, "dim"), shown(phase.summary))
    return table


class Schedule:
    """When tasks run, as wide as the terminal is."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __rich_console__(
        self, console: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        """Draw the chart for the width and the characters that there are."""
        width = options.max_width if console.is_terminal else min(options.max_width, _WIDEST)
        chart = gantt(self._plan, width - 2, ascii_only=options.ascii_only)
        yield _heading("Schedule", _note(self._plan, timed=chart.timed))
        for line, critical in zip(chart.lines, chart.critical, strict=True):
            text = Text(f"  {line}", "yellow" if critical else "", no_wrap=True, overflow="crop")
            yield text
        if chart.hidden:
            first = f"the first {MOST_LINES} to start are shown"
            note = f"  and {chart.hidden:,} more: {first}, --format json has all"
            yield Text(note, "dim")
        yield from _critical_path(self._plan, ascii_only=options.ascii_only)


def _note(plan: Plan, *, timed: bool) -> str:
    if not timed:
        return "no task has an estimated duration: one step each"
    workers = plan.schedule.workers
    by = "" if workers is None else f", {workers} at a time at most"
    return f"{clock(plan.schedule.makespan)} from start to end{by}"


def _critical_path(plan: Plan, *, ascii_only: bool) -> Iterator[RenderableType]:
    path = plan.schedule.critical_path
    if not path:
        return
    names, hidden = list(path[:_MOST_NAMES]), len(path) - _MOST_NAMES
    if hidden > 0:
        names.append(f"{hidden:,} more")
    chain = (" -> " if ascii_only else " → ").join(names)
    yield Padding(Text.assemble(("critical: ", "dim"), shown(chain)), _INDENT)


def _risks(risks: Sequence[Risk]) -> RenderableType:
    """Return what may go wrong: how likely, with which task, and what can be done about it."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    for risk in risks[:_MOST_RISKS]:
        about = Table.grid(padding=(0, 2))
        about.add_column(no_wrap=True, style="dim")
        for label in ("impact", "mitigation", "contingency"):
            text = str(getattr(risk, label))
            if text:
                about.add_row(label, shown(text))
        chance = Text(percent(risk.probability), "yellow")
        table.add_row(chance, Lines(shown(risk.task, "bold"), about))
    hidden = len(risks) - _MOST_RISKS
    if hidden <= 0:
        return table
    return Lines(table, Text(f"and {hidden:,} more: --format json has all", "dim"))


def _figures(made: Made) -> Table:
    plan = made.plan
    table = Table.grid(padding=(0, 2))
    table.add_row("confidence", percent(plan.confidence))
    if plan.total_seconds or plan.seconds:
        table.add_row("critical path", clock(plan.seconds))
        table.add_row("all tasks", f"{clock(plan.total_seconds)}, one after another")
    else:
        table.add_row("duration", "unknown: no task has an estimate")
    if plan.cost:
        table.add_row("cost", f"{plan.cost:g}")
    if plan.merged:
        table.add_row("merged", f"{sum(len(each.dropped) for each in plan.merged):,} equal tasks")
    table.add_row("objective", str(plan.objective))
    return table
