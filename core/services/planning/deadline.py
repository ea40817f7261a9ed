"""The deadline: whether what is left of a plan still fits into the time that is left."""

from collections.abc import Iterable
from heapq import heapify, heappop

from dataagents.core.planning import PlannedTask
from dataagents.core.services.planning.frontier import longest_tails


class Deadline:
    """Watches the estimates of one plan against a clock.

    What is left takes at least as long as the longest chain of tasks that wait for one another, and
    at least its sum divided by the streams. Both are scaled by how long the tasks done so far took,
    compared with their estimates. Tasks without an estimate count as nothing.

    Args:
        tasks: What is left, in an order that respects what they wait for.
        streams: How many may run at the same time.
        at: When it has to be done, on the clock that `risk` is asked with; None for no deadline.
        pace: Measured seconds and estimated seconds of what was done under earlier plans.
    """

    def __init__(
        self,
        tasks: Iterable[PlannedTask],
        streams: int,
        at: float | None,
        pace: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        self._at = at
        self._streams = streams
        self._measured, self._estimated = pace
        left = () if at is None else tuple(tasks)
        self._seconds = {task.id: task.seconds for task in left}
        self._sum = sum(self._seconds.values())
        self._tails = [(-tail, task) for task, tail in longest_tails(left).items()]
        heapify(self._tails)
        self._raised = False

    @property
    def pace(self) -> tuple[float, float]:
        """Measured seconds and estimated seconds of what was done, as far as it had estimates."""
        return self._measured, self._estimated

    def done(self, task: PlannedTask, seconds: float) -> None:
        """Note that a task was done, and how long it took."""
        if task.seconds > 0:
            self._measured += seconds
            self._estimated += task.seconds
        self._sum -= self._seconds.pop(task.id, 0.0)

    def risk(self, now: float) -> str:
        """Return why the deadline is at risk, once; empty when it is not, or was said before."""
        if self._at is None or self._raised or not self._estimated:
            return ""
        while self._tails and self._tails[0][1] not in self._seconds:
            heappop(self._tails)
        longest = -self._tails[0][0] if self._tails else 0.0
        pace = self._measured / self._estimated
        needed, left = max(longest, self._sum / self._streams) * pace, self._at - now
        if needed <= left:
            return ""
        self._raised = True
        return (
            f"what is left takes {needed:.3g} s, at {pace:.3g} times the estimates; "
            f"there are {max(left, 0.0):.3g} s"
        )
