"""Every registered channel keeps one contract. A new channel is tested here by its line in pyproject.toml.

A channel of HTTP is found by its `url` setting and is asked to reach a server on this machine; its other settings
come from `EXAMPLES`.
"""

import asyncio
import importlib
import io
import json
import sys
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from aiohttp import web

from tocsin.agents.alert.channels import Sent, build_channel, load_channels
from tocsin.agents.alert.signing import new_secret
from tocsin.streams.outbound import Outbound
from tocsin.streams.records import Alert, Delivery, Evidence, Notice, Stamps
from tocsin.streams.secret import Secret

ROOT = Path(__file__).parents[2]
REGISTERED = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["tocsin.channels"]
PLANTED = "planted-T0KEN-7f3a"
EXAMPLES = {"webhook": {"secrets": [new_secret().reveal()]}}
NOW = datetime(2021, 5, 6, 12, tzinfo=UTC)
HEADLINE = "Ruritania expels ten diplomats of Freedonia"


def load(name):
    module, _, attribute = REGISTERED[name].partition(":")
    return getattr(importlib.import_module(module), attribute)


CHANNELS = {name: load(name) for name in sorted(REGISTERED)}
HTTP = [name for name, channel in CHANNELS.items() if "url" in channel.settings.__struct_fields__]


def a_delivery(kind="first"):
    quote = Evidence(clause="topic:expulsion", sentence=HEADLINE, start=0, end=len(HEADLINE))
    alert = Alert(
        id="al",
        subscription="s",
        story="st",
        kind=kind,
        headline=HEADLINE,
        evidence=(quote,),
        url="https://n.example/1",
        stamps=Stamps(received=NOW),
    )
    return Delivery(id="delivery-1", endpoint="e", alert=alert)


def a_notice():
    return Delivery(id="n1", endpoint="e", notice=Notice(id="n", what="feed-failing", text="feed x: http-500", at=NOW))


class Receiver:
    """A server on this machine that answers as it is told and remembers what it got."""

    def __init__(self):
        self.status = 200
        self.headers = {}
        self.hang = False
        self.close = False
        self.got = []

    async def answer(self, request):
        self.got.append((dict(request.headers), await request.read()))
        if self.hang:
            await asyncio.sleep(60)
        if self.close:
            request.transport.abort()
        # The answer repeats the address, as many error pages do.
        return web.Response(status=self.status, headers=self.headers, text=f"no: {request.path}")


@pytest.fixture
async def receiver():
    found = Receiver()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/{PLANTED}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def outbound():
    client = Outbound(allow=("127.0.0.0/8",))
    yield client
    await client.close()


@pytest.fixture
def build(outbound):
    def make(name, url="http://127.0.0.1:9/x", client=outbound):
        values = EXAMPLES.get(name, {}) | ({"url": url} if name in HTTP else {})
        return build_channel(CHANNELS[name], values, client)

    return make


# -- every channel ----------------------------------------------------------------------------------------------------


