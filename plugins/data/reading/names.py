"""Names of columns: one for each, different from all others and from ours."""

from collections.abc import Sequence

RESERVED = frozenset(
    {"_row", "_part", "_line", "_file", "_reasons", "_column", "_rule", "_value", "_agent"}
    | {"_hash", "_copy", "_place"}
)


def unique_names(header: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return a name for each column, and which header each changed name stands for.

    SQL doesn't tell names apart by case, so neither does this.
    """
    wanted = [name or f"column_{place}" for place, name in enumerate(header, start=1)]
    taken = set(RESERVED)
    originals = {name.lower() for name in header}
    names: list[str] = []
    for name in wanted:
        unique, number = name, 2
        while unique.lower() in taken or (unique != name and unique.lower() in originals):
            unique, number = f"{name}_{number}", number + 1
        taken.add(unique.lower())
        names.append(unique)
    renamed = {name: old for name, old in zip(names, header, strict=True) if name != old}
    return tuple(names), renamed
