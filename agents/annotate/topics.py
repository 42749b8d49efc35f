"""Topics by rules: triggers find the sentences, and only there the patterns run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tocsin.agents.annotate.claims import Claim, Line
from tocsin.agents.annotate.objects import object_of
from tocsin.agents.annotate.roles import acting, meeting_heads, parties, two_states
from tocsin.agents.lexicon.learning import Topic, together
from tocsin.agents.lexicon.packs import MARKS
from tocsin.agents.lexicon.vocabulary import Rule, Vocabulary
from tocsin.streams.records import Label, Span

OUTWARD = frozenset({"expel", "sanction", "attack", "accuse", "threaten", "withdraw", "release", "request"})
"""Events that a party does to another one, never to itself."""

MOST_SPANS = 12
HEAD = 3
"""Title and sentences at the head of an article."""
LATER = 0.8
"""What a rule counts that holds only further down."""
ENOUGH = 4
"""Clauses after which a rule that tells no event has shown its topic."""
REACH = 170
NEAR = 60
SIGNS = re.compile(f"[{MARKS['STATE']}-{MARKS['LEADER']}]")


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule may know of the article around a sentence."""

    named: bool
    """A state, a body or a leader is named in the title or the first sentences."""
    opening: str = ""
    """Title and first sentences, in lower case."""
    sports: bool = False
    """It is a report of sport, in the language of war and politics."""


def claims(lines: Iterable[Line], vocabulary: Vocabulary, context: Context) -> list[Claim]:
    """Return every rule that holds in a line, in order."""
    found: list[Claim] = []
    times: Counter[str] = Counter()
    for line in lines:
        named, place = len(line.marked.found), line.marked.place
        for hit in line.hits:
            rules = [
                rule
                for rule in vocabulary.rules[hit.index]
                if named >= rule.names and (rule.entry.event is not None or times[rule.name] < ENOUGH)
            ]
            if not rules:
                continue
            trigger = (place(hit.start), place(hit.end))
            for rule in rules:
                claim = _try(rule, trigger, line)
                if claim is not None and _has_what_it_needs(claim, context):
                    times[rule.name] += 1
                    found.append(_with_heads(claim) if rule.entry.needs == "heads" else claim)
    return found


def _no_leader(claim: Claim) -> bool:
    """Tell whether one of the two is named and leads no state: a minister, one who was ousted, a candidate."""
    named = [claim.line.parties(*_with_name(claim.line.text, *claim.groups[group])) for group in ("one", "two")]
    people = [[place for place in places if claim.line.named[place][1].kind == "person"] for places in named]
    return any(places and not any(place in claim.sentence.heads for place in places) for places in people)


def _with_name(text: str, start: int, end: int) -> Span:
    """Return a span with the name that stands right after a title there: "President" and who it is."""
    return (start, end + 2) if text[end : end + 2] == f" {MARKS['LEADER']}" else (start, end)


def _with_heads(claim: Claim) -> Claim:
    """Return a claim that reaches over the two heads of states that it is about."""
    one, two = meeting_heads(claim)
    start, end = min(claim.start, one, two), max(claim.end, one + 1, two + 1)
    return msgspec.structs.replace(claim, start=start, end=end, groups={"one": (one, one + 1), "two": (two, two + 1)})


def _try(rule: Rule, trigger: Span, line: Line) -> Claim | None:
    text = line.marked.text
    start, end = trigger
    # What follows is tried at one place and what precedes at many, so most rules that don't hold cost one try.
    after = rule.after.match(text, end) if rule.after is not None else None
    if rule.after is not None and after is None:
        return None
    before = _before(rule, text, start)
    if rule.before is not None and before is None:
        return None
    groups: dict[str, Span] = {}
    if before is not None:
        start = before.start()
        _note(groups, before)
    if after is not None:
        end = after.end()
        _note(groups, after)
    if rule.unless is not None and rule.unless.search(text, max(0, start - NEAR), min(len(text), end + NEAR)):
        return None
    if rule.blockers is not None and line.blocked(rule.blockers):
        return None
    return Claim(
        rule=rule,
        sentence=line,
        trigger=trigger,
        start=start,
        end=end,
        groups=groups,
    )


