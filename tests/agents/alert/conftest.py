from datetime import UTC, datetime, timedelta

import pytest

from tocsin.streams.contract import Cause, Item, Origin
from tocsin.streams.records import (
    Alert,
    Annotated,
    Article,
    Delivery,
    Event,
    Evidence,
    Matched,
    Stamps,
    StoryUpdate,
    Subscription,
)

NOON = datetime(2021, 5, 6, 12, tzinfo=UTC)
TITLE = "Ruritania expels ten diplomats of Freedonia"
TEXT = "The foreign ministry gave them three days to leave. Freedonia called the step baseless."


class Make:
    """Records for tests, each with the fields that matter given."""

    noon = NOON
    title = TITLE
    text = TEXT

    def __init__(self):
        self.offset = -1

    def item(self, record, *, key="k", minutes=0.0, replay=False, origin=None):
        self.offset += 1
        where = origin or Origin("tocsin.test.v1", 3, self.offset)
        time = NOON + timedelta(minutes=minutes)
        return Item(
            record=record, key=key, time=time, cause=Cause(origin=where, traceparent="00-ab-cd-01", replay=replay)
        )

    def matched(self, *, story="s1", groups=("g1",), baseline=False, title=TITLE, text=TEXT, events=None, number=1):
        article = Article(
            id=f"a{number}",
            url=f"https://news.example/{number}",
            source="Ruritania Times",
            title=title,
            text=text,
            published=NOON - timedelta(hours=1),
            first_seen=NOON - timedelta(minutes=2),
            baseline=baseline,
        )
        if events is None:
            events = (Event(type="expel", actor="RUR", target="FRE", object="diplomats", count=10, spans=((0, 43),)),)
        annotated = Annotated(article=article, language="en", events=events)
        update = StoryUpdate(
            annotated=annotated, story=story, relation="first", headline="A story", sources=("One", "Two")
        )
        return Matched(article=article.id, story=story, update=update, groups=groups)

    def subscription(self, number=1, **fields):
        fields = {"query": "topic:expulsion", "group": "g1", "endpoints": ("hook",), "severity": "high"} | fields
        return Subscription(id=f"sub{number}", name=f"Desk {number}", **fields)

    def explain(self, _subscription, annotated):
        text = annotated.article.reading_text
        end = min(len(text), len(TITLE))
        return (
            Evidence(
                clause="topic:expulsion",
                sentence=text[:end],
                start=0,
                end=end,
                matched="expels",
                spans=((10, 16),),
                score=0.93,
            ),
        )

    def alert(self, **fields):
        fields = {
            "id": "alert1",
            "subscription": "sub1",
            "subscription_name": "Desk 1",
            "query": "topic:expulsion",
            "endpoints": ("hook",),
            "story": "s1",
            "severity": "high",
            "headline": TITLE,
            "url": "https://news.example/1",
            "article": "a1",
            "language": "en",
            "facts": ("RUR expels FRE: 10 diplomats (happened)",),
            "evidence": (
                Evidence(
                    clause="topic:expulsion",
                    sentence=TITLE,
                    start=0,
                    end=43,
                    matched="expels",
                    spans=((10, 16),),
                    score=0.93,
                ),
            ),
            "sources": ("Ruritania Times", "Two"),
            "stamps": Stamps(received=NOON, matched=NOON + timedelta(seconds=1)),
        } | fields
        return Alert(**fields)

    def delivery(self, number=1, endpoint="hook", **fields):
        fields = {"alert": self.alert(id=f"alert{number}")} | fields
        return Delivery(id=f"d{number}", endpoint=endpoint, **fields)


@pytest.fixture
def make():
    return Make()
