"""Articles for the tests of matching."""

from datetime import UTC, datetime

import pytest

from tocsin.streams.records import Annotated, Article, Event, Label, Mention

TITLE = "Norland expels two envoys"
TEXT = (
    "The Foreign Ministry of Norland said the envoys must leave by Friday. Sudrian officials spoke of a mistake. "
    "Subscribe to our letter. Talks on a summit go on."
)
FIRST_SEEN = datetime(2024, 3, 1, 12, tzinfo=UTC)


def build_article(title=TITLE, text=TEXT, **others):
    """Return an annotated article; sentences end at each full stop."""
    url = others.pop("url", "https://www.daily.example/a")
    article = Article(
        id=others.pop("id", "a1"),
        url=url,
        source=others.pop("source", "The Daily"),
        title=title,
        text=text,
        furniture=others.pop("furniture", ()),
        first_seen=FIRST_SEEN,
    )
    reading = article.reading_text
    sentences, start = [], 0
    if title:
        sentences, start = [(0, len(title))], len(title) + 2
    for part in text.split(". "):
        end = min(start + len(part) + 1, len(reading))
        if not any(left <= start < right for left, right in article.furniture):
            sentences.append((start, end))
        start = end + 1
    return Annotated(article=article, language=others.pop("language", "en-GB"), sentences=tuple(sentences), **others)


def span_of(annotated, words, nth=0):
    """Return where words stand in the reading text."""
    reading = annotated.article.reading_text
    at = -1
    for _ in range(nth + 1):
        at = reading.index(words, at + 1)
    return at, at + len(words)


@pytest.fixture(scope="session")
def build():
    """Return the builder of articles."""
    return build_article


@pytest.fixture(scope="session")
def span():
    """Return the finder of words in an article."""
    return span_of


@pytest.fixture
def expulsion():
    """Return an article with a topic, an event, three mentions and one sentence of furniture."""
    plain = build_article()
    letter = span_of(plain, "Subscribe to our letter.")
    mentions = [
        Mention(id=id_, kind=kind, surface=surface, start=place[0], end=place[1])
        for id_, kind, surface, place in (
            ("SUD", "nationality", "Sudrian", span_of(plain, "Sudrian")),
            ("NOR", "country", "Norland", span_of(plain, "Norland")),
            ("NOR", "country", "Norland", span_of(plain, "Norland", 1)),
            ("FOREIGN_MINISTRY", "org", "Foreign Ministry", span_of(plain, "Foreign Ministry")),
        )
    ]
    must_leave = span_of(plain, "must leave by Friday")
    return build_article(
        furniture=(letter,),
        mentions=tuple(mentions),
        labels=(Label(topic="expulsion", score=0.9, spans=(must_leave,), rules=("leave-deadline",)),),
        events=(
            Event(
                type="expel",
                actor="NOR",
                target="SUD",
                spans=(span_of(plain, "Norland expels two envoys"),),
                rules=("expel-verb",),
                score=0.8,
            ),
        ),
    )
