"""Why a query matches an article, clause by clause with the sentence that shows it; or which clause fails."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.agents.match.features import (
    Features,
    features,
    holds,
    mention_features,
    readable,
)
from tocsin.agents.match.query import Query
from tocsin.agents.match.tree import And, Node, Not, Or, Term
from tocsin.agents.match.words import code, fold, placed_words
from tocsin.streams.records import Annotated, Event, Evidence, Label, Span

_STRONG = ("topic", "event", "actor", "target")


def explain(query: Query, annotated: Annotated) -> tuple[Evidence, ...]:
    """Return one Evidence for each satisfied positive clause, in the order written; none where nothing matches.

    A clause about the article as a whole (`source:`, `lang:`) has no sentence: its text is empty, start and end 0.
    """
    found = features(annotated)
    if not holds(query.tree, found):
        return ()
    satisfied = {term.feature: term for term in reversed(list(_satisfied(query.tree, found)))}
    ordered = sorted(satisfied.values(), key=lambda term: term.start)
    proofs: dict[str, Evidence] = {}
    focus: list[Span] = []
    # What a topic or an event rests on decides which of several mentions and words is shown for the other clauses.
    for term in sorted(ordered, key=lambda term: term.field not in _STRONG):
        proof = _evidence(term, annotated, focus)
        proofs[term.feature] = proof
        if term.field in _STRONG and proof.sentence:
            focus.append((proof.start, proof.end))
    return tuple(proofs[term.feature] for term in ordered)


def _satisfied(node: Node, found: Features) -> Iterator[Term]:
    if isinstance(node, Term):
        yield node
    elif isinstance(node, And | Or):
        for part in node.parts:
            if holds(part, found):
                yield from _satisfied(part, found)


def _evidence(term: Term, annotated: Annotated, focus: list[Span]) -> Evidence:
    text = annotated.article.reading_text
    if term.field in ("source", "lang"):
        matched = annotated.article.source if term.field == "source" else annotated.language
        return Evidence(clause=term.clause, sentence="", start=0, end=0, matched=matched)
    ways = _ways(term, annotated)
    spans, score, rules = min(ways, key=lambda way: _rank(way[0], focus), default=((), None, ()))
    if not spans:
        return Evidence(clause=term.clause, sentence="", start=0, end=0, score=score, rules=rules)
    start, end = _sentence(annotated, spans[0])
    return Evidence(
        clause=term.clause,
        sentence=text[start:end],
        start=start,
        end=end,
        matched=text[slice(*spans[0])],
        spans=spans,
        score=score,
        rules=rules,
    )


_Way = tuple[tuple[Span, ...], float | None, tuple[str, ...]]


def _rank(spans: tuple[Span, ...], focus: list[Span]) -> tuple[bool, int, int]:
    """Put first what stands in the earliest sentence of the focus, then what stands first in the text."""
    if not spans:
        return True, len(focus), 0
    at = next((place for place, (start, end) in enumerate(focus) if start <= spans[0][0] < end), len(focus))
    return False, at, spans[0][0]


def _ways(term: Term, annotated: Annotated) -> list[_Way]:
    """Return every way in which a term that holds is shown: spans, score and rules."""
    if term.field == "topic":
        return [_of(label) for label in annotated.labels if fold(label.topic) == term.value]
    if term.field in ("event", "actor", "target"):
        return [_of(event) for event in annotated.events if _is_about(event, term)]
    if term.field in ("country", "entity"):
        wanted = f"{term.field}:{term.value}"
        return [
            (((mention.start, mention.end),), mention.score, ())
            for mention in annotated.mentions
            if wanted in mention_features(mention)
        ]
    return [((span,), None, ()) for span in _places(term, annotated)]


def _of(found: Label | Event) -> _Way:
    return found.spans, found.score, found.rules


def _is_about(event: Event, term: Term) -> bool:
    if term.field == "event":
        return event.type == term.value
    parties = (event.actor, event.actor_person) if term.field == "actor" else (event.target, event.target_person)
    return any(party and code(party) == term.value for party in parties)


def _places(term: Term, annotated: Annotated) -> Iterator[Span]:
    """Find a word, prefix or phrase in the text, where it counts."""
    text = annotated.article.reading_text
    limit = len(annotated.article.title) if term.field == "title" else len(text)
    wanted = term.value.split(" ")
    for start, end in readable(annotated):
        if start >= limit:
            continue
        found = placed_words(text[start : min(end, limit)], start)
        for at in range(len(found) - len(wanted) + 1):
            run = found[at : at + len(wanted)]
            if (term.prefix and run[0][0].startswith(term.value)) or [word for word, _ in run] == wanted:
                yield run[0][1][0], run[-1][1][1]


def _sentence(annotated: Annotated, span: Span) -> Span:
    """Return the sentence that a span begins in, or several where it goes on; its line where none is known."""
    touched = [one for one in annotated.sentences if one[0] < max(span[1], span[0] + 1) and one[1] > span[0]]
    if touched:
        return touched[0][0], touched[-1][1]
    text = annotated.article.reading_text
    end = text.find("\n", span[1])
    return text.rfind("\n", 0, span[0]) + 1, len(text) if end < 0 else end


def why_not(query: Query, annotated: Annotated) -> str:
    """Return one line that names the clause by which an article fails a query, or says that it matches."""
    found = features(annotated)
    if holds(query.tree, found):
        return "the query matches this article"
    return _failing(query.tree, found, annotated)


def _failing(node: Node, found: Features, annotated: Annotated) -> str:
    if isinstance(node, Term):
        return f"{_where(node)} does not hold: {_instead(node, found)}"
    if isinstance(node, Not):
        return _forbidden(node.part, found, annotated)
    failing = [part for part in node.parts if not holds(part, found)]
    if isinstance(node, And):
        return _failing(failing[0], found, annotated)
    if all(isinstance(part, Term) for part in failing):
        names = ", ".join(_where(part) for part in failing if isinstance(part, Term))
        return f"none of {names} holds"
    return "; and ".join(_failing(part, found, annotated) for part in failing)


def _forbidden(node: Node, found: Features, annotated: Annotated) -> str:
    for term in _satisfied(node, found):
        proof = _evidence(term, annotated, [])
        quote = f': "{" ".join(proof.sentence.split())}"' if proof.sentence else f": {proof.matched}"
        return f"NOT {_where(term)} forbids it{quote}"
    return "what NOT forbids is there"


def _where(term: Term) -> str:
    return f"{term.clause} (character {term.start + 1})"


def _instead(term: Term, found: Features) -> str:
    if term.field in ("", "title"):
        part = "the title" if term.field else "the article"
        return f"{part} has no such {'phrase' if ' ' in term.value else 'word'}"
    have = sorted(feature for feature in found.terms if feature.startswith(f"{term.field}:"))
    return f"the article has {', '.join(have[:8])}" if have else f"the article has no {term.field} at all"
