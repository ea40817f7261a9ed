"""Bundled correctors: what should be in the place of wrong cells, one kind of evidence each."""

from dataagents.plugins.detection.correctors.encoding import Encoding
from dataagents.plugins.detection.correctors.format import Format
from dataagents.plugins.detection.correctors.value_map import ValueMap

__all__ = ["Encoding", "Format", "ValueMap"]
