"""The one way out: every request to a feed, a hub, a chat or a webhook goes through this guarded client.

An address that somebody typed, or that a foreign answer redirects to, must not reach this machine or its network.
So the address is checked where the socket is made, after the name was resolved: a literal address, a redirect and a
name that resolves differently the second time all pass there. `OutboundError` is the only error of a request.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import aiohttp
import msgspec
from yarl import URL

from tocsin.streams import metrics

Reason = Literal["refused-address", "timeout", "too-large", "connect", "tls", "bad-url", "protocol", "redirects"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

USER_AGENT = "Tocsin/0.1 (news monitor)"
CONNECT_SECONDS = 10.0
CHUNK_BYTES = 65_536
_MARK = "address not allowed"
_REDIRECTS = {301, 302, 303, 307, 308}
_SECRET_HEADERS = {"authorization", "cookie", "proxy-authorization"}
_GLOBAL_UNICAST_6 = ipaddress.ip_network("2000::/3")
# Counted as global by the standard library, or by some of its versions, and yet no host of the public network:
# protocol assignments (RFC 6890), relay anycast (RFC 7526), 6to4 (RFC 3056), documentation (RFC 9637).
_NEVER = tuple(ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20"))


class OutboundError(Exception):
    """A request without an answer. `reason` is one of `Reason`; the text names the host, and no more of the URL."""

    def __init__(self, reason: Reason, host: str, detail: str) -> None:
        super().__init__(f"{host}: {detail}" if host else detail)
        self.reason: Reason = reason
        self.host = host


class Response(msgspec.Struct, frozen=True):
    """An answer: names of `headers` in lower case, `body` decoded, `url` the last one asked, without userinfo."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class _RefusedError(OSError):
    """Raised by the socket factory."""

    def __init__(self) -> None:
        super().__init__(_MARK)


def is_public(address: Address) -> bool:
    """Tell whether an address belongs to a host of the public network.

    IPv6 outside 2000::/3 never does: that leaves out IPv4-mapped and translated forms (::ffff:0:0/96, 64:ff9b::/96,
    64:ff9b:1::/48, ::/96), through which a private IPv4 address could be spelt.
    """
    if address.is_multicast or not address.is_global or any(address in network for network in _NEVER):
        return False
    return address.version == 4 or address in _GLOBAL_UNICAST_6


