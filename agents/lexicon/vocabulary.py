"""The packs compiled: one automaton for every name and trigger, and the rules that a trigger calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import ahocorasick_rs
import msgspec

from tocsin.agents.lexicon.entity_packs import MaskFile
from tocsin.agents.lexicon.masks import Masks
from tocsin.agents.lexicon.names import Name
from tocsin.agents.lexicon.offices import Person
from tocsin.agents.lexicon.senses import Senses
from tocsin.agents.lexicon.packs import RuleEntry, TopicFile, pattern

_PLAIN = {
    **dict.fromkeys("\u2019\u2018\u02bc", "'"),
    **dict.fromkeys("\u2010\u2011", "-"),
    **dict.fromkeys("\t\n\x0b\x0c\r\x85\xa0\u2002\u2003\u2009\u200a\u202f\u3000", " "),
    **dict.fromkeys("\ue001\ue002\ue003\ue004\ue005\ue006", " "),
}
_TO_PLAIN = re.compile(f"[{''.join(_PLAIN)}]")
_ASCII_SPACES = str.maketrans("\t\n\x0b\x0c\r", "     ")
_BETWEEN_WORDS = re.compile(r"[^\w\u0300-\u036f ]")
_ASCII_BETWEEN_WORDS = {code: " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "_")}
# Translation is many times faster than a pattern, and as fast only on text that is ASCII throughout.


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


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """All that one spelling may mean, sorted by what has to be decided."""

    names: tuple[Name, ...]
    easy: bool
    """Any spelling with a capital first fits: nothing is exact, nothing belongs to one language."""
    state: Name | None
    """The state, people, body or seat of government, which is decided by itself."""
    cue: str = ""
    mask: bool = False
    region: Name | None = None
    towns: tuple[Name, ...] = ()
    full: tuple[Name, ...] = ()
    """People whose full name it is."""
    called: tuple[Name, ...] = ()
    """People for whom it stands once they are known."""
    spaced: bool = True
    dotted: bool = False
    """An abbreviation that ends with a full stop."""


_ALONE: dict[str, int] = {"watch": 0, "country": 1, "people": 2, "org": 3, "seat": 4}
"""Kinds that are decided by themselves, the surest first."""


def meaning_of(names: tuple[Name, ...]) -> Meaning:
    """Sort what a spelling may mean."""
    cue = next((name.id for name in names if name.kind == "cue"), "")
    names = tuple(name for name in names if name.kind != "cue")
    alone = [name for name in names if name.kind in _ALONE]
    people = [name for name in names if name.kind == "person"]
    return Meaning(
        names=names,
        easy=not any(name.exact or name.language for name in names),
        state=min(alone, key=lambda name: _ALONE[name.kind]) if alone else None,
        cue=cue,
        mask=any(name.kind == "mask" for name in names),
        region=next((name for name in names if name.kind == "region"), None),
        towns=tuple(name for name in names if name.kind in {"city", "capital"}),
        full=tuple(name for name in people if not name.form),
        called=tuple(name for name in people if name.form),
        spaced=all(name.spaced for name in names),
        dotted=any(name.exact and name.text.endswith(".") for name in names),
    )


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """All packs of names in one piece, as it is kept compiled."""

    patterns: list[str]
    names: list[tuple[Name, ...]]
    """The names of the pattern at the same place."""
    people: dict[str, Person]
    masks: MaskFile
    languages: frozenset[str]
    """Languages with names of their own: English names of states are none there."""


def fold(text: str) -> str:
    """Return the text in lower case with plain apostrophes and spaces: exactly as long as it was."""
    lower = text.lower()
    if lower.isascii():
        return lower.translate(_ASCII_SPACES)
    if len(lower) != len(text):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    return _TO_PLAIN.sub(lambda match: _PLAIN[match[0]], lower)


def key(folded: str) -> str:
    """Return folded text with a space for every sign that is no letter and no digit: exactly as long as it was."""
    return folded.translate(_ASCII_BETWEEN_WORDS) if folded.isascii() else _BETWEEN_WORDS.sub(" ", folded)


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
        languages=frozenset(name.language for same in found.values() for name in same if name.language),
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

    def __init__(self, lexicon: Lexicon, rules: Iterable[Rule], senses: Senses, more: Iterable[Name] = ()) -> None:
        self.names: list[tuple[Name, ...]] = list(lexicon.names)
        self.people = lexicon.people
        self._languages = lexicon.languages
        self.masks = Masks(lexicon.masks)
        self.senses = senses
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
        self._lead = [0 if pattern.startswith(" ") else -1 for pattern in index]
        self._meanings: list[Meaning | None] = [None] * len(index)
        self._written: dict[tuple[int, str, str], Meaning | None] = {}
        self._automaton = ahocorasick_rs.AhoCorasick(
            list(index), store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )

    def matches(self, folded: str) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and pattern of every name and trigger between word boundaries, in order of end; they may overlap."""
        lead = self._lead
        for index, start, end in self._automaton.find_matches_as_indexes(f" {key(folded)} ", overlapping=True):
            yield start + lead[index], end - 2 - lead[index], index

    def meaning(self, index: int) -> Meaning:
        """Return what the names of a pattern may mean together; sorted out when it is first met."""
        found = self._meanings[index]
        if found is None:
            found = self._meanings[index] = meaning_of(self.names[index])
        return found

    def meaning_as_written(self, index: int, written: str, language: str) -> Meaning | None:
        """Return what those names of a pattern may mean that are written so in a language; None where there are none.

        `written` has the full stop that may follow.
        """
        wanted = (index, written, language)
        if wanted not in self._written:
            if len(self._written) > _MOST_WRITTEN:
                self._written.clear()
            own = language in self._languages
            fitting = tuple(
                name
                for name in self.names[index]
                if _fits(written, name, language) and not (own and not name.language and name.kind in _IN_ENGLISH)
            )
            self._written[wanted] = meaning_of(fitting) if fitting else None
        return self._written[wanted]


_MOST_WRITTEN = 20_000
_IN_ENGLISH = frozenset({"country", "people", "region"})


def _fits(written: str, name: Name, language: str) -> bool:
    if name.kind == "cue" or (name.language and name.language != language):
        return False
    surface = written if name.text.endswith(".") else written.removesuffix(".")
    return surface == name.text if name.exact else surface == name.text or not surface[0].islower()
