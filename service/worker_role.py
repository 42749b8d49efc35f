"""The worker's process: the chain's stages, with health beside them."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web
from mode import Service

from tocsin.service.child import Parent, serve_health, tell_when_ready
from tocsin.service.settings import Settings
from tocsin.service.supervisor import RoleOrder
from tocsin.service.wiring import build_worker


class _Health(Service):
    """Metrics and health of a worker, beside its stages."""

    def __init__(self, order: RoleOrder, parent: Parent, worker: Any) -> None:
        super().__init__()
        self.order = order
        self.parent = parent
        self.worker = worker
        self.runner: web.AppRunner | None = None

    async def on_start(self) -> None:
        self.runner = await serve_health(self.order, self.parent, self.worker.live, self.worker.ready)

    @Service.task
    async def _tell(self) -> None:
        await tell_when_ready(self.parent, self.worker.ready)

    async def on_stop(self) -> None:
        if self.runner:
            await self.runner.cleanup()


def with_own_instance(order: RoleOrder) -> Settings:
    """Return the settings of this process alone: workers of one tree must not share a static member name."""
    settings = order.settings
    if not settings.instance:
        return settings
    return msgspec.structs.replace(settings, instance=f"{settings.instance}-{order.index}")


def run_worker(order: RoleOrder, parent: Parent) -> None:
    """Run the chain's stages until SIGTERM."""
    worker = build_worker(order.bootstrap, with_own_instance(order))
    worker.also(_Health(order, parent, worker))
    worker.run()
