"""One conditional GET of a feed, and how it ended by name."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tocsin.streams.feeds.schedule import Outcome, conditional_headers
from tocsin.streams.outbound import Outbound, OutboundError
from tocsin.streams.records import Feed, FeedState

ACCEPT = (
    "application/atom+xml, application/rss+xml, application/rdf+xml, application/feed+json, application/xml;q=0.9, "
    "text/xml;q=0.9, application/json;q=0.8, */*;q=0.1"
)
REDIRECTS = 5
DEADLINE = 30.0

_NAMES = {
    304: "not-modified",
    401: "needs-login",
    403: "forbidden",
    404: "not-found",
    410: "gone",
    429: "throttled",
    503: "unavailable",
}


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """The end of one request. `body` is empty unless `outcome` is fetched."""

    outcome: Outcome
    reason: str
    """Fixed words: `fetched`, `not-modified`, `throttled`, `timeout`, ..."""
    mend: str = ""
    """What the operator can do about it."""
    headers: Mapping[str, str] = {}
    body: bytes = b""
    url: str = ""
    """Where the body came from, after redirects."""
    answered: bool = True
    """False where no HTTP answer came at all."""


async def fetch(outbound: Outbound, feed: Feed, state: FeedState) -> Fetched:
    """Ask a feed with its validators. Raises nothing but what ends the process: every failure has a name."""
    validators = conditional_headers(state)
    try:
        response = await outbound.request(
            "GET",
            feed.url,
            headers={"accept": ACCEPT, **validators},
            deadline=DEADLINE,
            redirects=REDIRECTS,
            purpose="feed",
        )
    except OutboundError as error:
        answered = error.reason in ("too-large", "protocol", "redirects")
        return Fetched(outcome="failed", reason=error.reason, mend=str(error), answered=answered)
    status, headers = response.status, response.headers
    if status == 200:
        return Fetched(outcome="fetched", reason="fetched", headers=headers, body=response.body, url=response.url)
    if status == 304 and validators:
        return Fetched(outcome="unchanged", reason="not-modified", headers=headers)
    return _refused(status, headers)


def _refused(status: int, headers: Mapping[str, str]) -> Fetched:
    if headers.get("cf-mitigated") == "challenge":
        mend = "the site wants a browser: ask it for access, or take another feed of it"
        return Fetched(outcome="failed", reason="bot-wall", mend=mend, headers=headers)
    outcome: Outcome = "throttled" if status == 429 else "gone" if status == 410 else "failed"
    name = _NAMES.get(status, "server-error" if status >= 500 else "http-error")
    if status == 304:  # nothing was asked for conditionally
        name = "http-error"
    return Fetched(outcome=outcome, reason=name, mend=f"it answers {status}: {_mend(status)}", headers=headers)


def _mend(status: int) -> str:
    if status in (401, 403):
        return "ask the site for access"
    if status in (404, 410):
        return "look for the feed's new address, or remove it"
    if status == 429:
        return "poll it less often"
    if status >= 500:
        return "the site has a fault; it is asked again"
    return "check the address in a browser"
