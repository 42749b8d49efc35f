"""How a request for a feed ended has a name."""

import pytest

from tocsin.streams.feeds.fetch import fetch
from tocsin.streams.outbound import OutboundError, Response
from tocsin.streams.records import Feed, FeedState

FEED = Feed(id="f", url="https://f.example/")


class Answers:
    """Stands for the client: gives one answer, keeps what it was asked."""

    def __init__(self, answer: Response | OutboundError) -> None:
        self.answer = answer
        self.asked: dict = {}

    async def request(self, method: str, url: str, **more) -> Response:
        self.asked = {"method": method, "url": url, **more}
        if isinstance(self.answer, OutboundError):
            raise self.answer
        return self.answer


def answer(status: int, **headers: str) -> Response:
    return Response(status=status, headers={k.replace("_", "-"): v for k, v in headers.items()}, body=b"x", url="u")


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (200, "fetched", "fetched"), (304, "unchanged", "not-modified"), (401, "failed", "needs-login"),
        (403, "failed", "forbidden"), (404, "failed", "not-found"), (410, "gone", "gone"),
        (429, "throttled", "throttled"), (500, "failed", "server-error"), (503, "failed", "unavailable"),
        (206, "failed", "http-error"), (302, "failed", "http-error"),
    ],
)  # fmt: skip
async def test_each_status_has_its_name(status: int, outcome: str, reason: str) -> None:
    found = await fetch(Answers(answer(status)), FEED, FeedState(feed="f", etag='"a"'))  # type: ignore[arg-type]
    assert (found.outcome, found.reason, found.answered) == (outcome, reason, True)
    assert bool(found.body) == (status == 200)


async def test_a_304_that_nobody_asked_for_is_an_error() -> None:
    found = await fetch(Answers(answer(304)), FEED, FeedState(feed="f"))  # type: ignore[arg-type]
    assert (found.outcome, found.reason) == ("failed", "http-error")


async def test_a_wall_against_robots_is_named() -> None:
    found = await fetch(Answers(answer(403, cf_mitigated="challenge")), FEED, FeedState(feed="f"))  # type: ignore[arg-type]
    assert found.reason == "bot-wall"


@pytest.mark.parametrize(("reason", "answered"), [("connect", False), ("timeout", False), ("too-large", True)])
async def test_a_request_without_an_answer_has_the_clients_reason(reason, answered: bool) -> None:
    found = await fetch(Answers(OutboundError(reason, "f.example", "why")), FEED, FeedState(feed="f"))  # type: ignore[arg-type]
    assert (found.outcome, found.reason, found.answered, found.mend) == ("failed", reason, answered, "f.example: why")


async def test_both_validators_are_sent() -> None:
    client = Answers(answer(304))
    await fetch(client, FEED, FeedState(feed="f", etag='"a"', modified="Sun, 01 May 2022 00:00:00 GMT"))  # type: ignore[arg-type]
    sent = client.asked["headers"]
    assert (sent["if-none-match"], sent["if-modified-since"]) == ('"a"', "Sun, 01 May 2022 00:00:00 GMT")
    assert "rss" in sent["accept"]
