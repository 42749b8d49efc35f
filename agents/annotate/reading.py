"""What the rules for names may know of an article: its text, the spellings found in it, and what they say together."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from typing import Literal

import msgspec

from tocsin.agents.lexicon.names import Name
from tocsin.agents.lexicon.vocabulary import Hit, Vocabulary
from tocsin.streams.records import Span

Kind = Literal["country", "nationality", "government", "person", "org", "city", "watch"]

_SPORT = re.compile(
    r"\b(?:beat|beats|defeat(?:s|ed)|victory|innings|quarterback|nba|nfl|nhl|mlb|league|season|coach|goals?|midfielder|"
    r"striker|touchdowns?|play-?offs?|game|games|match|championships?|cup|tournament|golf|tennis|cricket|rugby|football|"
    r"soccer|baseball|basketball|wickets?|test series|grand prix|medal|olympic|finals?|semi-?finals?|semifinals?|"
    r"round|win over|points|pitcher|homers?|scored|scoring|fans|stadium|teammates?|olympics|title race|seeded|"
    r"skipper|captain|batsman|bowler|runs|team|teams|players?|club|defender|goalkeeper|pga|inning|race|racing)\b"
)
_SPORTS_ENOUGH = 3
_WORDS = re.compile(r"(?<![\w'’])[A-Za-z]{4,}")


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
    names: tuple[Name, ...]


class Reading:
    """An article as the rules for names read it. Made for one article and dropped with it."""

    def __init__(
        self, text: str, folded: str, hits: Sequence[Hit], vocabulary: Vocabulary, *, date: str, language: str, title: int,
        sentences: Sequence[Span],
    ) -> None:
        self.text = text
        self.folded = folded
        self.vocabulary = vocabulary
        self.masks = vocabulary.masks
        self.date = date
        """Of publication, as exact as known: YYYY, YYYY-MM, YYYY-MM-DD or empty."""
        self.language = language
        self.title = title
        self._sentences = sentences
        self._sentence_starts = [start for start, _ in sentences]
        """Length of the title."""
        self.spots = self._spots(hits)
        self._starts = [spot.start for spot in self.spots]
        self.at = {spot.start: spot for spot in self.spots}
        self.countries: Counter[str] = Counter()
        """States and bodies that are named, by how often."""
        self.regions: set[str] = set()
        """Codes of the regions that are named."""
        self._capitals: dict[int, bool] = {}
        self._elsewhere: dict[tuple[str, ...], bool] = {}

    def _spots(self, hits: Sequence[Hit]) -> list[Spot]:
        """Return the spellings that fit as they are written, the longest at each place, none over another."""
        text, names, language = self.text, self.vocabulary.names, self.language
        spots: list[Spot] = []
        reach = -1
        for hit in sorted((hit for hit in hits if names[hit.index]), key=lambda hit: (hit.start, -hit.end)):
            if hit.start < reach:
                continue
            first = text[hit.start]
            if first.islower() and hit.end - hit.start > 1:
                fitting = tuple(name for name in names[hit.index] if name.text == text[hit.start : hit.end])
            else:
                fitting = tuple(name for name in names[hit.index] if _fits(text, hit, name, language))
            if fitting:
                dotted = text[hit.end : hit.end + 1] == "." and all(name.text.endswith(".") for name in fitting)
                spots.append(Spot(hit.start, hit.end + dotted, fitting))
                reach = hit.end
        return spots

    def says(self, words: tuple[str, ...]) -> bool:
        """Tell whether one of some words stands in the article, as written there or in lower case."""
        if words not in self._elsewhere:
            self._elsewhere[words] = any(word in self.text or word in self.folded for word in words)
        return self._elsewhere[words]

    @cached_property
    def sports(self) -> bool:
        """Tell whether this is a report of sport, where towns are teams and surnames are players'."""
        return len({match[0] for match in _SPORT.finditer(self.folded)}) >= _SPORTS_ENOUGH

    def capitals_tell(self, place: int) -> bool:
        """Tell whether a capital letter at a place says that a word belongs to a name: not in a headline where all have one."""
        start, end = self.sentence(place)
        if start not in self._capitals:
            sentence = self.text[start:end]
            words = _WORDS.findall(sentence)
            capitals = sum(word[0].isupper() for word in words)
            self._capitals[start] = capitals * 10 < len(words) * 7 or (len(words) < 4 and start >= self.title)
        return self._capitals[start]

    def around(self, place: int) -> list[Spot]:
        """Return the spelling that stands over a place, if one does."""
        index = bisect_right(self._starts, place) - 1
        return [self.spots[index]] if index >= 0 and place < self.spots[index].end else []

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

    def after(self, spot: Spot, size: int = 48) -> str:
        """Return what stands after a spelling, folded."""
        return self.folded[spot.end : spot.end + size]


def _fits(text: str, hit: Hit, name: Name, language: str) -> bool:
    if name.language and name.language != language:
        return False
    surface = text[hit.start : hit.end]
    if name.exact:
        written = surface + text[hit.end : hit.end + 1] if name.text.endswith(".") else surface
        return written == name.text or (name.kind == "person" and surface.isupper() and len(surface) > 3)
    return _PUNCTUATION.search(surface) is None or surface == name.text


_PUNCTUATION = re.compile(r"[,;:()!?\"“”\[\]]")
