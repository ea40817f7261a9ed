"""Everything this framework raises on purpose.

DataAgentsError
├── ConfigError               a configuration key or value is wrong
├── InputError                a file, row, argument or message from outside is wrong
├── MissingExtraError         an optional dependency is not installed
├── PluginError               a plugin can't be used
│   ├── PluginLoadError       it failed while being imported or asked
│   ├── HookError             it has a hook that pluggy could not serve
│   └── DuplicateNameError    it uses a name that another plugin has
├── UnknownStrategyError      nobody provides the strategy that was asked for
├── StrategyError             a strategy, tool or agent raised or returned nonsense
│   ├── StrategyTimeoutError  it did not come back in time
│   └── QuarantinedError      it failed too often in a row and is not called any more
├── ModelError                a language model gave no answer
│   └── DecisionError         what it answered does not validate
├── NoPlanError               the planner found no way to the goal
├── ClosedError               a kernel or service was used after it was closed
├── StepError                 a durable step can't be done
│   ├── StepChangedError      the record has another step in its place, or other inputs
│   └── StepUndecidedError    it may have happened, and somebody has to decide
└── StoreError                the store can't be used
    ├── StoreLockedError      another kernel owns it
    ├── StoreVersionError     it was written by a newer version
    ├── StoreDamagedError     it is not a sound database of ours
    └── StoreInterruptedError a query was ended before it was done
"""

from collections.abc import Iterable

from dataagents.core.suggestions import did_you_mean


class DataAgentsError(Exception):
    """Root of every deliberate error; catch it to catch them all."""


class ConfigError(DataAgentsError):
    """Raised while configuration is read: the key or value named in the message is wrong."""

    def __init__(
        self, key: str, problem: str, *, source: str = "configuration", known: Iterable[str] = ()
    ) -> None:
        self.key = key
        self.problem = problem
        self.source = source
        self.known = tuple(sorted(known))
        hint = did_you_mean(key.rpartition(".")[2], self.known) if self.known else ""
        end = "" if problem.endswith("?") else "."
        super().__init__(f"{source}: {key}: {problem}{end}{hint}")


class InputError(DataAgentsError):
    """Raised when something that came from outside can't be used; says what, where, what to do."""

    def __init__(self, what: str, problem: str, *, hint: str = "") -> None:
        self.what = what
        self.problem = problem
        self.hint = hint
        super().__init__(f"{what}: {problem}." + (f" {hint}" if hint else ""))


class MissingExtraError(DataAgentsError):
    """Raised when a feature needs an extra that is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        self.feature = feature
        self.extra = extra
        super().__init__(f"{feature} needs the extra {extra!r}: pip install 'dataagents[{extra}]'.")


class PluginError(DataAgentsError):
    """Raised about one plugin, by name; without `strict` it is recorded instead."""

    def __init__(self, plugin: str, problem: str) -> None:
        self.plugin = plugin
        self.problem = problem
        super().__init__(f"plugin {plugin!r}: {problem}.")


class PluginLoadError(PluginError):
    """Raised when a plugin fails while it is imported, or while a hook of it runs at start-up."""


class HookError(PluginError):
    """Raised when a plugin has a hook that is unknown, a coroutine or a wrapper."""


class DuplicateNameError(PluginError):
    """Raised when a plugin takes a name that another one already has."""

    def __init__(self, plugin: str, other: str, what: str) -> None:
        self.other = other
        self.what = what
        super().__init__(plugin, f"{what} is already provided by plugin {other!r}")


class UnknownStrategyError(DataAgentsError):
    """Raised when a strategy is asked for that no loaded plugin provides."""

    def __init__(self, concern: str, name: str, known: Iterable[str]) -> None:
        self.concern = concern
        self.name = name
        self.known = tuple(sorted(known))
        hint = did_you_mean(name, self.known) or " No loaded plugin provides any."
        super().__init__(f"no {concern} named {name!r} is installed.{hint}")


class StrategyError(DataAgentsError):
    """Raised by the boundary in place of whatever plugin code raised; `__cause__` has that."""

    def __init__(self, plugin: str, what: str, problem: str) -> None:
        self.plugin = plugin
        self.what = what
        self.problem = problem
        super().__init__(f"{plugin}: {what}: {problem}")


class StrategyTimeoutError(StrategyError):
    """Raised when plugin code did not come back within its limit."""


class QuarantinedError(StrategyError):
    """Raised at once for plugin code that failed too often in a row."""


class ModelError(DataAgentsError):
    """Raised when a language model gave no answer.

    Args:
        model: Its name.
        problem: What happened.
        retryable: Whether asking again may help: too many requests, a server's failure, a broken
            connection.
        retry_after: Seconds that the server asked to wait; None when it did not.
    """

    def __init__(
        self,
        model: str,
        problem: str,
        *,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        self.model = model
        self.problem = problem
        self.retryable = retryable
        self.retry_after = retry_after
        super().__init__(f"model {model}: {problem}.")


class DecisionError(ModelError):
    """Raised when what a model decided does not validate; `text` is what it said."""

    def __init__(self, model: str, problem: str, text: str) -> None:
        self.text = text
        super().__init__(model, problem)


class NoPlanError(DataAgentsError):
    """Raised by a planner: names the deepest task it could not get past, and why."""

    def __init__(self, task: str, reason: str) -> None:
        self.task = task
        self.reason = reason
        super().__init__(f"no plan: task {task!r} is blocked: {reason}.")


class ClosedError(DataAgentsError):
    """Raised when a kernel or service is used before it is open, after it was closed, or twice."""

    def __init__(self, what: str, problem: str = "is not open: use it inside 'async with'") -> None:
        self.what = what
        super().__init__(f"{what} {problem}.")


class StepError(DataAgentsError):
    """Raised about one step of a durable run, by name."""

    def __init__(self, run: str, step: str, problem: str) -> None:
        self.run = run
        self.step = step
        super().__init__(f"run {run!r}: step {step!r}: {problem}.")


class StepChangedError(StepError):
    """Raised when a run goes on with other code or data; begin another run, or put them back."""


class StepUndecidedError(StepError):
    """Raised when a step may have happened; decide with `kernel.steps.decide`, and go on."""

    def __init__(self, run: str, step: str, key: str) -> None:
        self.key = key
        problem = "it was begun and has no result, so it may have happened"
        super().__init__(run, step, f"{problem}; say which: done, repeat or skip (its key: {key})")


class StoreError(DataAgentsError):
    """Raised by a store; the path it is about is part of the message."""

    def __init__(self, path: str, problem: str, *, hint: str = "") -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"store {path}: {problem}." + (f" {hint}" if hint else ""))


class StoreLockedError(StoreError):
    """Raised when another kernel owns the store; names the holder."""


class StoreVersionError(StoreError):
    """Raised when a newer version of this package wrote the store; names both versions."""


class StoreDamagedError(StoreError):
    """Raised when the file is empty, truncated or no database of ours; it is left untouched."""


class StoreInterruptedError(StoreError):
    """Raised by a query that somebody ended because it took too long; ask for less, or again."""
