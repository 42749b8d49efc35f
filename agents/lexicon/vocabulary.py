"""The packs compiled: one automaton for every name and trigger, and the rules that a trigger calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import ahocorasick_rs
import msgspec

from tocsin.agents.lexicon.entity_packs import MaskFile
from tocsin.agents.lexicon.masks import Masks
from tocsin.agents.lexicon.names import Name
from tocsin.agents.lexicon.offices import Person
from tocsin.agents.lexicon.packs import RuleEntry, TopicFile, pattern

_PLAIN = {
    **dict.fromkeys("\u2019\u2018\u02bc", "'"),
    **dict.fromkeys("\u2010\u2011", "-"),
    **dict.fromkeys("\t\n\x0b\x0c\r\x85\xa0\u2002\u2003\u2009\u200a\u202f\u3000", " "),
    **dict.fromkeys("\ue001\ue002\ue003\ue004\ue005\ue006", " "),
}
_TO_PLAIN = re.compile(f"[{''.join(_PLAIN)}]")
_BETWEEN_WORDS = re.compile(r"[^\w\u0300-\u036f ]")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule of a topic, compiled."""

    topic: str
    name: str
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    blockers: re.Pattern[str] | None
    entry: RuleEntry


class Hit(msgspec.Struct, frozen=True, gc=False):
    """A name or a trigger where it stands, in code points; `index` is that of the pattern."""

    start: int
    end: int
    index: int


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """All packs of names in one piece, as it is kept compiled."""

    patterns: list[str]
    names: list[tuple[Name, ...]]
    """The names of the pattern at the same place."""
    people: dict[str, Person]
    masks: MaskFile


def fold(text: str) -> str:
    """Return the text in lower case with plain apostrophes and spaces: exactly as long as it was."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return _TO_PLAIN.sub(lambda match: _PLAIN[match[0]], lower)


def key(folded: str) -> str:
    """Return folded text with a space for every sign that is no letter and no digit: exactly as long as it was."""
    return _BETWEEN_WORDS.sub(" ", folded)


def pattern_of(text: str, *, spaced: bool = True) -> str:
    """Return what a name or a trigger looks like in a key; words stand between spaces."""
    found = key(fold(text)).strip()
    return f" {found} " if spaced else found


def lexicon(names: Iterable[Name], people: Iterable[Person], masks: MaskFile) -> Lexicon:
    """Put names in the form in which they are kept, those of one pattern together."""
    found: dict[str, list[Name]] = {}
    for name in names:
        same = found.setdefault(pattern_of(name.text, spaced=name.spaced), [])
        if name not in same:
            same.append(name)
    return Lexicon(
        patterns=list(found),
        names=[tuple(same) for same in found.values()],
        people={person.id: person for person in people},
        masks=masks,
    )


def compile_topic(file: TopicFile, where: str) -> list[Rule]:
    """Compile the rules of a topic; PackError names file and rule."""
    blockers = pattern("|".join(file.blockers), file.words, f"{where}: blockers") if file.blockers else None

    def part(source: str, key: str, form: str = "(?:{})") -> re.Pattern[str] | None:
        return pattern(form.replace("{}", source), file.words, f"{where}: rules.{key}") if source else None

    return [
        Rule(
            topic=file.topic,
            name=f"{file.topic}.{name}",
            before=part(entry.before, f"{name}.before", r"(?<!\w)(?:{})\Z"),
            after=part(entry.after, f"{name}.after"),
            unless=part(entry.unless, f"{name}.unless"),
            blockers=blockers if entry.blocked else None,
            entry=entry,
        )
        for name, entry in file.rules.items()
    ]


class Vocabulary:
    """Every name and trigger in one automaton. Immutable once made, so it is shared by all who read."""

    def __init__(self, lexicon: Lexicon, rules: Iterable[Rule], more: Iterable[Name] = ()) -> None:
        self.names: list[tuple[Name, ...]] = list(lexicon.names)
        self.people = lexicon.people
        self.masks = Masks(lexicon.masks)
        index = {pattern: number for number, pattern in enumerate(lexicon.patterns)}
        called: dict[int, list[Rule]] = {}
        for rule in rules:
            for trigger in rule.entry.at:
                called.setdefault(index.setdefault(pattern_of(trigger), len(index)), []).append(rule)
        self.names += [()] * (len(index) - len(self.names))
        for name in more:
            number = index.setdefault(pattern_of(name.text), len(index))
            self.names += [()] * (len(index) - len(self.names))
            self.names[number] += (name,)
        self.rules: list[tuple[Rule, ...]] = [()] * len(index)
        for number, for_pattern in called.items():
            self.rules[number] = tuple(for_pattern)
        self._words = [pattern.startswith(" ") for pattern in index]
        self._automaton = ahocorasick_rs.AhoCorasick(
            list(index), store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )

    def scan(self, folded: str) -> list[Hit]:
        """Return every name and trigger that stands between word boundaries, in order of end; they may overlap."""
        words = self._words
        return [
            Hit(start, end - 2, index) if words[index] else Hit(start - 1, end - 1, index)
            for index, start, end in self._automaton.find_matches_as_indexes(f" {key(folded)} ", overlapping=True)
        ]

    def known(self, text: str) -> Sequence[Name]:
        """Return the names that a text is a spelling of."""
        return next((self.names[hit.index] for hit in self.scan(fold(text)) if hit.end - hit.start == len(text)), ())
