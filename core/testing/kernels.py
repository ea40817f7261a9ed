"""Kernels for tests."""

from dataagents.core.clock import Clock
from dataagents.core.config import KernelConfig
from dataagents.core.journal import Store
from dataagents.core.kernel import Kernel
from dataagents.core.plugin_manager import OURS, installed_plugins
from dataagents.core.testing.clock import FakeClock

_SEED = 1


def kernel_for(
    *plugins: object,
    config: KernelConfig | None = None,
    store: Store | None = None,
    clock: Clock | None = None,
) -> Kernel:
    """Return a kernel with the given plugins and the bundled ones, and no other.

    Whatever else is installed stays out, an installed copy of a given plugin included, so a test
    gives the same result everywhere. A plugin that is broken raises.

    Args:
        plugins: Modules or objects with hooks.
        config: The default configuration when None. Without a seed it gets a fixed one.
        store: Where events are kept, for example a `MemoryStore`.
        clock: A new `FakeClock` when None.
    """
    config = config or KernelConfig()
    foreign = (plugin.name for plugin in installed_plugins() if plugin.distribution != OURS)
    settled = config.model_copy(
        update={
            "seed": _SEED if config.seed is None else config.seed,
            "disabled_plugins": (*config.disabled_plugins, *foreign),
        }
    )
    return Kernel(settled, store=store, plugins=plugins, strict=True, clock=clock or FakeClock())
