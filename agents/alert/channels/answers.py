"""What an HTTP receiver's answer means: one table for every channel that speaks HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tocsin.agents.alert.channels import Sent
from tocsin.streams.outbound import Outbound, OutboundError
from tocsin.streams.secret import Secret

DEADLINE = 30.0
"""Seconds of one attempt, from the name's look-up to the answer's end."""
MAX_ANSWER = 1 << 20
"""Bytes. An answer's body is never used, but a long one must not turn an accepted delivery into a repeat."""
AGAIN = frozenset({408, 425, 429})
"""Client errors that pass."""
HOPELESS = frozenset({"refused-address", "bad-url", "redirects"})
"""Ends of a request that the same request meets again until somebody mends the settings."""


def web_address(url: Secret) -> Secret:
    """Return the address if it is one of the web; ValueError, without the address in it, where it is not."""
    try:
        parts = urlsplit(url.reveal())
        good = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        good = False
    if not good:
        raise ValueError("`url` is no web address: write it whole, such as https://hooks.example/path")
    return url


async def post(
    outbound: Outbound, url: Secret, body: bytes, headers: Mapping[str, str], now: datetime, name: str
) -> Sent:
    """POST once, without following redirects, and judge the answer."""
    try:
        response = await outbound.request(
            "POST",
            url.reveal(),
            headers=dict(headers),
            body=body,
            deadline=DEADLINE,
            max_bytes=MAX_ANSWER,
            redirects=0,
            purpose=name,
        )
    except OutboundError as error:
        return Sent(outcome="failed" if error.reason in HOPELESS else "retry", reason=error.reason)
    return judge(response.status, response.headers, now)


def judge(status: int, headers: Mapping[str, str], now: datetime) -> Sent:
    """Return what a status and its headers (names in lower case) mean.

    2xx is accepted. 408, 425, 429 and 5xx are tried again, not before `Retry-After` (RFC 9110, 10.2.3). A redirect
    is a failure (Standard Webhooks), as is any other 4xx: the same request would meet it again.
    """
    if 200 <= status < 300:
        return Sent(outcome="accepted", reason="ok", status=status)
    if status in AGAIN or status >= 500:
        after = retry_after(headers.get("retry-after"), now)
        return Sent(outcome="retry", reason=f"http-{status}", status=status, retry_after=after)
    reason = "gone" if status == 410 else "redirect" if 300 <= status < 400 else f"http-{status}"
    return Sent(outcome="failed", reason=reason, status=status)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return seconds from either form of `Retry-After`, never negative; None where it says nothing readable."""
    if value is None:
        return None
    text = value.strip()
    # `1.5` is no form of the RFC, but receivers do send it.
    if text.replace(".", "", 1).isdigit() and text.isascii():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
