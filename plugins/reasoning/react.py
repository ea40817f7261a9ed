"""ReAct: thought, action and observation in turn, until there is a result.

The loop is that of Yao et al., "ReAct: Synergizing Reasoning and Acting in Language Models" (ICLR
2023). A model thinks and decides where one is configured, rules do otherwise, and wherever the
model does not; here are only the turns and their end.
"""

from dataagents.core.reasoning import (
    FINAL_RESULT,
    Answer,
    ReasoningDesk,
    ReasoningTask,
    StopReason,
)
from dataagents.plugins.reasoning.model_policy import ModelPolicy
from dataagents.plugins.reasoning.options import ReactOptions
from dataagents.plugins.reasoning.progress import ANSWER, Decision, Policy, Progress
from dataagents.plugins.reasoning.rules import RulePolicy
from dataagents.plugins.reasoning.templates import Templates


class React:
    """Runs the loop."""

    def __init__(self, options: ReactOptions, rules: Policy, model: ModelPolicy) -> None:
        self._options = options
        self._rules = rules
        self._model = model

    async def reason(self, task: ReasoningTask, desk: ReasoningDesk) -> Answer:
        """Work on a task until there is a result, nothing helps, or the budget is used up."""
        progress = Progress(task, desk.actions, dict(task.facts))
        while not _spent(desk):
            decision = await self._decide(progress, desk)
            if _spent(desk):
                break  # thinking has a price too
            if not decision.action:
                return await desk.give_up(decision.thought)
            await desk.think(decision.thought, by=decision.by)
            if decision.action == FINAL_RESULT:
                return await _finish(progress, decision, desk)
            observation = await desk.act(decision.action, decision.action_input)
            progress.note(decision.action, observation)
            if self._goes_round(progress, desk):
                summary = f"it went round in circles: {progress.notice}"
                return await desk.stop(progress.result, summary, StopReason.CIRCLE)
        summary = f"the budget was used up before there was a result ({desk.spent})"
        return await desk.stop(progress.result, summary)

    async def _decide(self, progress: Progress, desk: ReasoningDesk) -> Decision:
        if desk.model and not progress.hopeless:
            return await self._model.decide(progress, desk, self._rules)
        return self._rules.decide(progress)

    def _goes_round(self, progress: Progress, desk: ReasoningDesk) -> bool:
        """Look for a circle, do what is configured, and return whether to stop."""
        latest = len(desk.steps)
        circles = [each for each in desk.analysis.circles if latest in each.steps]
        if not circles:
            return False
        progress.notice = "; ".join(circle.reason for circle in circles)
        if self._options.on_circle == "force":
            progress.barred = frozenset(action for circle in circles for action in circle.actions)
        return self._options.on_circle == "stop"


def react(options: ReactOptions) -> React:
    """Return ReAct with the bundled policies.

    Raises:
        ConfigError: The prompts that are configured can't be used.
    """
    return React(options, RulePolicy(), ModelPolicy(options, Templates.load(options.prompts)))


def _spent(desk: ReasoningDesk) -> bool:
    return desk.spent is not None


async def _finish(progress: Progress, decision: Decision, desk: ReasoningDesk) -> Answer:
    answer = decision.answer or decision.thought
    if progress.wants_answer:
        progress.result[progress.name_of(ANSWER)] = {"text": answer}
    return await desk.finish(progress.result, answer)
