"""Agents as rows: how each one is, why it is so, and what it does."""

from dataclasses import dataclass

from dataagents.console.view.agents import AgentView, Work
from dataagents.console.view.cells import Cell
from dataagents.console.view.listing import Field, Listing, Preset, Sections
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.plots import sparkline
from dataagents.console.view.words import age, duration, health_word, percent, plural
from dataagents.core.health import Health
from dataagents.core.records import quick

_CURVE = 8


@quick
@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent at one moment."""

    id: str
    role: str
    state: str
    mark: Mark
    beat: float | None
    """Seconds since its last health check."""
    answer: float | None
    """Seconds that it took to answer that."""
    queue: int
    done: int
    failed: int
    quality: float | None
    work: Work
    """What it finished lately."""
    doing: str
    why: str
    """Why it is in a state that needs a look; empty when it is well."""
    run: str
    summary: str
    capabilities: str
    interval: float | None
    failures: int
    error_rate: float | None


def agent_line(agent: AgentView, moment: Moment) -> AgentLine:
    """Return an agent as it is now."""
    state, mark = health_word(agent, moment.now, live=moment.live)
    beat = age(agent.beat, moment.now)
    return AgentLine(
        agent.id, agent.role, state, mark, beat, agent.seconds, agent.queue, agent.done,
        agent.failed, agent.quality, agent.work, agent.doing,
        _why(agent, state, beat), agent.run, agent.summary, agent.capabilities, agent.interval,
        agent.failures, agent.error_rate,
    )  # fmt: skip


def _why(agent: AgentView, state: str, beat: float | None) -> str:
    if state in ("healthy", "busy"):
        return ""
    parts: list[str] = []
    if state == "ended":
        # What an agent was at when its kernel went is what one opens a dead store for.
        if agent.health in (Health.HEALTHY, Health.STOPPED) and not agent.doing:
            return ""
        parts.append(f"was {agent.health}")
    elif state == "late" and agent.health != Health.LATE and beat is not None:
        limit = f", checked every {duration(agent.interval)}" if agent.interval else ""
        parts.append(f"not heard of for {duration(beat)}{limit}")
    if agent.detail:
        parts.append(agent.detail.replace("\n", " ").removeprefix(f"agent {agent.id}: "))
    if agent.failures:
        parts.append(f"{plural(agent.failures, 'check')} failed in a row")
    if agent.error_rate:
        parts.append(f"{percent(agent.error_rate)} of its work failed")
    if agent.doing and state != "refused":
        parts.append(f"in {agent.doing}")
    return "; ".join(parts)


def _was_unwell(line: AgentLine) -> bool:
    return line.state == "ended" and bool(line.why)


def _state(line: AgentLine, moment: Moment) -> Cell:
    return Cell(f"{moment.glyph(line.mark)} {line.state}", line.mark.value)


def _doing(line: AgentLine, moment: Moment) -> Cell:
    text = line.why or line.doing
    tone = line.mark.value if line.why and line.state != "ended" else ("" if text else "dim")
    return Cell(text or "-", tone)


def _quality(line: AgentLine, moment: Moment) -> Cell:
    return Cell("" if line.quality is None else f"{line.quality:.2f}")


def _work(line: AgentLine, moment: Moment) -> Cell:
    slots = line.work.until(moment.now)
    if not any(slots):
        return Cell(moment.glyphs.spark[0] * _CURVE, "dim")
    return Cell(sparkline(slots, moment.glyphs, _CURVE, low=0), "busy")


def _sections(line: AgentLine, moment: Moment) -> Sections:
    heard = f"{duration(line.beat)} ago" if line.beat is not None else ""
    facts = (
        ("state", f"{moment.glyph(line.mark)} {line.state}"),
        ("why", line.why),
        ("doing", line.doing if not _was_unwell(line) else ""),
        ("last check", heard),
        ("answered in", duration(line.answer)),
        ("checked every", duration(line.interval)),
        ("tasks", f"{line.done:,} done, {line.failed:,} failed"),
        ("data quality", "" if line.quality is None else f"{line.quality:.3f}, mean of its latest"),
        ("failed lately", "" if line.error_rate is None else percent(line.error_rate)),
        ("role", line.role if line.role != line.id else ""),
        ("last run", f"run:{line.run}" if line.run else ""),
        ("capabilities", line.capabilities),
        ("about", line.summary),
    )
    return ((f"agent {line.id}", ""), *(fact for fact in facts if fact[1]))


AGENTS: Listing[AgentLine] = Listing(
    name="agents",
    noun="agent",
    fields=(
        Field("agent", "AGENT", lambda a, m: a.id, "its id", lambda a, m: Cell(a.id, "strong"), 20),
        Field("state", "STATE", lambda a, m: a.state,
              "healthy, busy, late, degraded, failed, draining, refused, removed, ended", _state,
              11),
        Field("beat", "BEAT", lambda a, m: a.beat, "seconds since its last health check",
              lambda a, m: Cell(duration(a.beat), "warn" if a.state == "late" else ""), 6, True,
              needs=46),
        Field("answer", "ANSWER", lambda a, m: a.answer, "seconds that it took to answer it",
              lambda a, m: Cell(duration(a.answer)), 6, True, needs=112),
        Field("queue", "QUEUE", lambda a, m: a.queue, "messages that wait for it", None, 5, True,
              needs=88),
        Field("done", "DONE", lambda a, m: a.done, "tasks done",
              lambda a, m: Cell(f"{a.done:,}"), 6, True, needs=54),
        Field("err", "FAIL", lambda a, m: a.failed, "tasks failed",
              lambda a, m: Cell(f"{a.failed:,}", "fail" if a.failed else "dim"), 4, True,
              needs=50),
        Field("quality", "QUAL", lambda a, m: a.quality,
              "mean data quality of its latest tasks, from 0 to 1", _quality, 4, True, needs=90),
        Field("work", "LAST 60s", lambda a, m: float(sum(a.work.until(m.now))),
              "steps and tasks finished in the last minute", _work, _CURVE, needs=96),
        Field("role", "ROLE", lambda a, m: a.role, "its role in the team",
              lambda a, m: Cell(a.role, "dim"), 14, needs=130),
        Field("unwell", "", lambda a, m: "yes" if a.why else "no",
              "yes where something is wrong with it, or was when its kernel went"),
        Field("doing", "DOING", lambda a, m: a.why or a.doing,
              "what it does; what is wrong with it, if something is", _doing),
    ),
    key=lambda a: f"agent:{a.id}",
    mark=lambda a, m: a.mark,
    sections=_sections,
    empty="No agent has been deployed in this store yet.",
    finished=lambda a, m: a.state in ("ended", "removed", "stopped"),
    presets=(
        Preset("all", ""),
        Preset("unwell", "unwell=yes"),
        Preset("busy", "state:busy"),
    ),
)  # fmt: skip
"""The agents of a team."""
