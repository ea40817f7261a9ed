"""The session: everything an operator's console knows at one moment, free of any terminal."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from dataagents.console.feeds.library import Library
from dataagents.console.options import ConsoleOptions
from dataagents.console.preferences import Preferences, PreferencesFile
from dataagents.console.safe_text import safe_text
from dataagents.console.source import Pulse, SourceState
from dataagents.console.view.event_lines import EventLine
from dataagents.console.view.glyphs import Glyphs, glyphs_for
from dataagents.console.view.marks import Mark
from dataagents.console.view.moment import Moment
from dataagents.console.view.standing import Standing
from dataagents.console.view.status_line import Count, Status
from dataagents.console.view.words import age, duration, health_word
from dataagents.core.clock import Clock

_ORDER = (Mark.FAIL, Mark.WARN, Mark.BUSY, Mark.OK, Mark.NOTE, Mark.IDLE)


@dataclass(slots=True)
class Session:
    """What was read, folded, and how the operator looks at it."""

    library: Library
    clock: Clock
    options: ConsoleOptions = field(default_factory=ConsoleOptions)
    preferences: Preferences = field(default_factory=Preferences)
    remembered: PreferencesFile | None = None
    """Where preferences are kept; None where nothing is."""
    folder: Path = field(default_factory=Path)
    """Where exports are written."""
    warning: str = ""
    """What the operator should know about this machine, in a sentence."""
    standing: Standing = field(default_factory=Standing)
    generation: int = 0
    """Grows whenever the file became another one: what was read before is void."""
    pulse: Pulse | None = None
    """The latest one; None before the first."""
    operator: str = ""
    """Who acts; empty while the console only looks on."""
    issued: frozenset[str] = frozenset()
    """Commands that were issued here and whose answer is awaited, by id."""
    tail: tuple[EventLine, ...] = ()
    """The newest events, oldest first, where a screen has room for them."""
    tail_version: int = -1
    """What `version` was when they were read."""
    rate: float | None = None
    """Events a second, between the last two pulses that had any."""
    lag: float | None = None
    """Seconds between the newest event and its being read."""
    _heard: datetime | None = None
    """When the store grew last."""
    _read: Pulse | None = None
    """The latest pulse of a store that could be read."""

    @property
    def path(self) -> Path:
        """The store."""
        return self.library.path

    @property
    def glyphs(self) -> Glyphs:
        """The characters that lines, bars and marks are made of."""
        return glyphs_for(self.options.ascii)

    @property
    def live(self) -> bool:
        """Whether a kernel lives."""
        return self.pulse is not None and self.pulse.state is SourceState.LIVE

    @property
    def version(self) -> int:
        """Grows whenever what was read before may be out of date."""
        return 0 if self.pulse is None else self.pulse.version

    @property
    def epoch(self) -> int | None:
        """Which opening of the store the kernel that lives made; None without one."""
        return self.pulse.epoch if self.live and self.pulse is not None else None

    def take(self, pulse: Pulse) -> None:
        """Take what is new."""
        if pulse.fresh:
            self.generation += 1
        if pulse.fresh or pulse.begin is not None:
            self.standing = Standing()
        if pulse.begin is not None:
            self.standing.take(pulse.begin.events)
            self.standing.count(pulse.begin.tasks)
        self.standing.take(pulse.events)
        if pulse.state.is_readable:
            self._measure(pulse)
        self.pulse = pulse

    def _measure(self, pulse: Pulse) -> None:
        before, self._read = self._read, pulse
        if pulse.events and pulse.begin is None and self.standing.latest is not None:
            self.lag = max(0.0, (pulse.at - self.standing.latest).total_seconds())
        if before is None or pulse.fresh:
            self.rate = None
            return
        seconds = (pulse.at - before.at).total_seconds()
        if pulse.last > before.last:
            self._heard = pulse.at
        if seconds > 0 and pulse.last > before.last:
            self.rate = (pulse.last - before.last) / seconds

    def moment(self) -> Moment:
        """Return when, and how, everything is looked at."""
        return Moment(self.clock.now(), self.live, self.glyphs)

    def nothing(self, what: str, *, how: bool = True) -> str:
        """Return what an empty list says, or what is wrong with the store.

        Args:
            what: What the list will hold.
            how: Say how to have something in it.
        """
        if self.pulse is None or not self.pulse.state.is_readable:
            return self.pulse.sentence if self.pulse is not None else "opening the store"
        if not how:
            return what
        return (
            f"{what}\n\nTo see one, in another terminal:\n"
            "  dataagents run FILE.csv        a run of your own\n"
            "  dataagents-console demo        a demonstration with everything in it\n\n"
            "This screen follows the store and shows it as it happens."
        )

    def status(self) -> Status:
        """Return what the header says."""
        pulse, now = self.pulse, self.clock.now()
        state = SourceState.LOADING if pulse is None else pulse.state
        sentence = "" if pulse is None else pulse.sentence
        heard = duration(age(self.standing.latest, now))
        if self.live and self.standing.is_stale(now, self._heard):
            state, sentence = SourceState.STALE, f"the kernel has said nothing for {heard}"
        elif state is SourceState.ENDED and heard:
            how = "stopped" if self.standing.stopped else "is gone without a word"
            sentence = f"its kernel {how}, last heard of {heard} ago"
        store = safe_text(self.path.name)
        return Status(
            state=state.value,
            # There is no room for a path, which would hide what is wrong.
            sentence=sentence.replace(safe_text(str(self.path)), store),
            store=store,
            pid=(pulse.pid if pulse is not None and self.live else self.standing.pid),
            epoch=self.epoch,
            lag=self.lag if self.live else None,
            operator=self.operator,
            agents=len(self.standing.agents),
            counts=self._counts(),
            alerts=len(self.standing.alerts),
            unacknowledged=self.standing.unacknowledged,
            questions=len(self.standing.questions) if self.live else 0,
            now=now,
            warning=self.warning,
        )

    def _counts(self) -> tuple[Count, ...]:
        now = self.clock.now()
        words = Counter(
            health_word(agent, now, live=self.live) for agent in self.standing.agents.values()
        )
        counts = [Count(word, number, mark) for (word, mark), number in words.items()]
        return tuple(sorted(counts, key=lambda count: _ORDER.index(count.mark)))

    def arm(self, operator: str) -> None:
        """Let somebody act."""
        self.operator = safe_text(operator.strip(), limit=60)

    def remember(self, preferences: Preferences) -> None:
        """Keep other preferences."""
        self.preferences = preferences

    def drawn(self, *, ascii: bool) -> None:
        """Draw with other characters."""
        self.options = replace(self.options, ascii=ascii)
