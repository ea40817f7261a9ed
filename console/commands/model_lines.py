"""What models did, in a line or two for people."""

from collections.abc import Iterator

from rich.text import Text

from dataagents.console.view.usage import ModelUse, figures


def model_lines(use: ModelUse) -> Iterator[Text]:
    """Yield who decided how many steps and what that took; and why rules took over, if they did."""
    took = figures(use.tokens, use.cost, use.seconds, unpriced=use.unpriced)
    yield Text.assemble(
        (", ".join(use.models), "bold"),
        f" decided {use.decided} of {_steps(use.steps)}",
        (f" ({took})" if took else "", "dim"),
    )
    if use.taken_over:
        yield Text.assemble(
            ("rules took over", "yellow"), f" {_steps(use.taken_over)}", f": {use.why}"
        )


def _steps(number: int) -> str:
    return f"{number:,} step" + ("" if number == 1 else "s")
