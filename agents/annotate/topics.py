"""Topics by rules: triggers find the sentences, and only there the patterns run."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

import msgspec
from tocsin.agents.annotate.entities import Found
from tocsin.agents.annotate.marked import Marked
from tocsin.agents.annotate.parties import first_in, inherited, last_in, subjects
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
    previous: Callable[[], Marked | None]
    """Marks the sentence before, for what a pronoun stands for."""
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


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with a trigger in it."""

    number: int
    marked: Marked
    previous: Callable[[], Marked | None]
    hits: Sequence[Hit]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule may know of the article around a sentence."""

    named: bool
    """A state, a body or a leader is named in the title or the first sentences."""


def claims(lines: Iterable[Line], vocabulary: Vocabulary, context: Context) -> list[Claim]:
    """Return every rule that holds in a line, in order."""
    found: list[Claim] = []
    for line in lines:
        for hit in line.hits:
            for rule in vocabulary.rules[hit.index]:
                claim = _try(rule, hit, line)
                if claim is not None and _has_what_it_needs(claim, context):
                    found.append(claim)
    return found


def _try(rule: Rule, hit: Hit, line: Line) -> Claim | None:
    marked = line.marked
    text = marked.text
    trigger = (marked.place(hit.start), marked.place(hit.end))
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
        rule=rule,
        line=marked,
        previous=line.previous,
        number=line.number,
        trigger=trigger,
        start=start,
        end=end,
        groups=groups,
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


def acting(claim: Claim) -> list[Found]:
    """Return the parties that act: as the rule names them, as the sentence does, or as a pronoun refers to them."""
    if "actor" in claim.groups:
        named = first_in(claim.line, *claim.groups["actor"])
        if named:
            return named
    begin = min(claim.start, claim.trigger[0])
    if "object" in claim.groups and claim.groups["object"][0] < claim.trigger[0]:
        objects = last_in(claim.line, *claim.groups["object"])
        begin = objects[0] if objects else claim.groups["object"][0]
    return subjects(claim.line, begin) or inherited(claim.line, claim.previous)


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
