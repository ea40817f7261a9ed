"""The lists: each reads a page of the store and gives rows that can be shown."""

from collections.abc import Sequence

from dataagents.console.view.alert_lines import AlertLine, alert_line
from dataagents.console.view.audit_lines import AuditLine, audit_line, issued_line
from dataagents.console.view.dataset_lines import DatasetLine, dataset_line
from dataagents.console.view.decisions import DecisionLine, auction_line, election_line
from dataagents.console.view.lesson_lines import LessonLine, lesson_line
from dataagents.console.view.message_lines import MessageLine, message_line
from dataagents.console.view.plan_lines import PlanLine, plan_line
from dataagents.console.view.run_lines import INTERRUPTED, RunLine, run_line
from dataagents.core.commands import Command
from dataagents.core.goals import UNDER_WAY
from dataagents.storage import StoreReader
from dataagents.storage.browsing import Found, Page


async def runs(reader: StoreReader, page: Page) -> Found[RunLine]:
    """Return runs; one that no kernel is at any more was interrupted, without an event of it."""
    found, holder = await reader.browse.runs(page), reader.holder()
    rows = tuple(
        run_line(
            id=run.id,
            goal=run.goal,
            status=INTERRUPTED if run.status in UNDER_WAY and holder is None else run.status,
            started=run.started,
            place=run.place,
            ended=run.ended,
            seconds=run.seconds,
            score=run.score,
            reason=run.reason,
            inputs=run.inputs,
            tasks=run.tasks,
            done=run.done,
            failed=run.failed,
            last_failure=run.last_failure,
        )
        for run in found.rows
    )
    return Found(rows, found.searched)


async def messages(reader: StoreReader, page: Page) -> Found[MessageLine]:
    """Return messages, by when they were sent."""
    found = await reader.browse.messages(page)
    rows = tuple(
        message_line(
            place=each.place,
            id=each.id,
            at=each.at,
            type=each.type,
            sender=each.sender,
            recipient=each.recipient,
            payload=each.payload,
            conversation=each.conversation,
            reply_to=each.reply_to,
            run=each.run,
            status=each.status,
            reason=each.reason,
            seconds=each.seconds,
        )
        for each in found.rows
    )
    return Found(rows, found.searched)


async def decisions(reader: StoreReader, page: Page) -> Found[DecisionLine]:
    """Return votes and auctions in one list, by when they were opened."""
    votes = await reader.browse.elections(page)
    auctions = await reader.browse.auctions(page)
    lines = [
        *(
            election_line(
                place=each.place,
                id=each.id,
                question=each.question,
                about=each.about,
                run=each.run,
                task=each.task,
                at=each.at,
                closed=each.closed,
                verdict=each.verdict,
                decision=each.decision,
                rule=each.rule,
                voted=each.voted,
                abstained=each.abstained,
                confidence=each.confidence,
                recalled=each.recalled is not None,
                counts=each.counts,
            )
            for each in votes.rows
        ),
        *(
            auction_line(
                place=each.place,
                id=each.lot,
                task=each.task,
                run=each.run,
                at=each.at,
                outcome=each.outcome,
                winner=each.winner,
                price=each.price,
                bids=each.bids,
                budget=each.budget,
            )
            for each in auctions.rows
        ),
    ]
    return _merged(lines, (votes.searched, auctions.searched), page)


def _merged(
    lines: list[DecisionLine], searched: tuple[int | None, int | None], page: Page
) -> Found[DecisionLine]:
    """Join two lists: only as far as both were read, since the one may go on before the other."""
    lines.sort(key=lambda line: line.place, reverse=True)
    reached = [each for each in searched if each is not None]
    if not reached:
        return Found(tuple(lines))
    if page.upwards:
        end = min(reached)
        return Found(tuple(line for line in lines if line.place <= end), end)
    end = max(reached)
    return Found(tuple(line for line in lines if line.place >= end), end)


async def plans(reader: StoreReader, page: Page) -> Found[PlanLine]:
    """Return plans and replans."""
    found = await reader.browse.plans(page)
    rows = tuple(
        plan_line(
            id=each.id,
            at=each.at,
            run=each.run,
            goal=each.goal,
            tasks=each.tasks,
            done=each.run_tasks_done,
            confidence=each.confidence,
            seconds=each.seconds,
            replaces=each.replaces,
            trigger=each.trigger,
            failed_task=each.failed_task,
            failure=each.failure,
            reason=each.reason,
            kept=each.kept,
            added=each.added,
            removed=each.removed,
            place=each.place,
        )
        for each in found.rows
    )
    return Found(rows, found.searched)


async def lessons(reader: StoreReader, page: Page) -> Found[LessonLine]:
    """Return lessons, by when they changed last."""
    found = await reader.browse.lessons(page)
    return Found(tuple(lesson_line(e.seq, e.event) for e in found.rows), found.searched)


async def datasets(reader: StoreReader, page: Page) -> Found[DatasetLine]:
    """Return data sets, by when something was last made of them."""
    found = await reader.browse.datasets(page)
    rows = tuple(
        dataset_line(
            place=each.place,
            dataset=each.name,
            sources=each.sources,
            operation=each.operation,
            run=each.run,
            agent=each.agent,
            at=each.at,
            task=each.task,
        )
        for each in found.rows
    )
    return Found(rows, found.searched)


async def alerts(reader: StoreReader, page: Page) -> Found[AlertLine]:
    """Return alerts, those that are over too."""
    found = await reader.browse.alerts(page)
    rows = tuple(
        alert_line(
            id=each.id,
            raised=each.raised,
            rule=each.rule,
            subject=each.subject,
            severity=each.severity,
            detail=each.detail,
            impact=each.impact,
            ended=each.ended,
            acknowledged_by=each.acknowledged_by,
            acknowledged_at=each.acknowledged,
            note=each.note,
            resolved_by=each.resolved_by,
            resolution=each.resolved_note,
            place=each.place,
        )
        for each in found.rows
    )
    return Found(rows, found.searched)


async def issued(reader: StoreReader, waiting: Sequence[Command]) -> tuple[AuditLine, ...]:
    """Return the commands without an answer that the journal lacks as well; newest first."""
    known = [bool(await reader.entities.about("command", each.id, 1)) for each in waiting]
    pairs = zip(waiting, known, strict=True)
    return tuple(reversed([issued_line(each) for each, is_known in pairs if not is_known]))


async def commands(reader: StoreReader, page: Page) -> Found[AuditLine]:
    """Return what operators wanted, and what came of it."""
    found = await reader.browse.commands(page)
    rows = tuple(
        audit_line(
            id=each.id,
            kind=each.kind,
            target=each.target,
            actor=each.actor,
            made=each.made or each.at,
            reason=each.reason,
            origin=each.origin,
            state=each.state,
            message=each.message,
            answered=each.answered,
            epoch=each.epoch,
            arguments=each.arguments,
            place=each.place,
        )
        for each in found.rows
    )
    return Found(rows, found.searched)
