"""The annotator: one pure function from an article to what it says, each result with its evidence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import msgspec

from tocsin.agents.annotate.claims import Claim, Line
from tocsin.agents.annotate.entities import Silent, find
from tocsin.agents.annotate.events import events
from tocsin.agents.annotate.language import language_of
from tocsin.agents.annotate.marked import Marked
from tocsin.agents.annotate.reading import Found, Reading
from tocsin.agents.annotate.roles import NAMELESS
from tocsin.agents.annotate.salience import mentions
from tocsin.agents.annotate.sentences import sentences
from tocsin.agents.annotate.topics import HEAD, Context, claims, labels, shown, weights
from tocsin.agents.lexicon.learning import Seen, Topic
from tocsin.agents.lexicon.vocabulary import Hit, Vocabulary, fold
from tocsin.streams.records import Annotated, Article, Span

LONGEST = 100_000
"""Characters of a reading text that are read; what follows is no news report."""

EARLIEST = 1900
"""Year before which nothing was published that has a date."""

GROUP_SCORE = 0.8
LEAD = 5
"""Sentences that open an article: what they don't tell, the article tells as background."""


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """A spelling of an article and the rule that decided on it; without a kind it means nothing there."""

    start: int
    surface: str
    rule: str
    kind: str = ""
    id: str = ""
    meanings: tuple[str, ...] = ()
    """What it could have meant."""


class Annotator:
    """Reads articles by one vocabulary. It keeps nothing between two of them.

    Without a threshold each topic is given from its own score on.
    """

    def __init__(self, vocabulary: Vocabulary, *, threshold: float | None = None) -> None:
        self.vocabulary = vocabulary
        self._threshold = threshold

    @property
    def topics(self) -> Mapping[str, Topic]:
        """Return every topic that articles are labelled with, by name."""
        return self.vocabulary.topics

    def reading(self, article: Article) -> tuple[Reading, tuple[Span, ...]]:
        """Return the first 100,000 characters of an article as the rules for names read them, and its sentences."""
        text = article.reading_text[:LONGEST]
        spans = sentences(text, _regions(article, len(text)))
        reading = Reading(
            text,
            fold(text),
            self.vocabulary,
            sentences=spans,
            date=date_of(article.published),
            language=language_of(article.text or article.title, article.language),
            title=len(article.title),
        )
        return reading, spans

    def explain_names(self, article: Article) -> list[Explained]:
        """Return every known spelling of an article in order, with what it means there, if anything, and the rule."""
        reading, _ = self.reading(article)
        return sorted(_why(reading, *find(reading)), key=lambda one: one.start)

    def annotate(self, article: Article) -> Annotated:
        """Return the article with language, sentences, topics, mentions and events.

        Every span counts code points of the article's reading text, of which the first 100,000 are read. Topics and
        events are read from English only.
        """
        reading, spans = self.reading(article)
        language = reading.language
        found, _ = find(reading)
        named = mentions(reading.text, found, spans, len(article.title))
        if language != "en":
            return Annotated(article=article, language=language, sentences=spans, mentions=named)
        told = self.told(reading, found, spans)
        return Annotated(
            article=article,
            language=language,
            sentences=spans,
            labels=labels(told, self.vocabulary.topics, self.vocabulary.scores, self._threshold),
            mentions=named,
            events=events(told, self.vocabulary.cues, LEAD, reading.date),
        )

    def told(self, reading: Reading, found: Sequence[Found], spans: tuple[Span, ...]) -> list[Claim]:
        """Return every rule of topics and events that holds."""
        lines = _lines(reading, spans, [item for item in found if item.kind != "watch"])
        lead_end = spans[min(1, len(spans) - 1)][1] if spans else 0
        opening = [item for item in found if item.end <= lead_end and item.kind not in {"city", "watch"}]
        said = " ".join(reading.folded[start:end] for start, end in spans[:HEAD]).replace("\n", " ")
        return claims(lines, self.vocabulary, Context(named=bool(opening), opening=said, sports=reading.sports))

    def seen(self, article: Article, topics: frozenset[str], about: frozenset[str]) -> Seen:
        """Return a labelled article as what is to be learnt from: which rules fire in it, whatever their score."""
        reading, spans = self.reading(article)
        fired = shown(self.told(reading, find(reading)[0], spans)) if reading.language == "en" else {}
        rules = {topic: weights(group) for topic, group in fired.items()}
        return Seen(fired=rules, topics=topics, about=about)


