"""What the rules for names may know of an article: its text, the spellings found in it, and what they say together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import msgspec

from tocsin.agents.lexicon.vocabulary import Hit, Meaning, Vocabulary
from tocsin.streams.records import Span

Kind = Literal["country", "nationality", "government", "person", "org", "city", "watch", "group"]

_SPORT_WEIGHTS = {"sport": 1, "sport-only": 2}
_SPORTS_ENOUGH, _SPORTS_EVERY = 3, 700
"""Weight of different words of sport that make a report one of sport, and characters after which it takes one more."""
_POLITICS = re.compile(
    r"\b(?:president|presidential|minister|premier|government|election|parliament|cabinet|campaign|democrats?|republicans?|"
    r"senate|senator|congress|policy|poll|polls|vote|voters|white house|diplomat\w*|opposition|summit|treaty|leader|"
    r"leaders|war|troops|talks|meets?|met|visits?|visited|politic\w*|democracy|regime|ministers)\b"
)
_SMALL_WORDS = re.compile(r"(?<![\w'’-])[a-z]{4}")
_LARGE_WORDS = re.compile(r"(?<![\w'’])[A-Z][A-Za-z]{3}")
_SMALL_ENOUGH = 4
"""Words of four letters or more in lower case that no headline in capitals has."""


class Found(msgspec.Struct, frozen=True, gc=False):
    """A name with its meaning: what the topic rules see, and what becomes a Mention."""

    start: int
    end: int
    kind: Kind
    id: str
    party: str
    """The id as events carry it: a state or a body."""
    score: float
    rule: str
    """The rule that decided what the name means."""
    leaders: bool = False
    capital: bool = False


class Spot(msgspec.Struct, frozen=True, gc=False):
    """A spelling where it stands, with all that it may mean."""

    start: int
    end: int
    meaning: Meaning


class Reading:
    """An article as the rules for names read it. Made for one article and dropped with it."""

    def __init__(
        self,
        text: str,
        folded: str,
        vocabulary: Vocabulary,
        *,
        sentences: Sequence[Span],
        date: str = "",
        language: str = "en",
        title: int = 0,
    ) -> None:
        self.text = text
        self.folded = folded
        self.vocabulary = vocabulary
        self.masks = vocabulary.masks
        self.grammar = vocabulary.grammar
        self.date = date
        """Of publication, as exact as known: YYYY, YYYY-MM, YYYY-MM-DD or empty."""
        self.language = language
        self.title = title
        """Length of the title."""
        self.spots: list[Spot] = []
        """The spellings that fit as they are written, the longest at each place, none over another, in order."""
        self.triggers: list[Hit] = []
        """Where the rules of topics are triggered, in order of end."""
        self.groups: list[Hit] = []
        """Where parties that are no states and no bodies are named, in order of end."""
        self.cues: dict[str, list[int]] = {}
        """Kind of cue to the places where its words begin."""
        self._sentences = sentences
        self._sentence_starts = [start for start, _ in sentences]
        self._sport: dict[int, int] = {}
        self._scan()
        self._starts = [spot.start for spot in self.spots]
        self.at = dict(zip(self._starts, self.spots, strict=True))
        self.countries: Counter[str] = Counter()
        """States and bodies that are named, by how often."""
        self.regions: set[str] = set()
        """Codes of the regions that are named."""
        self.weights: dict[str, float] = {}
        """How much the offices of a person say at the article's date; filled by who asks first."""
        self.others: dict[int, bool] = {}
        """Where a surname stands, to whether it is another person's; filled by who asks first."""
        self._capitals: dict[int, bool] = {}
        self._says: dict[tuple[str, ...], bool] = {}

    def _scan(self) -> None:
        """Find every spelling and trigger that lies in one sentence; what is cut by page furniture is none."""
        text, vocabulary = self.text, self.vocabulary
        rules, groups, meaning_of = vocabulary.rules, vocabulary.groups, vocabulary.meaning
        starts, ends = self._sentence_starts, [end for _, end in self._sentences]
        number, last, english = 0, len(ends), self.language == "en"
        for start, end, index in vocabulary.matches(self.folded):
            while number < last and ends[number] < end:
                number += 1
            if number == last:
                break
            if start < starts[number]:
                continue
            if index in rules:
                self.triggers.append(Hit(start, end, index))
            if index in groups:
                self.groups.append(Hit(start, end, index))
            meaning = meaning_of(index)
            if meaning.cue:
                self._cue(meaning.cue, start, index)
            if not (meaning.names or meaning.watched):
                continue
            if not (meaning.easy and english):
                self._add_as_written(start, end, index, ends[number])
            elif not text[start].islower():
                self._add(Spot(start, end, meaning))

    def _add(self, spot: Spot) -> None:
        """Take a spelling in; they come in order of end: the earlier start wins, of one start the longer."""
        spots = self.spots
        while spots and spots[-1].start >= spot.start:
            spots.pop()
        if not spots or spots[-1].end <= spot.start:
            spots.append(spot)

    def _add_as_written(self, start: int, end: int, index: int, sentence_end: int) -> None:
        """Take a spelling in with those of its names that are written so, in this language."""
        dot = end < sentence_end and self.text[end] == "."
        meaning = self.vocabulary.meaning_as_written(index, self.text[start : end + dot], self.language)
        if meaning is None or (not meaning.spaced and _cuts_word(self.text, start, end)):
            return
        self._add(Spot(start, end + (dot and meaning.dotted), meaning))

    def _cue(self, kind: str, start: int, index: int) -> None:
        if kind in _SPORT_WEIGHTS:
            self._sport[index] = _SPORT_WEIGHTS[kind]
        else:
            self.cues.setdefault(kind, []).append(start)

    @cached_property
    def of_politics(self) -> bool:
        """Tell whether a word of politics stands anywhere in the article."""
        return _POLITICS.search(self.folded) is not None

    @cached_property
    def sports(self) -> bool:
        """Tell whether this is a report of sport, where towns are teams and surnames are players'."""
        return sum(self._sport.values()) >= _SPORTS_ENOUGH + len(self.text) // _SPORTS_EVERY

    def says(self, words: tuple[str, ...]) -> bool:
        """Tell whether one of some words stands in the article, as written there or in lower case."""
        if words not in self._says:
            self._says[words] = any(word in self.text or word in self.folded for word in words)
        return self._says[words]

    def capitals_tell(self, place: int) -> bool:
        """Tell whether a capital letter here says that a word belongs to a name: not in a line of capitalised words."""
        start, end = self.sentence(place)
        if start not in self._capitals:
            small = len(_SMALL_WORDS.findall(self.text, start, end))
            few, share = (3, 0.7) if start < self.title else (6, 0.8)
            tells = small >= _SMALL_ENOUGH
            if not tells:
                words = small + len(_LARGE_WORDS.findall(self.text, start, end))
                tells = words < few or words - small < words * share
            self._capitals[start] = tells
        return self._capitals[start]

    def around(self, place: int) -> Spot | None:
        """Return the spelling that stands over a place, if one does."""
        index = bisect_right(self._starts, place) - 1
        return self.spots[index] if index >= 0 and place < self.spots[index].end else None

    def sentence(self, place: int) -> Span:
        """Return the sentence over a place, or the empty span there."""
        index = bisect_right(self._sentence_starts, place) - 1
        return self._sentences[index] if index >= 0 else (place, place)

    def inside(self, start: int, end: int) -> bool:
        """Tell whether a span lies in one sentence, outside page furniture."""
        return self.sentence(start)[1] >= end

    def before(self, spot: Spot, size: int = 40) -> str:
        """Return what stands before a spelling, folded."""
        return self.folded[max(0, spot.start - size) : spot.start]

    def word_before(self, spot: Spot) -> str:
        """Return the word before a spelling, folded; "" where something else than a space stands between."""
        start = spot.start - 1
        if start < 0 or self.folded[start] != " ":
            return ""
        return self.folded[self.folded.rfind(" ", 0, start) + 1 : start]

    def after(self, spot: Spot, size: int = 48) -> str:
        """Return what stands after a spelling, folded."""
        return self.folded[spot.end : spot.end + size]


def _cuts_word(text: str, start: int, end: int) -> bool:
    """Tell whether a name of a script without spaces is cut out of a longer word: of katakana, or of Latin letters."""
    for edge, beside in ((text[start], text[start - 1 : start]), (text[end - 1], text[end : end + 1])):
        for script in (_KATAKANA, _LATIN):
            if script.match(edge) and script.match(beside):
                return True
    return False


_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]")
_LATIN = re.compile(r"[A-Za-z]")
