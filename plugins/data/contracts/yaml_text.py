"""YAML as it is written: one place for what PyYAML's types leave open."""

from typing import Any, cast


def dump_yaml(value: object, *, plain: bool = True, width: int = 80) -> str:
    """Return plain data as YAML, its keys in their order.

    Args:
        value: Dictionaries, lists, texts, numbers, truth values and None.
        plain: Whether letters beyond ASCII are written as they are.
        width: Where long texts are wrapped, in characters.
    """
    import yaml

    # The stubs of PyYAML leave the type of `width` open, which strict checking refuses.
    write = cast("Any", yaml).safe_dump
    return str(write(value, sort_keys=False, allow_unicode=plain, width=width))
