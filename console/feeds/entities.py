"""What is on record about one thing."""

from dataagents.console.view.addresses import Address, find_id
from dataagents.core.errors import InputError
from dataagents.core.events import Event
from dataagents.storage import StoreReader


async def about(reader: StoreReader, address: Address, most: int) -> list[tuple[int, Event]]:
    """Return the newest events about a thing with their places, oldest of them first.

    Args:
        reader: The store.
        address: Its id may be the beginning or the end of one.
        most: How many events at most.

    Raises:
        InputError: There is no such thing, or several; names the nearest.
    """
    entities, scheme, named = reader.entities, address.scheme, address.id
    if scheme not in entities.kinds:
        raise InputError(f"address {str(address)!r}", f"nothing is on record about a {scheme}")
    found = await entities.about(scheme, named, most)
    if not found:
        named = find_id(address, await entities.ids(scheme))
        found = await entities.about(scheme, named, most)
    return [(each.seq, each.event) for each in found]
