"""Where the headline of another article ends in text that lost its lines. Pure.

`... for talks. READ Minister Quits Over Leaked Letter The embassy declined to comment.`: no stop, no line, only the
capitals tell. Where nothing tells, the headline is left in the text, since to guess would cost the report a sentence.
"""

from __future__ import annotations

import re

import msgspec

WHOLE_LINE = 200
"""Characters; a line up to that length with one sentence is the headline, all of it."""
WINDOW = 280
"""Characters in which a headline must end."""
CLOSED_WORDS = 14
"""Words up to which a sentence with its own stop is taken for the headline."""
LEAST_WORDS = 4

_STOP = re.compile(r"[.!?…][\"”’)]*(?=\s|\Z)")
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Gen|Sen|Rep|Gov|St|vs|No|Lt|Col|Jan|Feb|Aug|Sept?|Oct|Nov|Dec))\.$"
)
_SMALL = re.compile(
    r"an?|and|as|at|but|by|for|from|in|into|of|off|on|or|over|per|the|to|up|via|vs|with|after|amid|against",
    re.IGNORECASE,
)
_STARTER = re.compile(
    r"The|An?|In|On|At|He|She|It|They|We|But|And|This|That|These|Those|There|As|After|Before|When|While|Since|Meanwhile|"
    r"According|However|Although|Despite|Earlier|Last|Its|His|Her|Their|One|Some|Both"
)


class _Word(msgspec.Struct, frozen=True):
    start: int
    end: int
    bare: str
    """Without quotes and punctuation around it."""

    @property
    def capital(self) -> bool:
        return self.bare[:1].isupper()

    @property
    def weight(self) -> float:
        """How much the word speaks for a headline with capitals throughout."""
        if _SMALL.fullmatch(self.bare):
            return 0.5 if self.capital else 0.0
        if self.capital:
            return 1.0
        return -1.5 if self.bare[:1].isalpha() else 0.0


def headline_end(text: str, start: int, stop: int) -> int:
    """Return where the headline ends that begins at `start`; `start` itself where that can't be told.

    `stop` is the end of the line. White space before the next sentence is not part of the headline.
    """
    end = _sentence_end(text, start, min(stop, start + WINDOW))
    whole = end if end is not None else min(stop, start + WINDOW)
    if whole >= stop and stop - start <= WHOLE_LINE and _alone(text, start, stop):
        return start + len(text[start:stop].rstrip())
    words = [
        _Word(found.start(), found.end(), found[0].strip("\"“”‘’'()[],;:.!?…|"))
        for found in re.compile(r"\S+").finditer(text, start, whole)
    ]
    cut = _by_capitals(words) or _by_starter(words)
    if cut:
        return words[cut - 1].end
    if len(words) <= CLOSED_WORDS and (end is not None or whole >= stop):
        return start + len(text[start:whole].rstrip())
    return start


def _alone(text: str, start: int, stop: int) -> bool:
    """Tell whether the line is one of several: in a text that lost its lines, the last sentence may be the report's."""
    return "\n" in (text[:start] + text[stop:]).strip() or not text[:start].strip() or stop < len(text.rstrip())


def _sentence_end(text: str, start: int, stop: int) -> int | None:
    for found in _STOP.finditer(text, start, stop):
        following = text[found.end() : found.end() + 12].lstrip(' \t\xa0\n"“‘(«')[:1]
        # Not every script has capitals; only a small letter tells that the sentence goes on.
        if not following.islower() and not _ABBREVIATED.search(text, start, found.start() + 1):
            return found.end()
    return None


def _by_capitals(words: list[_Word]) -> int:
    """Return the number of words of a headline With Capitals Throughout, 0 where it is not one."""
    best, best_sum, total = 0, 0.0, 0.0
    for number, word in enumerate(words, start=1):
        total += word.weight
        following = words[number] if number < len(words) else None
        begins = following is None or not following.bare[:1].islower()
        if begins and not _SMALL.fullmatch(word.bare) and total > best_sum:
            best, best_sum = number, total
    capitals = sum(word.capital for word in words[:best])
    small = sum(word.weight < 0 for word in words[:best])
    return best if best >= LEAST_WORDS and capitals >= 3 * small else 0


def _by_starter(words: list[_Word]) -> int:
    """Return the number of words before the first one that begins a sentence, 0 where none does."""
    for number in range(LEAST_WORDS, len(words)):
        before = words[number - 1].bare
        if _STARTER.fullmatch(words[number].bare) and not _SMALL.fullmatch(before) and not before[:1].isupper():
            return number
    return 0
