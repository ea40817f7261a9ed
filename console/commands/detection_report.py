"""How errors were looked for in a data set, read from the facts that the validation left."""

from dataclasses import dataclass

from dataagents.console.view.fields import Fields


@dataclass(frozen=True, slots=True)
class DetectorReport:
    """What one detector did."""

    detector: str
    cells: int
    """Cells that it flagged."""
    upheld: int
    """Those of them that the vote found to be wrong."""
    alone: int
    """Those of them that no other detector flagged."""
    weight: float | None
    """What its confidences were worth, on average."""
    problem: str
    """Why it said nothing; empty when it was fine."""


@dataclass(frozen=True, slots=True)
class DetectionReport:
    """How errors were looked for, and what the vote on the cells came to."""

    detect: str
    """`full`, `sample` or `off`."""
    cells: int
    """Cells of the data set."""
    sampled: int | None
    """Rows of the sample that was looked at first; None when there was none."""
    verified: tuple[str, ...]
    """Columns that were looked at in full because of the sample."""
    flagged: int
    wrong: int
    rule: str
    threshold: float | None
    detectors: tuple[DetectorReport, ...]
    problem: str
    """Why nobody looked; empty when that was wanted, or somebody did."""


@dataclass(frozen=True, slots=True)
class RepairReport:
    """What became of the values that were proposed for wrong cells."""

    repair: str
    """`none`, `format` or `value`: which of them were to be applied."""
    decided: int
    """Cells for which a value won the vote."""
    applied: int


def detection_report(quality: Fields) -> DetectionReport | None:
    """Return how errors were looked for; None when nothing says so.

    Args:
        quality: What was measured of the data set.
    """
    found = quality.part("detection")
    if not found.name("detect"):
        return None
    return DetectionReport(
        detect=found.name("detect"),
        cells=_count(found, "rows") * _count(found, "columns"),
        sampled=None if found.number("sampled") is None else _count(found, "sampled"),
        verified=found.texts("verified"),
        flagged=_count(found, "flagged"),
        wrong=_count(found, "wrong"),
        rule=found.name("rule"),
        threshold=found.number("threshold"),
        detectors=tuple(_detector(each) for each in found.parts("shares")),
        problem=found.text("problem"),
    )


def repair_report(transformed: Fields) -> RepairReport | None:
    """Return what became of proposed repairs; None when there were none.

    Args:
        transformed: What the transformation left.
    """
    counts = transformed.part("repairs")
    if not counts.number("decided"):
        return None
    return RepairReport(
        transformed.name("repair"), _count(counts, "decided"), _count(counts, "applied")
    )


def _detector(share: Fields) -> DetectorReport:
    return DetectorReport(
        detector=share.name("detector"),
        cells=_count(share, "cells"),
        upheld=_count(share, "upheld"),
        alone=_count(share, "alone"),
        weight=share.number("weight"),
        problem=share.text("problem"),
    )


def _count(fields: Fields, key: str) -> int:
    return int(fields.number(key) or 0)
