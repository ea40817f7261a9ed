"""The texts of prompts: files in a folder, versioned, each of which a configuration may replace."""

from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from string import Template

from dataagents.core.errors import ConfigError

_BUNDLED = files("dataagents.plugins.reasoning").joinpath("prompts")
_SETTING = "options.react.prompts"
_PLACES = {
    "instructions": frozenset[str](),
    "thought": frozenset({"question", "facts", "history", "left", "notice", "advice", "actions"}),
    "decision": frozenset(
        {"question", "history", "left", "notice", "advice", "thought", "actions"}
    ),
    "repair": frozenset({"decision", "reply", "problem"}),
}
"""Prompt → the places that are filled in."""


@dataclass(frozen=True, slots=True)
class Templates:
    """One version of all prompts."""

    instructions: Template
    thought: Template
    decision: Template
    repair: Template

    @classmethod
    def load(cls, version: str) -> "Templates":
        """Return a bundled version, or the bundled prompts overlaid by those of a folder.

        Args:
            version: Name of a version, or path of a folder with `thought.md` and the like.

        Raises:
            ConfigError: There is no such version or folder, a file in it is no prompt, or a prompt
                has a place that nothing fills.
        """
        versions = {each.name for each in _BUNDLED.iterdir() if each.is_dir()}
        texts = _bundled(version if version in versions else max(versions))
        if version not in versions:
            texts |= _own(Path(version), versions)
        for name, text in texts.items():
            _check(name, Template(text))
        return cls(**{each.name: Template(texts[each.name]) for each in fields(cls)})


def _bundled(version: str) -> dict[str, str]:
    folder = _BUNDLED.joinpath(version)
    return {name: folder.joinpath(f"{name}.md").read_text(encoding="utf-8") for name in _PLACES}


def _own(folder: Path, versions: set[str]) -> dict[str, str]:
    if not folder.is_dir():
        problem = f"{str(folder)!r} is no version of the bundled prompts, and no folder"
        raise ConfigError(_SETTING, problem, known=versions)
    own: dict[str, str] = {}
    for file in sorted(folder.glob("*.md")):
        if file.stem not in _PLACES:
            known = {f"{name}.md" for name in _PLACES}
            raise ConfigError(_SETTING, f"there is no prompt {file.name!r}", known=known)
        try:
            own[file.stem] = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(_SETTING, f"{file}: {error}") from error
    return own


def _check(name: str, template: Template) -> None:
    if not template.is_valid():
        raise ConfigError(_SETTING, f"{name}.md has a lone $; write $$ for a dollar sign")
    for place in template.get_identifiers():
        if place not in _PLACES[name]:
            problem = f"{name}.md has a place ${place} that nothing fills"
            raise ConfigError(_SETTING, problem, known=_PLACES[name])
