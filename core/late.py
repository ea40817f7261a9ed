"""Names that a package gives and fetches only when somebody asks for them (PEP 562)."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module


def late_names(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return a `__getattr__` for a package.

    Args:
        package: Its name.
        homes: Module of the package → the names that come from it, with a blank between them.
    """
    module_of = {name: module for module, names in homes.items() for name in names.split()}

    def fetch(name: str) -> object:
        module = module_of.get(name)
        if module is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{package}.{module}"), name)
        setattr(sys.modules[package], name, value)
        return value

    return fetch