class Outbound:
    """HTTP client for public addresses and the networks in `allow` (CIDR). ValueError where a CIDR can't be read."""

    def __init__(self, *, allow: Sequence[str] = (), user_agent: str = USER_AGENT) -> None:
        self._allow = tuple(_network(text) for text in allow)
        self._user_agent = user_agent
        self._session: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        deadline: float = 30.0,
        max_bytes: int = 5_000_000,
        max_decoded: int = 20_000_000,
        redirects: int = 0,
        purpose: str,
    ) -> Response:
        """Send a request and return the whole answer, whatever its status; OutboundError where there is none.

        `deadline` (seconds) spans all hops and the body. `max_bytes` counts the body on the wire, `max_decoded` after
        decompression. At most `redirects` are followed; with 0 a redirect is the answer. `purpose` labels the metrics
        and must be a fixed word.
        """
        target = _parse(url)
        began = time.monotonic()
        end = "cancelled"
        try:
            async with asyncio.timeout(deadline):
                response = await self._follow(
                    _Ask(method.upper(), target, dict(headers or {}), body), redirects, (max_bytes, max_decoded)
                )
            end = f"{response.status // 100}xx"
        except TimeoutError:
            end = "timeout"
            raise OutboundError("timeout", target.host or "", f"no whole answer within {deadline:g} s") from None
        except OutboundError as error:
            end = error.reason
            raise
        else:
            return response
        finally:
            metrics.OUTBOUND.labels(purpose, end).inc()
            metrics.OUTBOUND_SECONDS.labels(purpose).observe(time.monotonic() - began)

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _follow(self, ask: _Ask, redirects: int, limits: tuple[int, int]) -> Response:
        for left in range(redirects, -1, -1):
            host = ask.url.host or ""
            try:
                answer = await self._hop(ask, limits, follow=redirects > 0)
            except OutboundError:
                raise
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise _translate(error, host) from None
            if isinstance(answer, Response):
                return answer
            if left:
                ask = _next_hop(ask, *answer)
        raise OutboundError("redirects", ask.url.host or "", f"more than {redirects} redirects")

    async def _hop(self, ask: _Ask, limits: tuple[int, int], *, follow: bool) -> Response | tuple[int, str]:
        """Ask once; return the answer, or status and location of a redirect that is to be followed."""
        sent = {"user-agent": self._user_agent, "accept-encoding": "gzip, deflate"}
        sent |= {name.lower(): value for name, value in ask.headers.items()}
        async with self._open().request(
            ask.method, ask.url, headers=sent, data=ask.body, allow_redirects=False
        ) as answer:
            location = answer.headers.get("location")
            if follow and location and answer.status in _REDIRECTS:
                # A redirect's body is of no use, and reading it would cost what the other side likes.
                answer.close()
                return answer.status, location
            content = await _read(answer, *limits, host=ask.url.host or "")
            return Response(
                status=answer.status,
                headers={name.lower(): ", ".join(answer.headers.getall(name)) for name in answer.headers},
                body=content,
                url=str(ask.url.with_user(None)),
            )

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=self._socket, ttl_dns_cache=60),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Make the socket for an address that was resolved, or refuse it: nothing was sent anywhere yet."""
        family, kind, protocol, _, where = info
        address = ipaddress.ip_address(where[0])
        if not is_public(address) and not any(address in network for network in self._allow):
            raise _RefusedError
        return socket.socket(family=family, type=kind, proto=protocol)


class _Ask(msgspec.Struct, frozen=True):
    method: str
    url: URL
    headers: dict[str, str]
    body: bytes | None


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as error:
        raise ValueError(f"allowed network {text!r} is no CIDR such as 10.0.0.0/8: {error}") from None


def _parse(url: str) -> URL:
    try:
        parsed = URL(url)
        host = parsed.host
    except ValueError:
        raise OutboundError("bad-url", "", "the address can't be read: write http(s)://host/path") from None
    if parsed.scheme not in ("http", "https") or not host:
        raise OutboundError("bad-url", host or "", "only http:// and https:// addresses with a host are asked")
    return parsed.with_fragment(None)


def _next_hop(ask: _Ask, status: int, location: str) -> _Ask:
    try:
        url = ask.url.join(URL(location))
    except ValueError:
        raise OutboundError("bad-url", ask.url.host or "", "redirects to an address that can't be read") from None
    url = _parse(str(url))
    headers = ask.headers
    if url.origin() != ask.url.with_user(None).origin():
        headers = {name: value for name, value in headers.items() if name.lower() not in _SECRET_HEADERS}
    # RFC 9110, 15.4: 303 always, and 301 and 302 after a POST by custom, go on as a GET without the body.
    if ask.method != "HEAD" and (status == 303 or (status in (301, 302) and ask.method == "POST")):
        return _Ask("GET", url, headers, None)
    return _Ask(ask.method, url, headers, ask.body)


def _translate(error: Exception, host: str) -> OutboundError:
    """Name the reason of a library's error; its own text may hold the URL and is dropped."""
    if isinstance(error, aiohttp.ClientSSLError):
        return OutboundError("tls", host, "no secure connection: its certificate or its TLS is not accepted")
    if isinstance(error, aiohttp.ClientConnectorError):
        return _unconnected(error, host)
    if isinstance(error, TimeoutError):
        return OutboundError("timeout", host, f"no connection within {CONNECT_SECONDS:g} s")
    if isinstance(error, aiohttp.InvalidURL):
        return OutboundError("bad-url", host, "the address can't be asked")
    if isinstance(error, (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
        return OutboundError("connect", host, "the connection broke")
    return OutboundError("protocol", host, f"the exchange broke HTTP's rules ({type(error).__name__})")


def _unconnected(error: aiohttp.ClientConnectorError, host: str) -> OutboundError:
    # Refusals of several addresses arrive joined into one plain OSError, so the text is all that tells.
    if _MARK in str(error.os_error):
        return OutboundError(
            "refused-address", host, "its address is not public; to ask it all the same, allow its network"
        )
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return OutboundError("connect", host, "the name can't be resolved")
    return OutboundError("connect", host, f"no connection ({error.os_error.strerror or 'unreachable'})")


async def _read(answer: aiohttp.ClientResponse, max_bytes: int, max_decoded: int, *, host: str) -> bytes:
    """Stream the body; stop at the first byte too many, on the wire or decoded."""
    coding = answer.headers.get("content-encoding", "").strip().lower()
    decoder: _Plain | _Inflate
    if coding in ("", "identity"):
        decoder = _Plain()
    elif coding in ("gzip", "x-gzip", "deflate"):
        decoder = _Inflate()
    else:
        raise OutboundError("protocol", host, "the body has an encoding that was not asked for")
    parts: list[bytes] = []
    wire = decoded = 0
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        wire += len(chunk)
        if wire > max_bytes:
            raise OutboundError("too-large", host, f"the body is larger than {max_bytes} bytes")
        try:
            part = decoder.feed(chunk, max_decoded - decoded + 1)
        except zlib.error:
            raise OutboundError("protocol", host, "the compressed body is broken") from None
        decoded += len(part)
        if decoded > max_decoded:
            raise OutboundError("too-large", host, f"the body decompresses to more than {max_decoded} bytes")
        parts.append(part)
    if wire and not decoder.whole:
        raise OutboundError("protocol", host, "the compressed body is cut short")
    return b"".join(parts)


class _Plain:
    whole = True

    def feed(self, chunk: bytes, _room: int) -> bytes:
        return chunk


class _Inflate:
    """gzip (several members too), zlib and bare deflate, which some servers send as `deflate`."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        self._begun = False

    @property
    def whole(self) -> bool:
        return self._inner.eof

    def feed(self, chunk: bytes, room: int) -> bytes:
        """Return at most `room` bytes; more would have come where it returns exactly that many."""
        found = b""
        while chunk and len(found) < room:
            if self._inner.eof:
                if not chunk.strip(b"\0"):  # padding after the last member
                    break
                self._inner = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
            try:
                found += self._inner.decompress(chunk, room - len(found))
            except zlib.error:
                if self._begun:
                    raise
                self._inner = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
                found += self._inner.decompress(chunk, room - len(found))
            self._begun = True
            chunk = self._inner.unused_data if self._inner.eof else self._inner.unconsumed_tail
        return found
