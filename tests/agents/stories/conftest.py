"""Articles for the tests of stories."""

import itertools
from datetime import UTC, datetime

import pytest

from tocsin.streams.contract import Cause, Item, Origin
from tocsin.streams.records import Annotated, Article, Event, Label, Mention

NOON = datetime(2024, 3, 1, 12, tzinfo=UTC)
STATES = {"Norland": "NOR", "Sudria": "SUD", "Estmark": "EST", "Westria": "WES"}


def build_article(id, title, text="", events=(), topics=(), **fields):  # noqa: A002 -- the record's own name
    """Return an annotated article: states are mentions, `events` are (type, actor, target, words, others)."""
    annotated_fields = {key: fields.pop(key) for key in ("published", "furniture", "revision") if key in fields}
    article = Article(
        id=id,
        url=f"https://daily.example/{id}",
        source=fields.pop("source", "Daily"),
        title=title,
        text=text,
        first_seen=NOON,
        **annotated_fields,
    )
    reading = article.reading_text
    sentences, start = [(0, len(title))] if title else [], len(title) + 2 if title else 0
    for part in text.split(". ") if text else ():
        sentences.append((start, min(start + len(part) + 1, len(reading))))
        start = sentences[-1][1] + 1
    mentions = [
        Mention(id=state, kind="country", surface=name, start=at, end=at + len(name))
        for name, state in STATES.items()
        for at in range(len(reading))
        if reading.startswith(name, at)
    ]
    said = []
    for kind, actor, target, words, *others in events:
        at = reading.index(words)
        said.append(
            Event(
                type=kind, actor=actor, target=target, spans=((at, at + len(words)),), **(others[0] if others else {})
            )
        )
    labels = []
    for topic, words in topics:
        at = reading.index(words)
        labels.append(Label(topic=topic, score=0.9, spans=((at, at + len(words)),)))
    return Annotated(
        article=article,
        language="en",
        sentences=tuple(sentences),
        mentions=tuple(sorted(mentions, key=lambda mention: mention.start)),
        events=tuple(said),
        labels=tuple(labels),
    )


@pytest.fixture(scope="session")
def build():
    """Return the builder of articles."""
    return build_article


@pytest.fixture
def item():
    """Return a maker of input records with rising offsets."""
    offsets = itertools.count()

    def make(annotated, time=NOON):
        cause = Cause(origin=Origin("annotated", 0, next(offsets)))
        return Item(record=annotated, key="", time=time, cause=cause)

    return make


@pytest.fixture(scope="session")
def noon():
    """Return the time at which the tests begin."""
    return NOON