def _why(reading: Reading, found: Sequence[Found], silent: Sequence[Silent]) -> Iterator[Explained]:
    for item in found:
        yield Explained(
            start=item.start, surface=reading.text[item.start : item.end], kind=item.kind, id=item.id, rule=item.rule
        )
    for none in silent:
        spot = none.spot
        meanings = tuple(dict.fromkeys(f"{name.kind} {name.id}".strip() for name in spot.meaning.names))
        yield Explained(
            start=spot.start, surface=reading.text[spot.start : spot.end], rule=none.rule, meanings=meanings
        )


def date_of(published: datetime | None) -> str:
    """Return a date as exact as it is known: a first of January at midnight is a year, another first a month.

    What lies before newspapers on the web is no date but the default of some program, and says nothing.
    """
    if published is None or published.year < EARLIEST:
        return ""
    day = published.date().isoformat()
    if published.hour or published.minute or published.second or published.day != 1:
        return day
    return day[:4] if published.month == 1 else day[:7]


def _regions(article: Article, size: int) -> list[Span]:
    """Return the title and the body without furniture: pieces that no sentence may leave."""
    title = len(article.title)
    edges = [(0, min(title, size)), (title + 2, size)] if title else [(0, size)]
    found: list[Span] = []
    for start, end in edges:
        place = start
        for left, right in sorted(article.furniture):
            if right <= place or left >= end:
                continue
            if left > place:
                found.append((place, left))
            place = max(place, right)
        if place < end:
            found.append((place, end))
    return found


def _lines(reading: Reading, spans: tuple[Span, ...], found: list[Found]) -> list[Line]:
    """Return the sentences that hold a trigger, with their triggers; the others are never looked at.

    Nor are triggers whose rules all ask for a state, a body or a person where the sentence names none.
    """
    named_so = {(hit.start, hit.end) for hit in reading.groups}
    # "Houthi positions": a group that bears a person's name.
    found = [item for item in found if item.kind != "person" or (item.start, item.end) not in named_so]
    found = [_as_party(reading, item) for item in found]
    starts = [item.start for item in found]
    groups = _groups(reading, found)
    group_starts = [item.start for item in groups]
    least = reading.vocabulary.least_names

    def inside(number: int, places: list[int], items: list[Found]) -> list[Found]:
        start, end = spans[number]
        return items[bisect_left(places, start) : bisect_left(places, end)]

    def marked(number: int) -> Marked:
        own = inside(number, starts, found)
        return Marked(reading.folded, spans[number], own, inside(number, group_starts, groups))

    hits: dict[int, list[Hit]] = {}
    number, named = -1, 0
    for hit in sorted(reading.triggers, key=lambda hit: hit.start):
        if number < 0 or spans[number][1] < hit.end:
            while number < 0 or spans[number][1] < hit.end:
                number += 1
            named = bisect_left(starts, spans[number][1]) - bisect_left(starts, spans[number][0])
        if named >= least[hit.index]:
            hits.setdefault(number, []).append(hit)
    people = reading.vocabulary.people
    return [Line(number, marked, those, people, reading.date) for number, those in hits.items()]


def _as_party(reading: Reading, item: Found) -> Found:
    """Return a name as the party that acts under it: Brussels is the EU's seat before it is Belgium's."""
    if item.party == "BEL" and item.kind != "country" and reading.folded.startswith("brussels", item.start):
        return msgspec.structs.replace(item, party="EU")
    return item


def _groups(reading: Reading, found: Sequence[Found]) -> list[Found]:
    """Return the groups that are named in an article, in order: the longest names, and none inside another name."""
    taken = {place for item in found for place in (item.start, item.end)}
    kept: list[Found] = []
    for hit in sorted(reading.groups, key=lambda hit: (hit.start, -hit.end)):
        if (kept and hit.start < kept[-1].end) or hit.start in taken:
            continue
        id_ = reading.vocabulary.groups[hit.index]
        if kept and id_ in NAMELESS and hit.start == kept[-1].end + 1:
            continue  # "Taliban fighters"
        kept.append(Found(hit.start, hit.end, "group", id_, id_, GROUP_SCORE, f"group.{id_.lower()}"))
    return kept
