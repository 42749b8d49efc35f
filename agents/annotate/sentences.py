"""Splits a text into sentences, each with its offsets. Title and body are split apart, never joined."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tocsin.streams.records import Span

LONGEST_SENTENCE = 2000
"""Characters; what has no end for longer, such as a text that lost its punctuation, is cut between words."""

# A mark of end with what closes after it. Bounded, so that a page of dots or quotes costs its length and no more.
# It begins with one set of characters, since the search for such a set is many times faster than that for alternatives.
_END = re.compile(
    r"[.!?…。！？\n](?:(?<=[.!?…])[\"'”’»)\]]{0,3}(?=\s)|(?<=[。！？])|(?<=\n)(?:[^\S\n]*\n|(?=[^\S\n]*[-•*▪–] )))"
)
_ABBREVIATIONS_WORDS = (
    "mr mrs ms dr prof sen rep gov gen lt col maj sgt capt cmdr adm brig hon rev st sts jr sr messrs mme "
    "inc ltd corp co bros no nos vs v al etc cf ca fig vol pp ed dept univ assn ave blvd gov jan feb mar "
    "apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun u.s u.n u.k e.u "
    "u.s.a d.c a.m p.m e.g i.e n s e w n.y ee calif fla mass pa va ga ala tex ill mich minn"
)
_ABBREVIATIONS = frozenset(_ABBREVIATIONS_WORDS.split())
_ENDS_ANYWAY_WORDS = "u.s u.n u.k e.u u.s.a d.c a.m p.m inc ltd corp co jr sr etc"
_ENDS_ANYWAY = frozenset(_ENDS_ANYWAY_WORDS.split())
_STARTERS_WORDS = (
    "the a an in on at it he she they we i this that these those but and as after before when while with "
    "for from his her their its there however meanwhile earlier officials mr mrs"
)
_STARTERS = frozenset(_STARTERS_WORDS.split())
_WORD_BEFORE = re.compile(r"([^\s\"'“‘(\[]+)\Z")
_NEXT = re.compile(r"\s*[\"'“‘«(\[]{0,3}(\S)(\w*)")


def sentences(text: str, regions: Iterable[Span]) -> tuple[Span, ...]:
    """Return the sentence spans of the regions, in order, without the white space around them.

    A region is a piece of the text that no sentence may leave: the title, or what stands between two pieces of
    page furniture. No sentence is longer than LONGEST_SENTENCE. Time grows with the length of the text.
    """
    found: list[Span] = []
    for start, end in regions:
        begin = start
        for match in _END.finditer(text, start, end):
            if match.group()[0] == "." and not _is_end(text, begin, match.start(), match.end()):
                continue
            _add(found, text, begin, match.end())
            begin = match.end()
        _add(found, text, begin, end)
    return tuple(found)


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    while end - start > LONGEST_SENTENCE:
        cut = text.rfind(" ", start + 1, start + LONGEST_SENTENCE)
        cut = cut if cut > start else start + LONGEST_SENTENCE
        _trim(found, text, start, cut)
        start = cut
    _trim(found, text, start, end)


def _trim(found: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if left < right:
        found.append((start + left, start + right))


def _is_end(text: str, begin: int, dot: int, end: int) -> bool:
    following = _NEXT.match(text, end, end + 60)
    if following is None:
        return True
    first = following[1]
    if first.islower():
        return False
    word = _WORD_BEFORE.search(text, max(begin, dot - 20), dot)
    if word is None:
        return True
    last = word[1].lower()
    if len(last) == 1 and last.isalpha() and word[1].isupper():
        return False  # an initial, as in "J. Smith"
    if last not in _ABBREVIATIONS:
        return True
    return last in _ENDS_ANYWAY and (first + following[2]).lower() in _STARTERS
