"""Whether a subscription is told of a story, or the named reason why not. Pure: all times are the log's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.streams.contract import Item, Memory, Result, Send, note
from tocsin.streams.records import (
    Alert,
    Annotated,
    Event,
    Evidence,
    Matched,
    Record,
    Span,
    Stamps,
    Subscription,
    content_id,
)
from tocsin.streams.topics import ALERTS

STAGE = "decide"
REMEMBERED = timedelta(days=30)
"""How long a subscription counts as told of a story: as long as the log holds what could repeat it."""
HEADLINE = 200
QUOTE = 600
"""Code points of one quoted sentence at most: what is longer is no sentence, and the body is never sent."""
MAX_EVIDENCE = 20
MAX_FACTS = 5

Reason = Literal["baseline", "history", "already-alerted", "unknown-group"]
Explain = Callable[[Subscription, Annotated], tuple[Evidence, ...]]
"""Which clauses of a subscription's query the article satisfies, and in which sentences."""
Subscriptions = Callable[[str], Sequence[Subscription]]
"""The subscriptions of a group, by the group's id."""

VERBS: Mapping[str, str] = {
    "accuse": "accuses",
    "agree": "agrees with",
    "attack": "attacks",
    "expel": "expels",
    "host_or_meet": "meets",
    "lift_sanction": "lifts sanctions on",
    "recall_envoy": "recalls its envoy from",
    "release": "releases",
    "request": "calls on",
    "sanction": "sanctions",
    "threaten": "threatens",
    "withdraw": "withdraws from",
}


class Told(Record, frozen=True, kw_only=True):
    """That a subscription was told of a story. Key: `told_key`."""

    alert: str
    sequence: int = 0
    at: datetime
    """Log time of the match that led to it."""


class Silence(msgspec.Struct, frozen=True):
    """Why a subscription is told nothing."""

    reason: Reason
    detail: str = ""


def told_key(subscription: str, story: str) -> str:
    """Return the state's key of a subscription and a story."""
    return f"{subscription}\x1f{story}"


def forget_at(told: Told) -> datetime:
    """Return when a `Told` may be forgotten."""
    return told.at + REMEMBERED


def decide(subscription: Subscription, item: Item[Matched], told: Told | None, explain: Explain) -> Alert | Silence:
    """Return the alert, or the reason for silence; a baseline or replayed article leaves nobody told."""
    if item.record.update.annotated.article.baseline:
        return Silence("baseline")
    if item.cause.replay:
        return Silence("history")
    if told is not None:
        return Silence("already-alerted", told.alert)
    return build_alert(subscription, item, explain)


def decide_all(
    items: Sequence[Item[Matched]], state: Memory[Told], subscriptions: Subscriptions, explain: Explain
) -> Result:
    """Decide for every subscription of every group that matched."""
    sends: list[Send] = []
    changes: dict[str, Told] = {}
    for item in items:
        matched = item.record
        for group in matched.groups or ("",):
            known = subscriptions(group)
            if not known:
                sends.append(note(item, STAGE, "unknown-group", article=matched.article, detail=group))
            for subscription in known:
                key = told_key(subscription.id, matched.story)
                decision = decide(subscription, item, changes.get(key) or state.get(key), explain)
                if isinstance(decision, Silence):
                    sends.append(_silent(item, subscription, decision))
                else:
                    sends.append(Send(topic=ALERTS, key=subscription.id, record=decision, cause=item.cause))
                    changes[key] = Told(alert=decision.id, sequence=decision.sequence, at=item.time)
    return Result(sends=sends, changes=changes)


def _silent(item: Item[Matched], subscription: Subscription, silence: Silence) -> Send:
    return note(
        item,
        STAGE,
        silence.reason,
        article=item.record.article,
        subscription=subscription.id,
        detail=silence.detail,
    )


def build_alert(subscription: Subscription, item: Item[Matched], explain: Explain, sequence: int = 0) -> Alert:
    """Return what the subscriber is told: the sentences that satisfied the query, never the body."""
    matched, update = item.record, item.record.update
    annotated = update.annotated
    article = annotated.article
    found = explain(subscription, annotated)
    evidence = tuple(quote(one, article.reading_text) for one in found[:MAX_EVIDENCE])
    return Alert(
        id=content_id(subscription.id, matched.story, str(sequence)),
        subscription=subscription.id,
        subscription_name=subscription.name,
        query=subscription.query,
        endpoints=subscription.endpoints,
        story=matched.story,
        sequence=sequence,
        severity=subscription.severity,
        headline=shorten(article.title or update.headline, HEADLINE),
        url=article.url,
        article=article.id,
        language=annotated.language,
        facts=facts(annotated.events, [(one.start, one.end) for one in found]),
        evidence=evidence,
        reasons=tuple(dict.fromkeys(one.clause for one in found)),
        sources=update.sources or (article.source,),
        stamps=Stamps(published=article.published, received=article.first_seen, matched=item.time),
    )


def shorten(text: str, limit: int) -> str:
    """Return the text in one line of at most `limit` code points, cut between words."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head, space, _ = line[:limit].rpartition(" ")
    return f"{head if space and len(head) > limit // 2 else line[: limit - 1]}…"


def quote(evidence: Evidence, text: str) -> Evidence:
    """Return evidence whose sentence has at most `QUOTE` code points, around the words that matched.

    Offsets stay those of the reading text: `text[start:end]` is the sentence quoted.
    """
    if len(evidence.sentence) <= QUOTE and evidence.end - evidence.start <= QUOTE:
        return evidence
    first = evidence.spans[0][0] if evidence.spans else evidence.start
    start = max(evidence.start, min(first - QUOTE // 3, evidence.end - QUOTE))
    end = min(start + QUOTE, evidence.end)
    inside = tuple((low, high) for low, high in evidence.spans if start <= low and high <= end)
    matched = evidence.matched if len(evidence.matched) <= QUOTE else evidence.matched[:QUOTE]
    return msgspec.structs.replace(
        evidence, sentence=text[start:end], start=start, end=end, spans=inside, matched=matched
    )


def facts(events: Sequence[Event], evidence: Sequence[Span]) -> tuple[str, ...]:
    """Say in short words what the events report that stand in the evidence.

    Where no sentence is evidence (a query on the source or the language alone), every event but background counts.
    """
    places = [(start, end) for start, end in evidence if start < end]
    bearing = [event for event in events if (_overlap(event.spans, places) if places else not event.background)]
    return tuple(dict.fromkeys(fact(event) for event in bearing))[:MAX_FACTS]


def _overlap(spans: Sequence[Span], others: Sequence[Span]) -> bool:
    return any(start < high and low < end for start, end in spans for low, high in others)


def fact(event: Event) -> str:
    """Return an event in short words, such as `USA expels RUS: 10 diplomats (happened)`."""
    actor = event.actor or event.actor_person or "unnamed"
    target = event.target or event.target_person
    verb = VERBS.get(event.type, event.type.replace("_", " "))
    if target is None:
        # The bare verb reads better without the preposition that awaits a target.
        verb = verb.removesuffix(" with").removesuffix(" on").removesuffix(" from")
    what = " ".join(str(part) for part in (event.count, _plain(event.object)) if part is not None)
    details = ", ".join(part for part in (what, _plain(event.place), event.date) if part)
    said = f", says {event.attributed_to}" if event.attributed_to else ""
    background = ", background" if event.background else ""
    head = f"{actor} {verb} {target}" if target else f"{actor} {verb}"
    return f"{head}{': ' if details else ''}{details} ({event.status}{background}{said})"


def _plain(name: str | None) -> str | None:
    return name.replace("_", " ") if name else None
