"""What `dataagents store` shows: the report of a check, and its results as JSON."""

from rich.console import Group, RenderableType
from rich.text import Text

from dataagents.console.commands.output import shown
from dataagents.console.view.words import byte_size, plural
from dataagents.core.values import JsonObject, to_json
from dataagents.storage.checking import CheckReport
from dataagents.storage.copying import Copied


def check_report(report: CheckReport) -> RenderableType:
    """Return a report for people."""
    use = "no kernel has it open"
    if report.holder is not None:
        use = f"process {report.holder.pid} has it open"
    opened = "" if report.epoch is None else f", opened {_times(report.epoch)}"
    size = f"{byte_size(report.size)} and {byte_size(report.log_size)} of log"
    lines = [
        Text("sound" if report.sound else "not sound", "bold"),
        Text(f"  version {report.version}, {size}{opened}; {use}"),
    ]
    if report.sound:
        lines.append(Text(f"  {plural(report.events, 'event')}"))
    lines += [Text(f"  checked: {step.value}") for step in report.checked]
    lines += [shown(f"  wrong: {problem}") for problem in report.problems]
    if not report.sound:
        lines.append(Text("  Restore a backup: dataagents store restore FILE"))
    return Group(*lines)


def check_json(report: CheckReport) -> JsonObject:
    """Return a report for programs."""
    return {
        "sound": report.sound,
        "version": report.version,
        "events": report.events if report.sound else None,
        "bytes": report.size,
        "log_bytes": report.log_size,
        "epoch": report.epoch,
        "holder": None if report.holder is None else to_json(report.holder),
        "checked": [step.name.lower() for step in report.checked],
        "problems": list(report.problems),
    }


def copied_json(copied: Copied) -> JsonObject:
    """Return what became of a copy."""
    aside = None if copied.aside is None else str(copied.aside)
    return {"file": str(copied.path), "bytes": copied.size, "aside": aside}


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"
