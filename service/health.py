"""Metrics and health of one process, over HTTP, and the one way anything here begins to listen."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

import msgspec
from aiohttp import web
from prometheus_client import REGISTRY
from prometheus_client.exposition import choose_encoder

Probe = Callable[[], tuple[bool, str]]
"""Is it well, and the reason in one line."""

CLOSE_SECONDS = 1.0
"""An open stream or a slow scraper may hold up the end of the process for so long."""


class ServeError(Exception):
    """Nothing can listen at an address: one line with the address and the mend."""


def health_app(*, role: str, live: Probe, ready: Probe) -> web.Application:
    """Return an application with `/metrics`, `/health/live` and `/health/ready`.

    Metrics come in the format the scraper asks for (Prometheus text or OpenMetrics). The health paths answer 200 or
    503 with `{"role", "ok", "reason"}`; a probe that raises is not well, and its error's kind is the reason.
    """

    async def metrics(request: web.Request) -> web.Response:
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        return web.Response(body=encode(REGISTRY), headers={"Content-Type": content_type})

    def answer(probe: Probe) -> Callable[[web.Request], web.Response]:
        def respond(_request: web.Request) -> web.Response:
            ok, reason = _ask(probe)
            body = msgspec.json.encode({"role": role, "ok": ok, "reason": reason})
            return web.Response(
                body=body,
                status=200 if ok else 503,
                content_type="application/json",
                headers={"Cache-Control": "no-store"},
            )

        return respond

    is_live, is_ready = answer(live), answer(ready)

    async def health_live(request: web.Request) -> web.Response:
        return is_live(request)

    async def health_ready(request: web.Request) -> web.Response:
        return is_ready(request)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/health/live", health_live)
    app.router.add_get("/health/ready", health_ready)
    return app


def _ask(probe: Probe) -> tuple[bool, str]:
    try:
        ok, reason = probe()
    except Exception as error:  # a probe that fails is an answer, and the text of its error may hold anything
        return False, f"the check itself failed: {type(error).__name__}"
    return ok, " ".join(reason.split())


async def serve(app: web.Application, host: str, port: int) -> tuple[web.AppRunner, int]:
    """Listen; return the runner (`await runner.cleanup()` ends it) and the port. Port 0 takes a free one.

    ServeError, in one line, where the address is taken, not this machine's, or not allowed.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=CLOSE_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except (OSError, OverflowError) as error:
        await runner.cleanup()
        raise ServeError(_told(host, port, error)) from None
    return runner, int(runner.addresses[0][1])


def _told(host: str, port: int, error: OSError | OverflowError) -> str:
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.EADDRINUSE:
        return f"{where}: another program listens there already; choose another port, or 0 for a free one"
    if number == errno.EACCES:
        return f"{where}: this user may not listen there; choose a port above 1023"
    if number == errno.EADDRNOTAVAIL:
        return f"{where}: no address of this machine; choose 127.0.0.1, or one that the machine has"
    reason = os.strerror(number) if number and number > 0 else "no usable address"
    return f"{where}: can't listen there ({reason}); choose another address"
