"""Topics by rules: triggers find the sentences, and only there the patterns run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec
from tocsin.agents.annotate.marked import Marked
from tocsin.agents.annotate.parties import first_in, inherited, subjects
from tocsin.agents.lexicon.packs import MARKS
from tocsin.agents.lexicon.vocabulary import Hit, Rule, Vocabulary
from tocsin.streams.records import Label, Span

PRECISE = 0.5
"""Score from which a label is given by default."""

REACH = 170
NEAR = 60
SIGNS = re.compile(f"[{MARKS['STATE']}-{MARKS['LEADER']}]")
_TITLE = re.compile(r"\b(?:president|prime minister|premier|chancellor|king|emir|sultan|crown prince|supreme leader)s?\b")


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that holds in a sentence. Places are those of the marked sentence."""

    rule: Rule
    line: Marked
    previous: Marked | None
    """The sentence before, for what a pronoun stands for."""
    number: int
    """How many sentences stand before it."""
    trigger: Span
    start: int
    end: int
    groups: dict[str, Span]

    @property
    def span(self) -> Span:
        """Return the clause that shows it, in the reading text."""
        return self.line.original(self.start, self.end)


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule may know of the article around a sentence."""

    named: bool
    """A state, a body or a leader is named in the title or the first sentences."""


def claims(
    lines: Sequence[tuple[int, Marked, Sequence[Hit]]], vocabulary: Vocabulary, context: Context
) -> list[Claim]:
    """Return every rule that holds, in order. A line is its number, the marked sentence and the triggers in it."""
    found: list[Claim] = []
    previous: Marked | None = None
    last = -2
    for number, line, hits in lines:
        before = previous if last == number - 1 else None
        for hit in hits:
            for rule in vocabulary.rules[hit.index]:
                claim = _try(rule, hit, line, before, number)
                if claim is not None and _has_what_it_needs(claim, context):
                    found.append(claim)
        previous, last = line, number
    return found


def _try(rule: Rule, hit: Hit, line: Marked, previous: Marked | None, number: int) -> Claim | None:
    text = line.text
    trigger = (line.place(hit.start), line.place(hit.end))
    start, end = trigger
    groups: dict[str, Span] = {}
    if rule.before is not None:
        before = rule.before.search(text, max(0, start - REACH), start)
        if before is None:
            return None
        start = before.start()
        _note(groups, before)
    if rule.after is not None:
        after = rule.after.match(text, end)
        if after is None:
            return None
        end = after.end()
        _note(groups, after)
    if rule.unless is not None and rule.unless.search(text, max(0, start - NEAR), min(len(text), end + NEAR)):
        return None
    if rule.blockers is not None and rule.blockers.search(text):
        return None
    return Claim(
        rule=rule, line=line, previous=previous, number=number, trigger=trigger, start=start, end=end, groups=groups
    )


def _note(groups: dict[str, Span], match: re.Match[str]) -> None:
    for name in match.re.groupindex:
        if match.start(name) >= 0:
            groups[name] = match.span(name)


def _has_what_it_needs(claim: Claim, context: Context) -> bool:
    needs = claim.rule.entry.needs
    if needs == "nothing":
        return True
    if needs == "two":
        return _two_states(claim)
    named = SIGNS.search(claim.line.text) is not None
    if needs == "party":
        return named
    if needs == "actor":
        return bool(acting(claim))
    return named or bool(claim.line.found) or context.named


def acting(claim: Claim) -> list[str]:
    """Return the parties that act: as the rule names them, as the sentence does, or as a pronoun refers to them."""
    if "actor" in claim.groups:
        named = first_in(claim.line, *claim.groups["actor"])
        if named:
            return [item.party for item in named]
    found = subjects(claim.line, min(claim.start, claim.trigger[0])) or inherited(claim.line, claim.previous)
    return list(dict.fromkeys(item.party for item in found))


def leader_state(line: Marked, span: Span) -> str | None:
    """Return the state that a leader named in a span leads: his own, or the one before or after his title."""
    start, end = span
    for place in range(start, end):
        item = line.found.get(place)
        if item is not None and item.kind == "person":
            return item.party
    after = first_in(line, end, min(len(line.text), end + 24))
    if after and re.match(r" (?:of|in) |[ \w]{0,12}", line.text[end : end + 24]):
        item = after[0]
        if item.kind == "person" or line.text[end : end + 4] == " of ":
            return item.party
    before = [line.found[place] for place in range(max(0, start - 14), end) if place in line.found]
    return before[-1].party if before else None


def _two_states(claim: Claim) -> bool:
    if "one" not in claim.groups or "two" not in claim.groups:
        return False
    one, two = (leader_state(claim.line, _last_lead(claim.line, claim.groups[key])) for key in ("one", "two"))
    return one is not None and two is not None and one != two


def _last_lead(line: Marked, span: Span) -> Span:
    titles = list(_TITLE.finditer(line.text, *span))
    signs = [place for place in range(*span) if place in line.found and line.found[place].kind == "person"]
    if signs:
        return signs[-1], signs[-1] + 1
    return titles[-1].span() if titles else span


def labels(found: Iterable[Claim], threshold: float) -> tuple[Label, ...]:
    """Return the topics that the claims show, with a score of 0 to 1: what several rules say is surer."""
    by_topic: dict[str, list[Claim]] = {}
    for claim in found:
        if claim.rule.entry.label:
            by_topic.setdefault(claim.rule.topic, []).append(claim)
    result = []
    for topic, group in sorted(by_topic.items()):
        doubt = 1.0
        for score in {claim.rule.name: claim.rule.entry.score for claim in group}.values():
            doubt *= 1 - score
        score = round(1 - doubt, 4)
        if score >= threshold:
            rules = tuple(dict.fromkeys(claim.rule.name for claim in group))
            result.append(Label(topic=topic, score=score, spans=evidence(group), rules=rules))
    return tuple(result)


def evidence(group: Sequence[Claim]) -> tuple[Span, ...]:
    """Return the clauses of claims, the surest first, none inside another."""
    ordered = sorted(group, key=lambda claim: -claim.rule.entry.score)
    spans: list[Span] = []
    for claim in ordered:
        start, end = claim.span
        if not any(left <= start and end <= right for left, right in spans):
            spans = [(left, right) for left, right in spans if not (start <= left and right <= end)]
            spans.append((start, end))
    return tuple(spans)
