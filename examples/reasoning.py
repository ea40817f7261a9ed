"""One agent's reasoning over one data set, without a plan: thought, action, observation.

Run it with `python examples/reasoning.py [FILE]`.
"""

import asyncio
import sys
from pathlib import Path

from dataagents.core import Kernel, KernelConfig, ReasoningTask

ORDERS = Path(__file__).parent / "data" / "orders.csv"


async def main(file: Path) -> None:
    """Ask how good a file is, and print how the answer came about."""
    question = ReasoningTask(
        question="How good is this file?",
        actions=("analyze_schema", "transform_data", "validate_data"),
        args={"dataset": "orders"},
    )
    async with Kernel(KernelConfig()) as kernel:
        answer = await kernel.reason(question, inputs={"orders": str(file)})
    for step in answer.steps:
        print(f"{step.number}. {step.thought}")
        print(f"   {step.action} -> {step.observation} (confidence {step.score:.2f})")
    print(f"stopped at {answer.stop}: {answer.summary}")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else ORDERS))
