"""The palette: every key that works here by name, and anything by its address."""

from collections.abc import Iterator
from functools import partial

from textual.binding import ActiveBinding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content

from dataagents.console.screens.messages import Wanted
from dataagents.console.view.addresses import Address, parse_address
from dataagents.core.errors import InputError


class KeysProvider(Provider):
    """Made of the bindings that are in force, as the footer and the help are."""

    async def discover(self) -> Hits:
        """Yield everything that can be done here."""
        for active in self._known():
            yield DiscoveryHit(
                Content(active.binding.description),
                partial(self._run, active),
                text=active.binding.description,
                help=self._help(active),
            )

    async def search(self, query: str) -> Hits:
        """Yield what fits a query; an address is opened."""
        address = _address(query)
        if address is not None:
            yield Hit(
                1.0, Content(f"Go to {address}"), partial(self._go, address), text=query,
                help="Open what the address names",
            )  # fmt: skip
        matcher = self.matcher(query)
        for active in self._known():
            words = f"{active.binding.description}: {active.binding.tooltip}"
            score = matcher.match(words)
            if score > 0:
                yield Hit(
                    score, matcher.highlight(words), partial(self._run, active), text=words,
                    help=self._help(active),
                )  # fmt: skip

    def _known(self) -> Iterator[ActiveBinding]:
        seen: set[str] = set()
        for active in self.screen.active_bindings.values():
            binding = active.binding
            moves = (binding.id or "").startswith("table.")
            if binding.tooltip and binding.id and binding.id not in seen and not moves:
                seen.add(binding.id)
                yield active

    def _help(self, active: ActiveBinding) -> str:
        return f"{self.app.get_key_display(active.binding)}  {active.binding.tooltip}"

    async def _run(self, active: ActiveBinding) -> None:
        await self.app.run_action(active.binding.action, active.node)

    def _go(self, address: Address) -> None:
        self.app.post_message(Wanted(address))


def _address(text: str) -> Address | None:
    try:
        return parse_address(text.removeprefix("goto").strip())
    except InputError:
        return None
