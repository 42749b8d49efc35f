"""Health and metrics of a process."""

from __future__ import annotations

import socket

import aiohttp
import pytest
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tocsin.service.health import ServeError, health_app, serve
from tocsin.streams import metrics


class Served:
    """An application of one role, with probes that a test sets."""

    def __init__(self):
        self.live = (True, "polling")
        self.ready = (False, "reading the feeds")

    async def __aenter__(self):
        app = health_app(role="poller", live=lambda: self.live, ready=lambda: self.ready)
        self.runner, self.port = await serve(app, "127.0.0.1", 0)
        self.session = aiohttp.ClientSession(f"http://127.0.0.1:{self.port}")
        return self

    async def __aexit__(self, *_):
        await self.session.close()
        await self.runner.cleanup()


async def test_health_says_the_reason_in_one_line_with_200_or_503():
    async with Served() as served:
        async with served.session.get("/health/live") as answer:
            assert answer.status == 200
            assert await answer.json() == {"role": "poller", "ok": True, "reason": "polling"}
        served.live = (False, "stands still\nfor a minute")
        async with served.session.get("/health/live") as answer:
            assert answer.status == 503
            assert (await answer.json())["reason"] == "stands still for a minute"
        async with served.session.get("/health/ready") as answer:
            assert answer.status == 503
            assert await answer.json() == {"role": "poller", "ok": False, "reason": "reading the feeds"}
        served.ready = (True, "feeds read")
        async with served.session.get("/health/ready") as answer:
            assert answer.status == 200


async def test_a_probe_that_raises_is_not_well_and_its_text_stays_inside():
    def broken():
        raise RuntimeError("password=hunter2")

    runner, port = await serve(health_app(role="web", live=broken, ready=broken), "127.0.0.1", 0)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health/live") as answer:
        assert answer.status == 503
        text = await answer.text()
    await runner.cleanup()
    assert "RuntimeError" in text
    assert "hunter2" not in text


async def test_metrics_come_in_the_format_that_is_asked_for():
    metrics.ARTICLES.labels("new").inc()
    async with Served() as served:
        async with served.session.get("/metrics", headers={"Accept": "text/plain"}) as answer:
            plain = {family.name for family in text_string_to_metric_families(await answer.text())}
        wanted = "application/openmetrics-text; version=1.0.0"
        async with served.session.get("/metrics", headers={"Accept": wanted}) as answer:
            assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
            opened = {family.name for family in openmetrics.text_string_to_metric_families(await answer.text())}
    assert "tocsin_articles" in plain
    assert "tocsin_articles" in opened


async def test_a_taken_port_is_one_line_with_the_address_and_the_mend():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServeError) as caught:
            await serve(health_app(role="web", live=lambda: (True, ""), ready=lambda: (True, "")), "127.0.0.1", port)
    assert str(caught.value).startswith(f"127.0.0.1:{port}: another program listens there")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 0), ("127.0.0.1", 70000), ("no-such-host.invalid", 0)])
async def test_an_address_that_cannot_be_used_is_one_line_too(host, port):
    with pytest.raises(ServeError, match=host) as caught:
        await serve(health_app(role="web", live=lambda: (True, ""), ready=lambda: (True, "")), host, port)
    assert "\n" not in str(caught.value)
