"""Records such as the page shows."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.service.web.source import LiveSource
from tocsin.service.web.view import alert_item, story_item
from tocsin.streams.kafka import Kafka
from tocsin.streams.records import Alert, Annotated, Article, Evidence, Label, Mention, StoryUpdate

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SENTENCE = "Norway told four Iranian diplomats to leave the country by Friday."


def alert(id_="a1", **changes):
    """Return an alert whose one sentence satisfies two clauses."""
    clauses = (("topic:expulsion", "to leave the country"), ("country:NOR", "Norway"))
    known = {
        "id": id_,
        "subscription": "s1",
        "subscription_name": "Expulsions",
        "query": "topic:expulsion AND country:NOR",
        "story": "story-of-" + id_,
        "severity": "high",
        "headline": "Oslo acts after embassy affair",
        "url": "https://example.org/oslo",
        "language": "en",
        "facts": ("NOR expels IRN: 4 diplomats (happened)",),
        "evidence": tuple(
            Evidence(
                clause=clause,
                sentence=SENTENCE,
                start=100,
                end=100 + len(SENTENCE),
                matched=words,
                spans=((100 + SENTENCE.index(words), 100 + SENTENCE.index(words) + len(words)),),
            )
            for clause, words in clauses
        ),
        "reasons": ("topic:expulsion", "country:NOR"),
        "sources": ("Fjord Times",),
    }
    return Alert(**(known | changes))


def update(story="t1", headline="Oslo acts after embassy affair", **changes):
    """Return a story's update."""
    article = Article(
        id="n-" + story,
        url=changes.pop("url", "https://example.org/" + story),
        source="Fjord Times",
        title=headline,
        text=SENTENCE,
        first_seen=AT,
    )
    annotated = Annotated(
        article=article,
        language="en",
        labels=tuple(Label(topic=topic, score=0.9) for topic in changes.pop("topics", ("expulsion",))),
        mentions=(
            Mention(id="IRN", kind="nationality", surface="Iranian", start=50, end=57),
            Mention(id="NOR", kind="country", surface="Norway", start=32, end=38, role="about"),
            Mention(id="Q1", kind="person", surface="Oslo", start=0, end=4, role="about"),
        ),
    )
    known = {
        "annotated": annotated,
        "story": story,
        "relation": "first",
        "headline": headline,
        "sources": ("Fjord Times",),
    }
    return StoryUpdate(**(known | changes))


def source():
    """Return a source whose log does not matter: tests publish to its hub."""
    return LiveSource(Kafka(bootstrap="127.0.0.1:1"))


def tell_alert(live, id_="a1", at=AT, **changes):
    """Publish an alert."""
    live.hub.publish(alert_item(alert(id_, **changes), at))


def tell_story(live, story="t1", at=AT, **changes):
    """Publish a story's update as the source does."""
    live.hub.publish(story_item(update(story, **changes), at, live.hub.story(story)), source="Fjord Times")
