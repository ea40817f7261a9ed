"""Contract files: YAML that people review, read strictly and written stably."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from pydantic import Field, ValidationError

from dataagents.core.errors import InputError
from dataagents.core.suggestions import did_you_mean
from dataagents.core.values import describe_validation
from dataagents.plugins.data.contracts.exchange.formats import recognise
from dataagents.plugins.data.contracts.model import DatasetContract
from dataagents.plugins.data.contracts.sense import check_sense
from dataagents.plugins.data.contracts.shapes import as_table
from dataagents.plugins.data.contracts.yaml_text import dump_yaml
from dataagents.plugins.data.records import Record

HEADER = """\
# What this data has to look like. Review it, keep it with your code, and check the next files by
#   dataagents run FILES --contract THIS_FILE
# type: integer, decimal, float, boolean, date, timestamp or text; required: no missing cells;
# unique, allowed, minimum, maximum, pattern (a regular expression) narrow a column further, and
# rules are SQL over a row. What breaks any of it goes to quarantine. `observed` is no rule: drift
# is told from it. History says how this contract came about, and who decided.
"""

_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


class ContractFile(Record):
    """What a contract file holds."""

    datasets: dict[str, DatasetContract] = Field(min_length=1)


def read_contract(path: Path, dataset: str, *, only: bool) -> DatasetContract:
    """Return the contract of a data set.

    A file may also be JSON Schema, a dbt `schema.yml` or a pandera schema in YAML.

    Args:
        path: The file.
        dataset: The data set's name.
        only: Whether a file with a single contract is meant for it, whatever its name.

    Raises:
        InputError: It can't be read, or is no contract; says where and what is expected.
    """
    shown = f"contract {path}"
    document = _parsed(path, shown)
    loader = recognise(document)
    if loader is not None:
        contract = loader(cast("Mapping[str, object]", document), shown)
    else:
        contract = _chosen(_validated(document, shown), dataset, shown, only=only)
    check_sense(contract, shown)
    return contract


def contract_text(datasets: Mapping[str, DatasetContract]) -> str:
    """Return contracts as YAML, without what is left at its default."""
    dumped = {
        name: contract.model_dump(mode="json", exclude_defaults=True)
        | {"version": contract.version}
        for name, contract in datasets.items()
    }
    for body in dumped.values():
        body.update({key: body.pop(key) for key in ("columns", "rules", "history") if key in body})
    # PyYAML writes these line ends unescaped, and reads them back as blanks.
    plain = not re.search("[\x85\u2028\u2029]", json.dumps(dumped, ensure_ascii=False))
    text = dump_yaml({"datasets": dumped}, plain=plain, width=100)
    return f"{HEADER}{text}"


def _parsed(path: Path, shown: str) -> object:
    import yaml

    class TextLoader(yaml.SafeLoader):
        """Reads numbers and dates as the text that they are, so that 1.50 stays 1.50."""

    TextLoader.yaml_implicit_resolvers = {
        first: [(tag, known) for tag, known in resolvers if tag.endswith((":bool", ":null"))]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    try:
        text = path.read_text("utf-8")
        return cast("object", yaml.load(text, TextLoader))  # a SafeLoader
    except FileNotFoundError as error:
        raise InputError(shown, "there is no such file", hint="Check --contract.") from error
    except UnicodeDecodeError as error:
        raise InputError(shown, "it is not UTF-8", hint="Save it as UTF-8.") from error
    except OSError as error:
        raise InputError(shown, error.strerror or "it can't be read") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise InputError(
            shown, f"it is not valid YAML{where}: {error.problem or error.context}"
        ) from error
    except yaml.YAMLError as error:
        raise InputError(shown, "it is not valid YAML") from error


def _validated(document: object, shown: str) -> ContractFile:
    table = as_table(document)
    if "datasets" not in table:
        raise InputError(
            shown,
            "it has no `datasets`",
            hint="A contract file begins with `datasets:`, then a name and its `columns:`; JSON "
            "Schema, dbt's schema.yml and pandera's YAML are read too.",
        )
    datasets = {
        name: _with_seconds(body, shown) for name, body in as_table(table["datasets"]).items()
    }
    try:
        return ContractFile.model_validate({**table, "datasets": datasets})
    except ValidationError as error:
        raise InputError(shown, describe_validation(error)) from error


def _with_seconds(body: object, shown: str) -> object:
    """Turn an age such as `7 days` into seconds."""
    fresh = as_table(as_table(body).get("freshness"))
    age = fresh.get("max_age")
    if not isinstance(age, str):
        return body
    return {**as_table(body), "freshness": {**fresh, "max_age": seconds(age, shown)}}


def seconds(age: str, shown: str) -> float:
    """Return how many seconds a duration such as `7 days` has.

    Raises:
        InputError: It is none.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*?)s?\s*", age)
    if found is None or (found[2] or "second") not in _UNITS:
        raise InputError(
            f"{shown}: max_age {age!r}", "a duration is expected", hint="Write it like `7 days`."
        )
    return float(found[1]) * _UNITS[found[2] or "second"]


def _chosen(file: ContractFile, dataset: str, shown: str, *, only: bool) -> DatasetContract:
    if dataset in file.datasets:
        return file.datasets[dataset]
    if only and len(file.datasets) == 1:
        return next(iter(file.datasets.values()))
    raise InputError(
        shown,
        f"it has no data set {dataset!r}",
        hint=did_you_mean(dataset, file.datasets).strip() or "Add it, or run that file alone.",
    )
