"""What of an article a query can ask for: a set of strings, and its words in order for phrases and prefixes."""

from __future__ import annotations

import itertools
from urllib.parse import urlsplit

import msgspec

from tocsin.agents.match.tree import And, Node, Not, Term
from tocsin.agents.match.words import code, fold, words
from tocsin.streams.records import Annotated, Article, Mention, Span, StoryUpdate

COUNTRY_KINDS = ("country", "nationality", "government")
BREAK = "\n"
"""Stands among the words where a sentence or a piece of furniture parts them: no phrase crosses it."""


class Features(msgspec.Struct, frozen=True, kw_only=True):
    """An article as queries see it. Words and signs outside furniture only."""

    terms: frozenset[str]
    """Single words, `title:` words and `field:value`, spelled as `Term.feature` spells them."""
    words: frozenset[str]
    title_words: frozenset[str]
    sequence: tuple[str, ...]
    """All words in order, with BREAK between what does not belong together."""
    title_sequence: tuple[str, ...]

    def has(self, term: Term) -> bool:
        """Tell whether a term holds, without any index: the slow and certain way."""
        if term.prefix:
            return any(word.startswith(term.value) for word in (self.title_words if term.field else self.words))
        if term.field in ("", "title") and " " in term.value:
            return in_order(term.value, self.title_sequence if term.field else self.sequence)
        return term.feature in self.terms


def in_order(phrase: str, sequence: tuple[str, ...]) -> bool:
    """Tell whether the words of a phrase, joined by one space, stand next to each other."""
    return f" {phrase} " in f" {' '.join(sequence)} "


def holds(node: Node, found: Features) -> bool:
    """Tell whether a tree holds for an article, by walking it."""
    if isinstance(node, Term):
        return found.has(node)
    if isinstance(node, Not):
        return not holds(node.part, found)
    if isinstance(node, And):
        return all(holds(part, found) for part in node.parts)
    return any(holds(part, found) for part in node.parts)


def features(update: StoryUpdate | Annotated) -> Features:
    """Return the features of an article; the text's own words only where they are not furniture."""
    annotated = update.annotated if isinstance(update, StoryUpdate) else update
    article = annotated.article
    text = article.reading_text
    sequence: list[str] = []
    for start, end in readable(annotated):
        sequence += words(text[start:end])
        sequence.append(BREAK)
    title_sequence: list[str] = []
    for start, end in _outside((0, len(article.title)), article.furniture):
        title_sequence += [*words(article.title[start:end]), BREAK]
    plain = frozenset(sequence) - {BREAK}
    title = frozenset(title_sequence) - {BREAK}
    terms = {*plain, *(f"title:{word}" for word in title), *_fields(annotated)}
    return Features(
        terms=frozenset(terms),
        words=plain,
        title_words=title,
        sequence=tuple(sequence),
        title_sequence=tuple(title_sequence),
    )


def readable(annotated: Annotated) -> list[Span]:
    """Return the spans of the reading text outside furniture, cut where a sentence begins, title and body apart."""
    article = annotated.article
    length = len(article.reading_text)
    cuts = {0, length, *(start for start, _ in annotated.sentences)}
    if article.title:
        cuts.add(len(article.title))
    edges = sorted(cut for cut in cuts if 0 <= cut <= length)
    found: list[Span] = []
    for span in itertools.pairwise(edges):
        found += _outside(span, article.furniture)
    return found


def _outside(span: Span, furniture: tuple[Span, ...]) -> list[Span]:
    start, end = span
    found: list[Span] = []
    for left, right in sorted(furniture):
        if right <= start or left >= end:
            continue
        if left > start:
            found.append((start, left))
        start = max(start, right)
    if start < end:
        found.append((start, end))
    return found


def _fields(annotated: Annotated) -> set[str]:
    found = {f"topic:{fold(label.topic)}" for label in annotated.labels}
    for mention in annotated.mentions:
        found |= mention_features(mention)
    for event in annotated.events:
        found.add(f"event:{event.type}")
        found |= {f"actor:{code(party)}" for party in (event.actor, event.actor_person) if party}
        found |= {f"target:{code(party)}" for party in (event.target, event.target_person) if party}
    found |= source_features(annotated.article)
    language = words(annotated.language)
    found |= {Term("lang", "-".join(language[:size])).feature for size in range(1, len(language) + 1)}
    # A keyword-like id, such as Andorra's, is spelled with quotes in a query; spell it so here too.
    return {_spelled(feature) for feature in found}


def _spelled(feature: str) -> str:
    field, _, value = feature.partition(":")
    return Term(field, value.strip('"')).feature


def mention_features(mention: Mention) -> set[str]:
    """Return what a mention is asked for by: its id or its words as `entity:`, and `country:` for a state."""
    found = {f"entity:{code(mention.id)}", f"entity:{code(mention.surface)}"}
    if mention.kind in COUNTRY_KINDS:
        found.add(f"country:{code(mention.id)}")
    return found


def source_features(article: Article) -> set[str]:
    """Return what a publisher is asked for by: its name, or its host with or without the parts in front."""
    labels = _host(article.url).split(".")
    hosts = [" ".join(words(".".join(labels[first:]))) for first in range(len(labels) - 1)]
    return {f"source:{name}" for name in (" ".join(words(article.source)), *hosts) if name}


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:  # such as a bracket that is never closed: a publisher's slip must not lose the article
        return ""