def _before(rule: Rule, text: str, start: int) -> re.Match[str] | None:
    """Return what a rule asks for before its trigger, where that stands there."""
    if rule.before is None:
        return None
    found = rule.before.search(text, max(0, start - REACH), start)
    nearer = found
    while nearer is not None and rule.entry.nearest:
        found = nearer
        nearer = rule.before.search(text, found.start() + 1, start)
    return found


def _note(groups: dict[str, Span], match: re.Match[str]) -> None:
    for name in match.re.groupindex:
        if match.start(name) >= 0:
            groups[name] = match.span(name)


def _has_what_it_needs(claim: Claim, context: Context) -> bool:
    needs, elsewhere = claim.rule.entry.needs, claim.rule.elsewhere
    if (context.sports and not claim.rule.entry.in_sports) or (elsewhere and elsewhere.search(context.opening)):
        return False
    if claim.rule.entry.event in OUTWARD and not parties(claim):
        return False  # a state that orders its own people home, a court that punishes its own citizens
    if needs == "nothing":
        return True
    if needs in {"two", "leaders"}:
        return two_states(claim) and (needs == "two" or not _no_leader(claim))
    if needs == "heads":
        return len({*claim.sentence.heads.values()}) > 1
    named = SIGNS.search(claim.line.text) is not None
    if needs == "party":
        return named
    if needs == "actor":
        return bool(acting(claim))
    return named or bool(claim.line.found) or context.named


def labels(
    found: Iterable[Claim], topics: Mapping[str, Topic], scores: Mapping[str, float], threshold: float | None = None
) -> tuple[Label, ...]:
    """Return the topics that the claims show, each with the probability that it is right.

    `scores` says how sure each rule is. Without a threshold each topic has its own.
    """
    result = []
    for name, group in sorted(shown(found).items()):
        topic = topics[name]
        weighed = weights(group)
        said = together(scores[rule] * weight for rule, weight in weighed.items())
        score = round(topic.curve.probability(said), 4)
        if score >= (topic.precise if threshold is None else threshold):
            result.append(Label(topic=name, score=score, spans=evidence(group), rules=tuple(weighed)))
    return tuple(result)


def weights(group: Iterable[Claim]) -> dict[str, float]:
    """Return the rules of claims with what each counts: all of its score where it holds early, less where only later.

    A word that stands far down is more often a mere mention than what stands in the title or at the head.
    """
    found: dict[str, float] = {}
    for claim in group:
        weight = 1.0 if claim.sentence.number < HEAD else LATER
        found[claim.rule.name] = max(weight, found.get(claim.rule.name, 0.0))
    return found


def shown(found: Iterable[Claim]) -> dict[str, list[Claim]]:
    """Return the claims by the topics that they speak for."""
    by_topic: dict[str, list[Claim]] = {}
    for claim in found:
        if claim.rule.entry.label:
            for topic in (claim.rule.topic, *_implied(claim)):
                by_topic.setdefault(topic, []).append(claim)
    return by_topic


def _implied(claim: Claim) -> list[str]:
    """Return the topics that are given with a claim's own."""
    implies = claim.rule.implies
    if not implies:
        return []
    kind = object_of(claim) or ""
    return [topic for topic, kinds in implies.items() if not kinds or kind in kinds]


def evidence(group: Sequence[Claim]) -> tuple[Span, ...]:
    """Return the clauses of claims, the surest first, none inside another, MOST_SPANS of them at most."""
    ordered = sorted(group, key=lambda claim: -claim.rule.entry.score)
    spans: list[Span] = []
    for claim in ordered:
        if len(spans) >= MOST_SPANS:
            break
        start, end = claim.span
        if not any(left <= start and end <= right for left, right in spans):
            spans = [(left, right) for left, right in spans if not (start <= left and right <= end)]
            spans.append((start, end))
    return tuple(spans)
