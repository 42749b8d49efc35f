"""To which story an article belongs: a pure decision with a named reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from heapq import nlargest
from math import log, sqrt
from typing import Literal

import msgspec

from tocsin.agents.stories.facts import Fact, Relation, place_of, relate
from tocsin.agents.stories.fingerprint import Fingerprint, likeness
from tocsin.agents.stories.state import QUIET, Draft, Kept, Story, article_key, story_key

COPY = 0.6
STRICT_COPY = 0.9
"""For short texts, which hold few runs."""
SAME_WORDING = 1.0
"""Where the primary facts differ: a report may quote much of an older one, or fill the same template differently."""
REWORDING = 0.25
"""Least likeness of two full reports of one story."""
REWORDING_BARE = 0.12
"""The same for bare headlines, which have few words to share."""
SHARED_WORDS = 3
"""Least number of words that a text and its story share by wording alone; a bare headline has too few to ask that."""
SAME_FACTS = 0.06
"""Least likeness of two articles whose primary facts are the same: it keeps out a page that names them in passing."""

_MOST_CANDIDATES = 6
_MOST_LOOKED_AT = 1_000
_FAR_BEHIND = 0.3
"""Share of the best one's score below which a story is no candidate."""
_BACKGROUND = 100
"""Stories assumed around a young index, so that its first words are not all rare."""

Reason = Literal["copy", "rewording", "same-facts", "new"]


class Decision(msgspec.Struct, frozen=True):
    """The story to join, or None to begin one, and why."""

    story: str | None
    reason: Reason
    likeness: float = 0.0


class _Candidate(msgspec.Struct, frozen=True):
    story: Story
    last: datetime
    likeness: float
    shared: int
    relation: Relation

    @property
    def rank(self) -> tuple[float, datetime, str]:
        return self.likeness, self.last, self.story.id


def assign(found: Fingerprint, said: Sequence[Fact], draft: Draft, time: datetime) -> Decision:
    """Decide for an article at a time of the log. Nothing is changed."""
    copied = _copied(found, said, draft, time)
    if copied is not None:
        return copied
    candidates = _candidates(found, said, draft, time)
    same = [one for one in candidates if one.relation == "same" and one.likeness >= SAME_FACTS]
    if same:
        best = max(same, key=lambda one: one.rank)
        return Decision(best.story.id, "same-facts", best.likeness)
    least, words = (REWORDING_BARE, 1) if found.bare else (REWORDING, SHARED_WORDS)
    alike = [one for one in candidates if one.relation != "other" and one.likeness >= least and one.shared >= words]
    if alike:
        best = max(alike, key=lambda one: one.rank)
        return Decision(best.story.id, "rewording", best.likeness)
    return Decision(None, "new")


def _live(kept: Kept, time: datetime) -> bool:
    return time - kept.last < QUIET


def _copied(found: Fingerprint, said: Sequence[Fact], draft: Draft, time: datetime) -> Decision | None:
    shared: dict[str, int] = {}
    for value in found.sketch:
        for article in draft.shelf.sketches.row(value):
            shared[article] = shared.get(article, 0) + 1
    enough = COPY * len(found.sketch)  # whoever shares less can't be alike enough
    likely = nlargest(_MOST_CANDIDATES, ((count, article) for article, count in shared.items() if count >= enough))
    best: tuple[float, str] | None = None
    for _, article in likely:
        kept = draft.get(article_key(article))
        if kept is None or kept.seen is None:
            continue
        story = draft.get(story_key(kept.seen.story))
        if story is None or story.story is None or not _live(story, time):
            continue
        alike = likeness(found.sketch, kept.seen.sketch)
        short = found.short or kept.seen.short
        other = relate(said, story.story.facts) == "other"
        least = SAME_WORDING if other else STRICT_COPY if short else COPY
        if alike >= least and (best is None or (alike, kept.seen.story) > best):
            best = alike, kept.seen.story
    return Decision(best[1], "copy", round(best[0], 3)) if best else None


def _candidates(found: Fingerprint, said: Sequence[Fact], draft: Draft, time: datetime) -> list[_Candidate]:
    rarity = _Rarity(draft)
    weighted = {term: weight * rarity.of(term) for term, weight in found.terms.items()}
    length = sqrt(sum(weight * weight for weight in weighted.values()))
    ids = dict.fromkeys(_with_same_parties(said, draft))
    ids |= dict.fromkeys(_with_same_words(weighted, rarity, draft))
    candidates: list[_Candidate] = []
    for id_ in ids:
        kept = draft.get(story_key(id_))
        if kept is None or kept.story is None or not _live(kept, time):
            continue
        alike = _cosine(weighted, length, kept.story, rarity)
        shared = sum(1 for term in weighted.keys() & kept.story.terms.keys() if not term.startswith("@"))
        candidates.append(_Candidate(kept.story, kept.last, round(alike, 4), shared, relate(said, kept.story.facts)))
    return candidates


def _with_same_parties(said: Sequence[Fact], draft: Draft) -> list[str]:
    rows = (draft.shelf.facts.row(place_of(fact.key)) for fact in said if fact.primary)
    return sorted({story for row in rows for story in row})[:_MOST_CANDIDATES]


def _with_same_words(weighted: dict[str, float], rarity: _Rarity, draft: Draft) -> list[str]:
    """Return the stories that share most, looking at rare words first and at no more than a bounded number."""
    scores: dict[str, float] = {}
    looked_at = 0
    for term in sorted(weighted, key=lambda term: (-weighted[term], term)):
        looked_at += draft.shelf.terms.size(term)
        if looked_at > _MOST_LOOKED_AT:
            break
        worth = weighted[term] * rarity.of(term)
        for story in draft.shelf.terms.row(term):
            scores[story] = scores.get(story, 0.0) + worth
    least = max(scores.values(), default=0.0) * _FAR_BEHIND
    near = [(score, story) for story, score in scores.items() if score >= least]
    return [story for _, story in nlargest(_MOST_CANDIDATES, near)]


class _Rarity:
    """Inverse document frequency over the live stories, each term once."""

    def __init__(self, draft: Draft) -> None:
        self._size = draft.shelf.terms.size
        self._all = draft.shelf.stories + _BACKGROUND
        self.known: dict[str, float] = {}

    def of(self, term: str) -> float:
        found = self.known.get(term)
        if found is None:
            found = self.known[term] = log(self._all / (self._size(term) + 1))
        return found


def _cosine(weighted: dict[str, float], length: float, story: Story, rarity: _Rarity) -> float:
    product = square = 0.0
    known, share = rarity.known, weighted.get
    for term, weight in story.terms.items():
        own = weight * (known.get(term) or rarity.of(term))
        square += own * own
        product += own * share(term, 0.0)
    return product / (length * sqrt(square)) if length and square else 0.0
