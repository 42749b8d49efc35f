"""The guarded client: what it reaches, what it reads, and what its errors say."""

import asyncio
import gzip
import ipaddress
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from tocsin.streams.outbound import Outbound, OutboundError, is_public

LOOPBACK = ["127.0.0.0/8"]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Serve = Callable[[Handler], Awaitable[str]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start servers on the loopback that answer every path with one handler."""
    runners = []

    async def start(handler: Handler) -> str:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handler)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        runners.append(runner)
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


@pytest.fixture
async def client() -> AsyncIterator[Outbound]:
    out = Outbound(allow=LOOPBACK)
    yield out
    await out.close()


async def fails(out: Outbound, url: str, **more) -> OutboundError:
    with pytest.raises(OutboundError) as caught:
        await out.request("GET", url, purpose="test", **more)
    return caught.value


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.0.0.8", "192.0.0.9",
        "192.88.99.1", "192.168.1.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:93.184.216.34", "64:ff9b::a00:1", "64:ff9b:1::a00:1",
        "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "fc00::1", "fe80::1", "fec0::1", "ff02::1", "ff0e::1",
    ],
)  # fmt: skip
def test_addresses_that_are_no_public_host_are_refused(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("text", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "2a00:1450:4001::5"])
def test_public_hosts_are_let_through(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "2130706433", "127.1", "0", "0177.0.0.1"])
async def test_no_spelling_of_the_loopback_is_reached_without_leave(serve: Serve, host: str) -> None:
    """Whatever the spelling, the server sees no request and the error is named."""
    seen = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    port = (await serve(handler)).rsplit(":", 1)[1]
    out = Outbound()
    error = await fails(out, f"http://{host}:{port}/")
    await out.close()
    assert not seen
    assert error.reason in {"refused-address", "bad-url", "connect"}


async def test_a_redirect_into_a_closed_network_is_refused(serve: Serve) -> None:
    seen = []

    async def inner(request: web.Request) -> web.Response:
        seen.append(request.path)
        return web.Response()

    target = (await serve(inner)).replace("127.0.0.1", "127.0.0.2")

    async def outer(_: web.Request) -> web.Response:
        return web.Response(status=302, headers={"location": target})

    out = Outbound(allow=["127.0.0.1/32"])
    error = await fails(out, await serve(outer), redirects=3)
    await out.close()
    assert (error.reason, seen) == ("refused-address", [])


async def test_an_answer_has_lower_case_headers_body_and_url_without_userinfo(serve: Serve, client: Outbound) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=request.headers["authorization"].encode(), headers={"ETag": '"a"', "X-Two": "1"})

    base = await serve(handler)
    answer = await client.request("GET", base.replace("//", "//ann:secret@") + "/f?x=1#part", purpose="test")
    assert answer.status == 200
    assert answer.body.startswith(b"Basic ")
    assert answer.headers["etag"] == '"a"'
    assert answer.url == f"{base}/f?x=1"


async def test_errors_never_show_userinfo_path_or_query(serve: Serve, client: Outbound) -> None:
    """A webhook's path is its secret: no way of failing may print it."""

    async def slow(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    async def loop(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"location": str(request.url)})

    hidden = "/T0KEN?key=T0KEN"
    errors = [
        await fails(client, f"ftp://T0KEN@host.example{hidden}"),
        await fails(client, f"http://[T0KEN{hidden}"),
        await fails(client, f"http://user:T0KEN@10.0.0.1{hidden}"),
        await fails(client, f"http://127.0.0.1:1{hidden}"),
        await fails(client, await serve(slow) + hidden, deadline=0.05),
        await fails(client, await serve(loop) + hidden, redirects=2),
    ]
    assert [error.reason for error in errors] == [
        "bad-url", "bad-url", "refused-address", "connect", "timeout", "redirects",
    ]  # fmt: skip
    for error in errors:
        assert "T0KEN" not in f"{error} {error!r}"
        assert error.__suppress_context__ or error.__context__ is None


async def test_a_body_too_large_on_the_wire_stops_early(serve: Serve, client: Outbound) -> None:
    sent = []

    async def handler(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(2000):
            await answer.write(b"x" * 65536)
            sent.append(1)
        return answer

    error = await fails(client, await serve(handler), max_bytes=100_000)
    assert error.reason == "too-large"
    assert len(sent) < 2000


async def test_a_decompression_bomb_stops_at_the_limit(serve: Serve, client: Outbound) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 9)

    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"content-encoding": "gzip"})

    error = await fails(client, await serve(handler), max_decoded=1_000_000)
    assert error.reason == "too-large"


def _bare(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(b"hello " * 30_000)),
        ("gzip", gzip.compress(b"hello " * 10_000) + gzip.compress(b"hello " * 20_000)),
        ("deflate", zlib.compress(b"hello " * 30_000)),
        ("deflate", _bare(b"hello " * 30_000)),
        ("identity", b"hello " * 30_000),
    ],
    ids=["gzip", "gzip-members", "zlib", "bare-deflate", "identity"],
)
async def test_each_encoding_asked_for_is_decoded(serve: Serve, client: Outbound, coding: str, packed: bytes) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=packed, headers={"content-encoding": coding})

    answer = await client.request("GET", await serve(handler), purpose="test", max_decoded=180_000)
    assert answer.body == b"hello " * 30_000


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(b"x" * 5000)[:-9]),
        ("gzip", b"no gzip at all"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"x"))),
        ("br", b"x"),
    ],
    ids=["cut", "broken", "twice", "unasked"],
)
async def test_a_broken_or_unasked_encoding_is_an_error_and_no_body(
    serve: Serve, client: Outbound, coding: str, body: bytes
) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"content-encoding": coding})

    assert (await fails(client, await serve(handler))).reason == "protocol"


async def test_a_redirect_is_the_answer_unless_redirects_are_asked_for(serve: Serve, client: Outbound) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/new":
            return web.Response(text="here")
        return web.Response(status=301, headers={"location": "/new"})

    base = await serve(handler)
    assert (await client.request("GET", base, purpose="test")).status == 301
    answer = await client.request("GET", base, purpose="test", redirects=1)
    assert (answer.body, answer.url) == (b"here", f"{base}/new")


async def test_credentials_stay_with_the_host_they_were_given_for(serve: Serve, client: Outbound) -> None:
    got = {}

    async def end(request: web.Request) -> web.Response:
        got.update({name.lower(): value for name, value in request.headers.items()})
        return web.Response()

    target = await serve(end)

    async def start(_: web.Request) -> web.Response:
        return web.Response(status=307, headers={"location": target})

    await client.request(
        "GET", await serve(start), headers={"Authorization": "Bearer x", "X-Other": "y"}, redirects=1, purpose="test"
    )
    assert "authorization" not in got
    assert got["x-other"] == "y"


async def test_no_cookie_is_kept(serve: Serve, client: Outbound) -> None:
    got = []

    async def handler(request: web.Request) -> web.Response:
        got.append(request.headers.get("cookie"))
        answer = web.Response()
        answer.set_cookie("a", "b")
        return answer

    base = await serve(handler)
    for _ in range(2):
        await client.request("GET", base, purpose="test")
    assert got == [None, None]


async def test_a_body_cut_by_the_server_is_an_error(client: Outbound) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        assert (await fails(client, f"http://127.0.0.1:{port}/")).reason in {"protocol", "connect"}


async def test_speaking_tls_to_a_plain_server_is_named(serve: Serve, client: Outbound) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response()

    error = await fails(client, (await serve(handler)).replace("http:", "https:"))
    assert error.reason == "tls"


def test_a_network_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        Outbound(allow=["10.0.0.0/99"])
