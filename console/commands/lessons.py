"""`dataagents lessons`: what was learned, whether it shows, and the last word about it."""

from pathlib import Path
from typing import Annotated

import typer

from dataagents.console.commands.ending import Ending
from dataagents.console.commands.options import DebugOption, JsonOption, StoreOption
from dataagents.console.launch import DEFAULT_STORE

EXAMPLES = """\b
Examples:
  dataagents lessons                                what was learned
  dataagents lessons show decide_schema@in          one of them, explained
  dataagents lessons disable decide_schema@in --reason 'the source was fixed'
  dataagents lessons pin do/slow --reason 'it is the safe one'
  dataagents lessons enable decide_schema@in        back to reflection
  dataagents lessons forget reputation:router       with its evidence
  dataagents lessons export lessons.json            - is stdout
  dataagents lessons import lessons.json            into this store

\b
A lesson is called by its id, its subject, or the beginning or end of them.
What a person pinned or disabled holds whatever is learned afterwards.
"""

LessonArgument = Annotated[
    str, typer.Argument(metavar="LESSON", help="Its id or subject, or the beginning or end of it.")
]
ReasonOption = Annotated[
    str, typer.Option("--reason", metavar="TEXT", help="Why; it goes on record.")
]


def make_lessons() -> typer.Typer:
    """Return the command with its own commands."""
    names = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    made = typer.Typer(rich_markup_mode=None, context_settings=names)
    made.callback(invoke_without_command=True, epilog=EXAMPLES)(lessons)
    for name, command in (
        ("show", show), ("pin", pin), ("disable", disable), ("enable", enable),
        ("forget", forget), ("export", export), ("import", import_),
    ):  # fmt: skip
        made.command(name)(command)
    return made


def lessons(
    context: typer.Context,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """List what was learned from earlier runs: what it changes, and whether that helps."""
    if context.invoked_subcommand is not None:
        context.obj = store
        return
    with Ending(debug):
        from dataagents.console.commands.lesson_file import read_lessons
        from dataagents.console.commands.lesson_report import lessons_json, lessons_report
        from dataagents.console.commands.output import show, write_json

        found = read_lessons(store).lessons
        if json:
            write_json(lessons_json(found))
        else:
            show(lessons_report(found) if found else "No lessons yet: dataagents run PATH")


def show(
    context: typer.Context,
    lesson: LessonArgument,
    store: StoreOption = DEFAULT_STORE,
    json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """Explain a lesson: evidence, bounds, trial, and who changed it when and why."""
    with Ending(debug):
        from dataagents.console.commands.lesson_file import find_lesson, read_lessons
        from dataagents.console.commands.lesson_report import lesson_json, lesson_report
        from dataagents.console.commands.output import Screen, write_json
        from dataagents.console.commands.output import show as put

        learned = read_lessons(_store(context, store))
        meant = find_lesson(learned.lessons, lesson)
        history = learned.history(meant.id)
        if json:
            write_json(lesson_json(meant, history))
        else:
            put(lesson_report(meant, history, Screen().width))


def pin(
    context: typer.Context,
    lesson: LessonArgument,
    reason: ReasonOption = "",
    store: StoreOption = DEFAULT_STORE,
    debug: DebugOption = False,
) -> None:
    """Keep a lesson as it is and in force, whatever happens."""
    _decide(context, store, lesson, "pinned", reason, debug)


def disable(
    context: typer.Context,
    lesson: LessonArgument,
    reason: ReasonOption = "",
    store: StoreOption = DEFAULT_STORE,
    debug: DebugOption = False,
) -> None:
    """Keep a lesson from changing anything."""
    _decide(context, store, lesson, "disabled", reason, debug)


def enable(
    context: typer.Context,
    lesson: LessonArgument,
    reason: ReasonOption = "",
    store: StoreOption = DEFAULT_STORE,
    debug: DebugOption = False,
) -> None:
    """Give a pinned, disabled or rolled back lesson back to reflection, for a new trial."""
    _decide(context, store, lesson, "trial", reason, debug)


def forget(
    context: typer.Context,
    lesson: LessonArgument,
    reason: ReasonOption = "",
    store: StoreOption = DEFAULT_STORE,
    debug: DebugOption = False,
) -> None:
    """Take a lesson and its evidence away; new evidence alone can bring it back."""
    _decide(context, store, lesson, "forgotten", reason, debug)


def export(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write; - is stdout.")],
    store: StoreOption = DEFAULT_STORE,
    debug: DebugOption = False,
) -> None:
    """Write all lessons to a file, in JSON, for `lessons import` into another store."""
    with Ending(debug):
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.lesson_file import read_lessons, write_lessons

        found = read_lessons(_store(context, store)).lessons
        write_lessons(found, file)
        tell(f"{len(found)} lessons exported to {'stdout' if file == '-' else file}.")


def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `export` wrote.")],
    reason: ReasonOption = "",
    store: StoreOption = DEFAULT_STORE,
    debug: DebugOption = False,
) -> None:
    """Take over the lessons of a file, in the place of those with the same id."""
    with Ending(debug):
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.lesson_file import adopt, load_lessons

        found = load_lessons(file)
        adopt(_store(context, store), found, reason or f"from {file}")
        tell(f"{len(found)} lessons imported.")


def _decide(
    context: typer.Context, store: Path, lesson: str, state: str, reason: str, debug: bool
) -> None:
    with Ending(debug):
        from dataagents.console.commands.ending import tell
        from dataagents.console.commands.lesson_file import decide
        from dataagents.core.reflection import LessonState

        changed = decide(_store(context, store), lesson, LessonState(state), reason)
        tell(f"{changed.id} is {'on trial' if state == 'trial' else state} now.")


def _store(context: typer.Context, given: Path) -> Path:
    """Return the store that is named behind the command, or before it."""
    before = context.obj
    return before if given == DEFAULT_STORE and isinstance(before, Path) else given
