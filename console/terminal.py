"""What a terminal does to a program that Textual does not expect."""

import signal
from types import FrameType


def ignore_needless_continues(driver: object) -> None:
    """Have a continue that follows no stop change nothing.

    Textual's driver begins to read the terminal a second time at every SIGCONT, though only a
    SIGTSTP made it stop: some terminal programs send one by itself.

    Args:
        driver: Textual's driver; one without a terminal has no such handler.
    """
    before = signal.getsignal(signal.SIGCONT)
    if not callable(before) or not hasattr(driver, "_must_signal_resume"):
        return

    def proceed(number: int, frame: FrameType | None) -> None:
        if getattr(driver, "_must_signal_resume", True) and callable(before):
            before(number, frame)

    signal.signal(signal.SIGCONT, proceed)
