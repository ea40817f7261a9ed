"""Files that describe a decision: YAML or JSON, read so that nothing in them is lost or guessed."""

import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar, cast

from dataagents.console.commands.given_file import STDIN, read_bytes
from dataagents.core.config import parse_settings
from dataagents.core.errors import InputError, MissingExtraError
from dataagents.core.settings import Settings

_MOST_BYTES = 20_000_000
_JSON = (".json",)
_PLAIN_WORDS = ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
"""What YAML 1.1 makes of `no`, `on` or `2026-01-01`; options are often called like that."""

SettingsT = TypeVar("SettingsT", bound=Settings)


class FileSettings(Settings, coerce_numbers_to_str=True):
    """Base of what stands in such a file: names may look like numbers."""


def read_decision(model: type[SettingsT], path: str) -> tuple[SettingsT, str]:
    """Return what a file says, and how to call the file in errors.

    Args:
        model: What it has to say.
        path: The file; `-` is the standard input.

    Raises:
        ConfigError: A field is unknown or wrong; the message has its path.
        InputError: The file can't be read, or is neither YAML nor JSON.
        MissingExtraError: It is YAML, and what reads that is not installed.
    """
    source = "stdin" if path == STDIN else path
    document = _parsed(_text(path, source), source, as_json=Path(path).suffix.lower() in _JSON)
    if not isinstance(document, dict):
        raise InputError(source, f"it holds {_kind(document)}, not fields with values")
    fields = {str(key): value for key, value in cast(Mapping[object, Any], document).items()}
    return parse_settings(model, fields, source=source), source


def _text(path: str, source: str) -> str:
    try:
        return read_bytes(path, source, _MOST_BYTES).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(source, f"it is no text in UTF-8: byte {error.start}") from error


def _parsed(text: str, source: str, *, as_json: bool) -> object:
    """Return the value that a text is; what may be JSON is tried as that first."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError as error:
        raise InputError(source, "it is nested too deeply") from error
    except json.JSONDecodeError as error:
        if as_json:
            raise InputError(source, f"not valid JSON: {error}") from error
    except ValueError as error:
        raise InputError(source, str(error)) from error
    if find_spec("yaml") is None:
        raise MissingExtraError("a decision in YAML (JSON works without)", "data")
    return _from_yaml(text, source)


def _from_yaml(text: str, source: str) -> object:
    import yaml

    class Loader(yaml.SafeLoader):
        """Reads words as words, and refuses a key that occurs twice."""

        yaml_implicit_resolvers = {  # noqa: RUF012  # as yaml has it
            first: [(tag, pattern) for tag, pattern in resolvers if tag not in _PLAIN_WORDS]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
            _check_once(keys, f"line {node.start_mark.line + 1}: ")
            return super().construct_mapping(node, deep)

    try:
        # It can build nothing but plain values: a SafeLoader that knows even fewer tags.
        return cast(object, yaml.load(text, Loader))
    except yaml.YAMLError as error:
        raise InputError(source, f"not valid YAML: {_one_line(error)}") from error
    except RecursionError as error:
        raise InputError(source, "it is nested too deeply") from error
    except ValueError as error:
        raise InputError(source, str(error)) from error


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    _check_once([key for key, _ in pairs])
    return dict(pairs)


def _check_once(keys: list[str], where: str = "") -> None:
    """Refuse keys of which all but the last would be lost.

    Raises:
        ValueError: A key occurs twice.
    """
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"{where}{key!r} occurs twice; write a list to say both")
        seen.add(key)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _kind(document: object) -> str:
    return "nothing" if document is None else f"a {type(document).__name__}"
