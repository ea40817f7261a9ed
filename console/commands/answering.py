"""What `dataagents reason` does: has one agent answer a question in a session."""

import asyncio
import sys

from rich.console import Group

from dataagents.console.commands.answer_report import answer_report, closing_lines, no_answer
from dataagents.console.commands.ending import STATUS_CODES, tell
from dataagents.console.commands.intake import require_engine
from dataagents.console.commands.logs import logs
from dataagents.console.commands.output import Screen, put, say, write_json
from dataagents.console.commands.progress import Progress
from dataagents.console.commands.question import QuestionRequest, question_config, question_goal
from dataagents.console.commands.request import log_level
from dataagents.console.commands.session import Session
from dataagents.console.commands.settings import secrets_of
from dataagents.console.commands.steps import Steps
from dataagents.console.commands.trace import read_run
from dataagents.core.clock import SystemClock
from dataagents.core.values import to_json


def answer_question(request: QuestionRequest) -> int:
    """Have a question answered, show the answer, and return the exit code.

    Raises:
        DataAgentsError: Something that the answer needs can't be used.
    """
    require_engine("dataagents reason")
    goal, config = question_goal(request), question_config(request)
    screen = Screen("stderr")
    level = log_level(request, config, live=True)
    progress = Progress() if request.quiet else Steps(screen, SystemClock(), config.model)
    session = Session(request.store, config, progress)
    with logs(screen, level, secrets_of(config), config.log_format):
        result = session.conduct(goal)
    view = asyncio.run(read_run(request.store, result.outcome.run))
    report = answer_report(request.question.strip(), request.path, result, view, str(request.store))
    if request.json:
        write_json(to_json(report))
    elif report.answer is not None:
        # Where both streams meet on one terminal, the answer stands between blank lines.
        between = not request.quiet and screen.is_terminal and sys.stdout.isatty()
        say(f"\n{report.answer}\n" if between else report.answer)
    if report.answer is None:
        tell(no_answer(report))
    if not request.quiet:
        put(screen, Group(*closing_lines(report, has_model=bool(config.model))))
    return STATUS_CODES[report.status]
