"""Standing: how a kernel is, rolled up, and what it says of itself when it starts."""

import os
import platform
from collections.abc import Sequence

from dataagents.core.boundary import CallRecord
from dataagents.core.config import KernelConfig
from dataagents.core.events import EventKind
from dataagents.core.health import KernelHealth, PluginHealth
from dataagents.core.plugin_manager import PluginRecord, PluginState
from dataagents.core.services.assembly import Services
from dataagents.core.services.recorder import Recorder
from dataagents.core.version import __version__


def kernel_health(services: Services, plugins: Sequence[PluginRecord]) -> KernelHealth:
    """Roll up what is known about agents, plugins and observers."""
    records = services.boundary.records
    failures: dict[str, int] = {}
    for record in records:
        owner, _, agent = record.plugin.partition(" ")
        if owner == "agent" and record.failures:
            failures[agent] = failures.get(agent, 0) + record.failures
    return KernelHealth(
        agents=dict(services.roster.reports),
        plugins=tuple(_plugin_health(plugin, records) for plugin in plugins),
        observers=services.stream.health,
        strays=services.boundary.strays,
        failures=failures,
        interceptors=services.hub.health(),
        dead_letters=len(services.hub.dead_letters),
        loop=services.watchdog.health,
        store=services.monitor.store_health,
        models=services.models.health,
        alerts=services.monitor.alerts,
    )


def _plugin_health(plugin: PluginRecord, records: Sequence[CallRecord]) -> PluginHealth:
    own = [record for record in records if record.plugin == plugin.name]
    return PluginHealth(
        name=plugin.name,
        loaded=plugin.state is PluginState.LOADED,
        error=plugin.error,
        calls=sum(record.calls for record in own),
        failures=sum(record.failures for record in own),
        quarantined=tuple(record.what for record in own if record.quarantined),
    )


async def record_start(
    recorder: Recorder, id: str, config: KernelConfig, plugins: Sequence[PluginRecord]
) -> None:
    """Put on record that a kernel starts, and which plugins could not be loaded."""
    body = {
        "pid": os.getpid(),
        "host": platform.node(),
        "version": __version__,
        "plugins": [plugin.name for plugin in plugins],
        "agents": [agent.id for agent in config.agents],
    }
    await recorder.record(EventKind.KERNEL_STARTED, id, body)
    for plugin in plugins:
        if plugin.state is PluginState.FAILED:
            failed = {"target": plugin.target, "error": plugin.error}
            await recorder.record(EventKind.PLUGIN_FAILED, plugin.name, failed)
