"""The packs compiled: one automaton for every name and trigger, and the rules that a trigger calls."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain

import ahocorasick_rs
import msgspec

from tocsin.agents.lexicon.entity_packs import MaskFile
from tocsin.agents.lexicon.grammar import Grammar
from tocsin.agents.lexicon.learning import Topic
from tocsin.agents.lexicon.masks import Masks
from tocsin.agents.lexicon.names import Name
from tocsin.agents.lexicon.offices import Person
from tocsin.agents.lexicon.packs import NAMES, RuleEntry, TopicFile, pattern
from tocsin.agents.lexicon.senses import Senses

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
    elsewhere: re.Pattern[str] | None = None
    entry: RuleEntry
    implies: Mapping[str, tuple[str, ...]] = {}
    """Topics given with its own, as the pack says."""
    names: int = 0
    """How many names its sentence must hold."""


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
    watched: tuple[Name, ...] = ()
    """What a user watches for under this spelling, whatever else it means."""
    spaced: bool = True
    dotted: bool = False
    """An abbreviation that ends with a full stop."""


_ALONE: dict[str, int] = {"country": 1, "people": 2, "org": 3, "seat": 4}
"""Kinds that are decided by themselves, the surest first."""


def meaning_of(names: tuple[Name, ...]) -> Meaning:
    """Sort what a spelling may mean."""
    cue = next((name.id for name in names if name.kind == "cue"), "")
    watched = tuple(name for name in names if name.kind == "watch")
    spaced = all(name.spaced for name in names)
    dotted = any(name.exact and name.text.endswith(".") for name in names)
    easy = not any(name.exact or name.language for name in names if name.kind != "cue")
    names = tuple(name for name in names if name.kind not in {"cue", "watch"})
    alone = [name for name in names if name.kind in _ALONE]
    people = [name for name in names if name.kind == "person"]
    return Meaning(
        names=names,
        easy=easy,
        state=min(alone, key=lambda name: _ALONE[name.kind]) if alone else None,
        cue=cue,
        mask=any(name.kind == "mask" for name in names),
        region=next((name for name in names if name.kind == "region"), None),
        towns=tuple(name for name in names if name.kind in {"city", "capital"}),
        full=tuple(name for name in people if not name.form),
        called=tuple(name for name in people if name.form),
        watched=watched,
        spaced=spaced,
        dotted=dotted,
    )


class Lexicon(msgspec.Struct, frozen=True, kw_only=True):
    """All packs of names in one piece, as it is kept compiled: what many spellings share is held once."""

    patterns: list[str]
    things: list[Name]
    """What is named, without its spelling where that does not decide; every one once."""
    bounds: bytes
    """For each pattern where its part of `numbers` begins, and at last where that ends: unsigned integers."""
    numbers: bytes
    """Numbers of things, those of a pattern together: unsigned integers."""
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
    found: dict[str, list[int]] = {}
    things: dict[Name, int] = {}
    for name in names:
        exact = name.exact or name.text[:1].islower()
        kept = msgspec.structs.replace(name, exact=exact, text=name.text if exact else "")
        number = things.setdefault(kept, len(things))
        same = found.setdefault(pattern_of(name.text, spaced=name.spaced), [])
        if number not in same:
            same.append(number)
    return Lexicon(
        patterns=list(found),
        things=list(things),
        bounds=array(_UNSIGNED, accumulate((len(same) for same in found.values()), initial=0)).tobytes(),
        numbers=array(_UNSIGNED, chain.from_iterable(found.values())).tobytes(),
        people={person.id: msgspec.structs.replace(person, where="") for person in people},
        masks=masks,
        languages=frozenset(name.language for name in things if name.language),
    )


_UNSIGNED = "I"


def compile_pack(file: TopicFile, where: str, groups: tuple[str, ...] = ()) -> list[Rule]:
    """Compile the rules of a topic or an event; PackError names file and rule.

    `groups` are the patterns of the parties that are no states and no bodies.
    """
    words = {**file.words, "GROUP": groups}
    blockers = pattern("|".join(file.blockers), words, f"{where}: blockers") if file.blockers else None

    def part(source: str, key: str, form: str = "(?:{})") -> re.Pattern[str] | None:
        return pattern(form.replace("{}", source), words, f"{where}: rules.{key}") if source else None

    return [
        Rule(
            topic=file.topic,
            name=f"{file.topic or file.event}.{name}",
            before=part(entry.before, f"{name}.before", r"(?<!\w)(?:{})\Z"),
            after=part(entry.after, f"{name}.after"),
            unless=part(entry.unless, f"{name}.unless", r"(?<!\w)(?:{})"),
            blockers=blockers if entry.blocked else None,
            elsewhere=part(entry.elsewhere, f"{name}.elsewhere"),
            entry=msgspec.structs.replace(entry, event=file.event, label=False) if file.event else entry,
            implies=file.implies,
            names=NAMES[entry.needs],
        )
        for name, entry in file.rules.items()
    ]


class Frames(msgspec.Struct, frozen=True, kw_only=True):
    """What topics and events are made of."""

    rules: Sequence[Rule] = ()
    groups: Mapping[str, tuple[str, ...]] = {}
    """Parties to events that are no states and no bodies, to their names."""
    topics: Sequence[Topic] = ()
    learnt: Mapping[str, float] = {}
    """Rule to how sure labelled texts showed it to be."""
    cues: Mapping[str, re.Pattern[str]] = {}
    """The words that say whether an act has happened, by what they say."""


class Vocabulary:
    """Every name and trigger in one automaton. Immutable once made, so it is shared by all who read."""

    def __init__(
        self, lexicon: Lexicon, frames: Frames, senses: Senses, grammar: Grammar, more: Iterable[Name] = ()
    ) -> None:
        self.people = lexicon.people
        self.masks = Masks(lexicon.masks)
        self.senses = senses
        self.grammar = grammar
        self.cues = frames.cues
        self.topics: Mapping[str, Topic] = {topic.name: topic for topic in frames.topics}
        """Every topic that articles are labelled with, by name."""
        self.learnt = frames.learnt
        self.scores: Mapping[str, float] = {rule.name: rule.entry.score for rule in frames.rules} | dict(frames.learnt)
        """How sure each rule is, 0 to 1: as its pack says, corrected by what was learnt."""
        self._languages = lexicon.languages
        self._things = lexicon.things
        self._bounds = array(_UNSIGNED, lexicon.bounds)
        self._numbers = array(_UNSIGNED, lexicon.numbers)
        self._known = len(lexicon.patterns)
        self._more: dict[int, tuple[Name, ...]] = {}
        index = {pattern: number for number, pattern in enumerate(lexicon.patterns)}
        called: dict[int, tuple[Rule, ...]] = {}
        for rule in frames.rules:
            # "sit-in" and "sit in" are one pattern, for which a rule is called once.
            for spelling in dict.fromkeys(map(pattern_of, rule.entry.at)):
                number = index.setdefault(spelling, len(index))
                called[number] = (*called.get(number, ()), rule)
        self.groups: Mapping[int, str] = {
            index.setdefault(pattern_of(name), len(index)): id_
            for id_, names in frames.groups.items()
            for name in names
        }
        """Pattern to the group that it names: a party to events that is no state and no body."""
        for name in more:
            number = index.setdefault(pattern_of(name.text, spaced=name.spaced), len(index))
            self._more[number] = (*self._more.get(number, ()), name)
        self.rules: Mapping[int, tuple[Rule, ...]] = called
        """Pattern to the rules of topics that it triggers."""
        self.least_names: Mapping[int, int] = {
            index: min(rule.names for rule in rules) for index, rules in called.items()
        }
        """Pattern to how many names a sentence must hold for any of its rules."""
        self._unspaced = frozenset(number for pattern, number in index.items() if not pattern.startswith(" "))
        self._meanings: dict[int, Meaning] = {}
        self._written: dict[tuple[int, str, str], Meaning | None] = {}
        self._automaton = ahocorasick_rs.AhoCorasick(
            list(index), store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )

    def names(self, index: int) -> tuple[Name, ...]:
        """Return the names of a pattern; none where it is a trigger alone."""
        more = self._more.get(index, ())
        if index >= self._known:
            return more
        numbers = self._numbers[self._bounds[index] : self._bounds[index + 1]]
        return (*(self._things[number] for number in numbers), *more)

    def all_names(self) -> Iterator[tuple[Name, ...]]:
        """Yield the names of every pattern."""
        patterns = chain(range(self._known), (index for index in self._more if index >= self._known))
        return (self.names(index) for index in patterns)

    def matches(self, folded: str) -> Iterator[tuple[int, int, int]]:
        """Yield start, end and pattern of every name and trigger between word boundaries, in order of end."""
        unspaced = self._unspaced
        for index, start, end in self._automaton.find_matches_as_indexes(f" {key(folded)} ", overlapping=True):
            if index in unspaced:
                yield start - 1, end - 1, index
            else:
                yield start, end - 2, index

    def meaning(self, index: int) -> Meaning:
        """Return what the names of a pattern may mean together; sorted out when it is first met."""
        found = self._meanings.get(index)
        if found is None:
            found = self._meanings[index] = meaning_of(self.names(index))
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
                for name in self.names(index)
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
    if surface == name.text:
        return True
    return _with_plain_signs(surface) == _with_plain_signs(name.text) if name.exact else not surface[0].islower()


def _with_plain_signs(text: str) -> str:
    return text if text.isascii() and text.isprintable() else _TO_PLAIN.sub(lambda match: _PLAIN[match[0]], text)
