"""Planning alone: how the bundled domain breaks a goal into tasks, and what changes after a no.

Run it with `python examples/planning.py`.
"""

import asyncio

from dataagents.core import Goal, Kernel, KernelConfig, Plan

GOAL = Goal("clean", {"orders": "orders.csv"})


def show(title: str, plan: Plan) -> None:
    """Print a plan's tasks with what each waits for, and the methods that were chosen."""
    print(title)
    for task in plan.tasks:
        waits = f" after {', '.join(task.depends_on)}" if task.depends_on else ""
        print(f"  {task.id}{waits}")
    for choice in plan.decompositions:
        rejected = "; ".join(f"not {name}: {why}" for name, why in choice.rejected.items())
        print(f"    {choice.task} by {choice.method!r}" + (f" ({rejected})" if rejected else ""))


async def main() -> None:
    """Plan twice: with nothing known, and after the agents turned the schema down."""
    async with Kernel(KernelConfig()) as kernel:
        show("Nothing is known:", await kernel.plan(GOAL))
        turned_down = {"schema:orders": {}, "schema_decision:orders": {"accepted": False}}
        show("The schema was turned down:", await kernel.plan(GOAL, turned_down))


if __name__ == "__main__":
    asyncio.run(main())