def test_installed_channels_are_found_by_their_entry_points(tmp_path, monkeypatch):
    info = tmp_path / "somebody-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: somebody\nVersion: 1\n")
    lines = "\n".join(f"{name} = {value}" for name, value in REGISTERED.items())
    (info / "entry_points.txt").write_text(f"[tocsin.channels]\n{lines}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert {name: found for name, found in load_channels().items() if name in CHANNELS} == CHANNELS


def test_a_channel_that_is_registered_under_another_name_is_refused(tmp_path, monkeypatch):
    info = tmp_path / "wrong-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: wrong\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[tocsin.channels]\nzz-other = {REGISTERED['terminal']}\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=r"'zz-other'.*'terminal'.*one name"):
        load_channels()


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel_has_its_registered_name_and_a_struct_of_settings(name):
    assert CHANNELS[name].name == name
    assert issubclass(CHANNELS[name].settings, msgspec.Struct)
    assert CHANNELS[name].__doc__


@pytest.mark.parametrize("name", CHANNELS)
def test_a_setting_that_does_not_exist_is_refused_by_its_name(name):
    values = EXAMPLES.get(name, {}) | {"url": f"https://h.example/{PLANTED}"} | {"colour": PLANTED}
    with pytest.raises(ValueError, match="unknown field") as caught:
        build_channel(CHANNELS[name], values, Outbound())
    assert name in str(caught.value)
    assert PLANTED not in str(caught.value)


@pytest.mark.parametrize("name", CHANNELS)
@pytest.mark.parametrize("wrong", [PLANTED, 7, [PLANTED], {"a": PLANTED}])
def test_wrong_settings_are_refused_without_being_shown(name, wrong):
    for field in CHANNELS[name].settings.__struct_fields__:
        values = EXAMPLES.get(name, {}) | ({"url": "https://h.example/x"} if name in HTTP else {}) | {field: wrong}
        with pytest.raises(ValueError, match=rf"^channel {name}: ") as caught:
            build_channel(CHANNELS[name], values, Outbound())
        assert PLANTED not in str(caught.value)
        assert PLANTED not in repr(caught.value.__cause__)


@pytest.mark.parametrize("name", CHANNELS)
def test_settings_show_no_secret(name):
    fields = {"url": Secret(PLANTED), "secrets": (Secret(PLANTED),)}
    settings = CHANNELS[name].settings
    made = settings(**{key: value for key, value in fields.items() if key in settings.__struct_fields__})
    assert PLANTED not in f"{made} {made!r} {msgspec.structs.asdict(made)}"


# -- channels of HTTP -------------------------------------------------------------------------------------------------

CODES = {
    200: ("accepted", "ok"),
    202: ("accepted", "ok"),
    204: ("accepted", "ok"),
    301: ("failed", "redirect"),
    302: ("failed", "redirect"),
    307: ("failed", "redirect"),
    400: ("failed", "http-400"),
    401: ("failed", "http-401"),
    403: ("failed", "http-403"),
    404: ("failed", "http-404"),
    408: ("retry", "http-408"),
    410: ("failed", "gone"),
    413: ("failed", "http-413"),
    422: ("failed", "http-422"),
    425: ("retry", "http-425"),
    429: ("retry", "http-429"),
    500: ("retry", "http-500"),
    502: ("retry", "http-502"),
    503: ("retry", "http-503"),
    504: ("retry", "http-504"),
    529: ("retry", "http-529"),
}


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("status", CODES)
async def test_which_answers_are_worth_another_try(build, receiver, name, status):
    receiver.status = status
    receiver.headers = {"location": receiver.url + "/elsewhere"} if status in {301, 302, 307} else {}
    outcome, reason = CODES[status]
    assert await build(name, receiver.url).send(a_delivery(), NOW) == Sent(
        outcome=outcome, reason=reason, status=status
    )
    assert len(receiver.got) == 1


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        ("1.5", 1.5),
        ("Thu, 06 May 2021 12:05:00 GMT", 300.0),
        ("Thu, 06 May 2021 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
async def test_retry_after_is_read_in_both_forms(build, receiver, name, header, seconds):
    receiver.status, receiver.headers = 429, {"Retry-After": header}
    sent = await build(name, receiver.url).send(a_delivery(), NOW)
    assert (sent.outcome, sent.retry_after) == ("retry", seconds)


@pytest.mark.parametrize("name", HTTP)
async def test_a_receiver_that_hangs_is_worth_another_try(build, receiver, name, monkeypatch):
    monkeypatch.setattr("tocsin.agents.alert.channels.answers.DEADLINE", 0.2)
    receiver.hang = True
    assert await build(name, receiver.url).send(a_delivery(), NOW) == Sent(outcome="retry", reason="timeout")


@pytest.mark.parametrize("name", HTTP)
async def test_a_connection_that_breaks_or_is_refused_is_worth_another_try(build, receiver, name, unused_port):
    receiver.close = True
    assert (await build(name, receiver.url).send(a_delivery(), NOW)).outcome == "retry"
    sent = await build(name, f"http://127.0.0.1:{unused_port}/{PLANTED}").send(a_delivery(), NOW)
    assert sent == Sent(outcome="retry", reason="connect")


@pytest.fixture
async def unused_port():
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


@pytest.mark.parametrize("name", HTTP)
async def test_an_address_of_this_network_is_refused_for_good(build, receiver, name):
    guarded = Outbound()
    sent = await build(name, receiver.url, guarded).send(a_delivery(), NOW)
    await guarded.close()
    assert sent == Sent(outcome="failed", reason="refused-address")
    assert receiver.got == []


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("url", ["hooks.example/x", "ftp://h.example/x", "https:///", "http://[::1", "file:///etc/x"])
def test_what_is_no_web_address_is_refused_when_it_is_set(build, name, url):
    with pytest.raises(ValueError, match="`url` is no web address") as caught:
        build(name, url + PLANTED)
    assert PLANTED not in str(caught.value)


@pytest.mark.parametrize("name", HTTP)
@pytest.mark.parametrize("trouble", [200, 302, 404, 503, "hang", "close", "guard"])
async def test_no_secret_and_no_answer_text_leaves_a_send(
    build, receiver, outbound, name, trouble, monkeypatch, capfd, caplog
):
    caplog.set_level(0)
    monkeypatch.setattr("tocsin.agents.alert.channels.answers.DEADLINE", 0.2)
    receiver.status = trouble if isinstance(trouble, int) else 200
    receiver.hang, receiver.close = trouble == "hang", trouble == "close"
    client = Outbound() if trouble == "guard" else outbound
    sent = await build(name, receiver.url, client).send(a_delivery(), NOW)
    if client is not outbound:
        await client.close()
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("aiohttp")]
    shown = repr(sent) + "".join(capfd.readouterr()) + "".join(ours)
    secrets = [PLANTED, *EXAMPLES.get(name, {}).get("secrets", ())]
    assert not [secret for secret in secrets if secret in shown]
    assert "no: " not in sent.reason


@pytest.mark.parametrize("name", HTTP)
async def test_every_try_carries_the_same_content(build, receiver, name):
    channel = build(name, receiver.url)
    await channel.send(a_delivery(), NOW)
    await channel.send(a_delivery(), NOW + timedelta(hours=9))
    (_, first), (_, second) = receiver.got
    assert first == second
    assert HEADLINE in json.dumps(json.loads(first))


@pytest.mark.parametrize("name", HTTP)
async def test_a_test_alert_is_marked_and_a_real_one_is_not(build, receiver, name):
    channel = build(name, receiver.url)
    await channel.send(a_delivery("test"), NOW)
    await channel.send(a_delivery(), NOW)
    (_, test), (_, real) = receiver.got
    assert b"TEST" in test or b'"test":true' in test
    assert b"TEST" not in real
    assert b'"test":true' not in real


@pytest.mark.parametrize("name", HTTP)
async def test_a_notice_to_the_operator_arrives(build, receiver, name):
    assert (await build(name, receiver.url).send(a_notice(), NOW)).outcome == "accepted"
    assert b"feed x: http-500" in receiver.got[0][1]


# -- what is each one's own --------------------------------------------------------------------------------------------


async def test_a_webhooks_request_verifies_under_each_secret_and_its_id_is_the_deliverys(receiver, outbound):
    from standardwebhooks.webhooks import Webhook

    secrets = [new_secret().reveal(), new_secret().reveal()]
    channel = build_channel(CHANNELS["webhook"], {"url": receiver.url, "secrets": secrets}, outbound)
    now = datetime.now(UTC)
    await channel.send(a_delivery(), now)
    await channel.send(a_delivery(), now + timedelta(seconds=90))
    for headers, body in receiver.got:
        found = {key.lower(): value for key, value in headers.items()}
        assert found["webhook-id"] == "delivery-1"
        assert found["content-type"] == "application/json"
        for secret in secrets:
            assert Webhook(secret).verify(body, found)["type"] == "alert.created"
    first, second = ({key.lower(): value for key, value in headers.items()} for headers, _ in receiver.got)
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 90


def test_a_webhook_without_a_secret_is_refused():
    with pytest.raises(ValueError, match="at least one signing secret"):
        build_channel(CHANNELS["webhook"], {"url": "https://h.example/x", "secrets": []}, Outbound())


class Tty(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "colored"), [(io.StringIO, False), (Tty, True)])
async def test_the_terminal_is_coloured_only_where_somebody_looks(build, monkeypatch, stream, colored):
    out = stream()
    monkeypatch.setattr(sys, "stdout", out)
    assert (await build("terminal").send(a_delivery("test"), NOW)).outcome == "accepted"
    assert ("\x1b[" in out.getvalue()) is colored
    assert HEADLINE in out.getvalue()
    assert "TEST" in out.getvalue()


async def test_a_terminal_that_is_closed_is_worth_another_try(build, monkeypatch):
    out = io.StringIO()
    out.close()
    monkeypatch.setattr(sys, "stdout", out)
    assert await build("terminal").send(a_notice(), NOW) == Sent(outcome="retry", reason="stream-closed")
