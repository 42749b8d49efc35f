"""Words of a text as queries see them: case and diacritics folded, with or without their places.

A word is a run of letters and digits. Chinese and Japanese write no spaces, so there each sign is a word and a
longer word is a phrase of signs. The same cut is used for articles and for queries, so the two always agree.
"""

from __future__ import annotations

import re
import unicodedata

from tocsin.streams.records import Span

_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_MARKS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670"
# Vowel signs of these scripts are no letters for `\w`, and would cut words in pieces.
_JOINED_SCRIPTS = "\u0900-\u0963\u0970-\u0dff\u0e00-\u0eff"
_LETTERS = rf"[^\W_{_SIGNS}]"

_WORD = re.compile(rf"{_LETTERS}+(?:[{_MARKS}{_JOINED_SCRIPTS}]{_LETTERS}*)*|[{_SIGNS}]")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_MARK = re.compile(f"[{_MARKS}]")
_NO_MARK = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})


def fold(text: str) -> str:
    """Return the text in one case, without diacritics and compatibility forms (Unicode NFKD, UAX 15)."""
    if text.isascii():
        return text.lower()
    return _MARK.sub("", unicodedata.normalize("NFKD", text.casefold())).translate(_NO_MARK)


def _folded(raw: str) -> list[str]:
    return [raw.lower()] if raw.isascii() else _WORD.findall(fold(raw))


def words(text: str) -> list[str]:
    """Return the folded words of a text, in order."""
    if text.isascii():
        return _ASCII_WORD.findall(text.lower())
    found: list[str] = []
    for raw in _WORD.findall(text):
        if raw.isascii():
            found.append(raw.lower())
        else:
            found += _folded(raw)
    return found


def placed_words(text: str, start: int = 0) -> list[tuple[str, Span]]:
    """Return `words(text)` with where each stands; places count from `start`."""
    return [
        (word, (start + hit.start(), start + hit.end()))
        for hit in _WORD.finditer(text)
        for word in _folded(hit.group())
    ]


def code(text: str) -> str:
    """Return the form in which ids are compared: `BOKO_HARAM` for `Boko Haram` and `boko_haram`."""
    return "_".join(words(text)).upper()
