"""Bundled detectors: one kind of evidence that a cell is wrong each, one module for a family."""

from collections.abc import Callable

from dataagents.core import Strategy, hookimpl
from dataagents.core.detection import Corrector, Detector
from dataagents.core.registry import StrategyOptions
from dataagents.plugins.detection.characters import Characters
from dataagents.plugins.detection.constants import NearConstants
from dataagents.plugins.detection.correctors import Encoding, Format, ValueMap
from dataagents.plugins.detection.days import Days
from dataagents.plugins.detection.dependencies import Dependencies
from dataagents.plugins.detection.domains import Domains
from dataagents.plugins.detection.duplicates import Duplicates
from dataagents.plugins.detection.group_outliers import GroupOutliers
from dataagents.plugins.detection.keys import Keys
from dataagents.plugins.detection.missing import Missing
from dataagents.plugins.detection.misspellings import Misspellings
from dataagents.plugins.detection.order import Order
from dataagents.plugins.detection.outliers import Outliers
from dataagents.plugins.detection.rules import Rules
from dataagents.plugins.detection.shapes import Shapes
from dataagents.plugins.detection.sources import Sources
from dataagents.plugins.detection.swallowed import Swallowed
from dataagents.plugins.detection.types import Types
from dataagents.plugins.detection.typos import Typos
from dataagents.plugins.detection.units import Units
from dataagents.plugins.detection.variants import Variants


@hookimpl
def register_detectors() -> tuple[Strategy[Detector], ...]:
    """Provide the detectors, by name; each says its theory of what is wrong."""
    return (
        _detector("characters", Characters, "broken encodings and stray characters"),
        _detector("days", Days, "dates in another order than their column's, or no dates"),
        _detector("dependencies", Dependencies, "minorities where one column settles another"),
        _detector("domains", Domains, "identifiers, addresses and codes that fail their check"),
        _detector("duplicates", Duplicates, "the one cell in which rows differ"),
        _detector("group-outliers", GroupOutliers, "numbers far from those of their group"),
        _detector("keys", Keys, "values of a key that several rows have"),
        _detector("missing", Missing, "cells that hold nothing, or say so in words"),
        _detector("misspellings", Misspellings, "rare words close to common ones"),
        _detector("near-constants", NearConstants, "exceptions in a column that hardly varies"),
        _detector("order", Order, "values out of turn in a sorted column"),
        _detector("outliers", Outliers, "numbers and days far from all others"),
        _detector("rules", Rules, "broken sums, products, orders and compositions of columns"),
        _detector("shapes", Shapes, "rare formats"),
        _detector("sources", Sources, "claims that better sources contradict"),
        _detector("swallowed", Swallowed, "text that took in the next cell"),
        _detector("types", Types, "what is not of the column's type"),
        _detector("typos", Typos, "rare values close to common ones"),
        _detector("units", Units, "units spelt in several ways"),
        _detector("variants", Variants, "several spellings of one label"),
    )


def _detector(name: str, kind: Callable[[], Detector], summary: str) -> Strategy[Detector]:
    """Return a detector without options."""

    def build(_: StrategyOptions) -> Detector:
        return kind()

    return Strategy(name, build, summary=summary)


@hookimpl
def register_correctors() -> tuple[Strategy[Corrector], ...]:
    """Provide the correctors, by name; each says its theory of what is right."""
    return (
        _corrector("encoding", Encoding, "text as it was before it was decoded wrongly"),
        _corrector("format", Format, "the same in the form of the column"),
        _corrector("value-map", ValueMap, "what a wrong value stands for elsewhere"),
    )


def _corrector(name: str, kind: Callable[[], Corrector], summary: str) -> Strategy[Corrector]:
    """Return a corrector without options."""

    def build(_: StrategyOptions) -> Corrector:
        return kind()

    return Strategy(name, build, summary=summary)
