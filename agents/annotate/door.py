"""The door for other annotators: what one is given, what it may add, and how that joins what Tocsin found itself.

An annotator is a class registered under the entry-point group `tocsin.annotators`. It is made once, with the options
of its table in the settings, and called once an article after Tocsin's own annotation, from one thread, never twice at
a time. It adds; it takes nothing away. What it adds must follow from the article alone, so that a second run of the
same record says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, get_args

import msgspec

from tocsin.agents.lexicon.packs import EventType
from tocsin.streams.records import Annotated, Event, EventStatus, Label, Mention, Span

MOST = 1000
"""Labels, mentions and events that an annotator may add to an article, each."""


class Added(msgspec.Struct, frozen=True, kw_only=True):
    """What an annotator adds to an article. Spans count code points of the article's reading text."""

    labels: Sequence[Label] = ()
    mentions: Sequence[Mention] = ()
    events: Sequence[Event] = ()


class ExtraAnnotator(Protocol):
    """What is registered under `tocsin.annotators`."""

    topics: Sequence[str]
    """Topics of its own, beside those that are known: a query may ask for them."""

    def annotate(self, annotated: Annotated, /) -> Added:
        """Return what there is to add to an article and what was found in it: `annotated.article.reading_text`."""
        ...


class AnnotationError(ValueError):
    """An annotator added what can't be; the text names what is wrong. Nothing of it is taken."""


def joined(annotated: Annotated, name: str, added: Added, topics: Iterable[str]) -> Annotated:
    """Return an annotation with what the annotator `name` adds; AnnotationError where some of that can't be.

    `topics` are those that there are. Of two labels of one topic the surer stands, with the rules and spans of both.
    Rules are named after the annotator.
    """
    check(annotated, added, topics)
    labels = {label.topic: label for label in annotated.labels}
    for label in added.labels:
        new = msgspec.structs.replace(label, rules=_named(name, label.rules))
        labels[label.topic] = _both(labels[label.topic], new) if label.topic in labels else new
    events = [msgspec.structs.replace(event, rules=_named(name, event.rules)) for event in added.events]
    mentions = [*annotated.mentions, *(one for one in added.mentions if one not in annotated.mentions)]
    return msgspec.structs.replace(
        annotated,
        labels=tuple(labels[topic] for topic in sorted(labels)),
        mentions=tuple(sorted(mentions, key=lambda one: (one.start, one.end))),
        events=(*annotated.events, *events),
    )


def _named(name: str, rules: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{name}:{rule}" for rule in rules) or (name,)


def _both(one: Label, two: Label) -> Label:
    spans = tuple(dict.fromkeys((*one.spans, *two.spans)))
    score = max(one.score, two.score)
    return Label(topic=one.topic, score=score, spans=spans, rules=(*one.rules, *two.rules))


def check(annotated: Annotated, added: Added, topics: Iterable[str]) -> None:
    """Check what an annotator adds; AnnotationError names the first thing that can't be."""
    known = set(topics)
    parts: tuple[Sequence[object], ...] = (added.labels, added.mentions, added.events)
    if any(len(part) > MOST for part in parts):
        raise AnnotationError(f"more than {MOST} labels, mentions or events for one article")
    for label in added.labels:
        if label.topic not in known:
            raise AnnotationError(f"no topic {label.topic!r}; declare it in the annotator's `topics`")
        _check(annotated, f"label {label.topic}", label.spans, label.score)
    text = annotated.article.reading_text
    for mention in added.mentions:
        _check(annotated, f"mention {mention.id}", [(mention.start, mention.end)], mention.score)
        if text[mention.start : mention.end] != mention.surface:
            raise AnnotationError(f"mention {mention.id}: {mention.surface!r} does not stand at {mention.start}")
    for event in added.events:
        if event.type not in get_args(EventType) or event.status not in get_args(EventStatus):
            raise AnnotationError(f"no event {event.type!r} or no status {event.status!r}")
        _check(annotated, f"event {event.type}", event.spans, event.score)


def _check(annotated: Annotated, what: str, spans: Sequence[Span], score: float) -> None:
    if not 0 <= score <= 1:
        raise AnnotationError(f"{what}: score {score} is not from 0 to 1")
    if not spans:
        raise AnnotationError(f"{what}: no span; what shows it must be quoted")
    size = len(annotated.article.reading_text)
    for start, end in spans:
        if not 0 <= start < end <= size:
            raise AnnotationError(f"{what}: span {start}-{end} is not inside the text of {size} characters")
        if any(start < right and left < end for left, right in annotated.article.furniture):
            raise AnnotationError(f"{what}: span {start}-{end} lies in page furniture")
