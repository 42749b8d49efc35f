"""What an article looks like to the story it may belong to: weighted terms, and a sketch that copies share.

Terms are folded words outside furniture and, as `@id`, the entities named; the sketch is a bottom-k sample of hashed
three-word runs (Broder 1997), so equal sketches mean equal wording whatever stands around it.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from math import log
from operator import neg

import msgspec

from tocsin.agents.stories.stopwords import STOPWORDS
from tocsin.streams.records import Annotated, Article, Span

SKETCH_SIZE = 16
_RUN = 3
_LEAD = 300
"""Words at the head of a text that are sketched: a copy cut short, as feeds cut, is still one."""
_SHORT = 40
"""Words below which a text holds too few runs for a sketch to tell a copy from a template filled differently."""

_TITLE_WEIGHT = 2.0
_ENTITY_WEIGHT = 1.0
_MOST_TERMS = 60

_WORD = re.compile(r"[^\W_]+")
_MARK = re.compile("[\u0300-\u036f]")
_SIGNS = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


class Fingerprint(msgspec.Struct, frozen=True):
    """Weighted terms, the heaviest first, and the sketch of an article."""

    terms: dict[str, float]
    sketch: tuple[int, ...]
    """The smallest hashes, ascending; at most SKETCH_SIZE."""
    short: bool = False
    """Whether only the very same wording counts as a copy."""
    bare: bool = False
    """Whether it is a headline without a text."""


def fingerprint(annotated: Annotated) -> Fingerprint:
    """Return the fingerprint of an article; the same for the same article, on every machine."""
    article = annotated.article
    title_end = len(article.title)
    text = article.reading_text
    head: list[str] = []
    body: list[str] = []
    for start, end in _outside_furniture(article):
        head += _words(text[start : min(end, title_end)])
        body += _words(text[max(start, title_end) : end])
    running = head + body
    title = _stems(head)
    weights = {
        word: (1 + log(count)) * (_TITLE_WEIGHT if word in title else 1.0) for word, count in _stems(running).items()
    }
    weights |= _entities(annotated, title_end)
    heaviest = sorted(zip(map(neg, weights.values()), weights, strict=True))[:_MOST_TERMS]
    terms = {term: round(-weight, 3) for weight, term in heaviest}
    return Fingerprint(terms, _sketch(running[:_LEAD]), short=len(running) < _SHORT, bare=not body)


def likeness(one: tuple[int, ...], two: tuple[int, ...]) -> float:
    """Estimate which part of the three-word runs of two texts they share, 0 to 1."""
    size = min(SKETCH_SIZE, max(len(one), len(two)))
    smallest = sorted({*one, *two})[:size]
    both = set(one) & set(two)
    return sum(1 for value in smallest if value in both) / size if size else 0.0


def _entities(annotated: Annotated, title_end: int) -> dict[str, float]:
    counts = Counter(mention.id for mention in annotated.mentions)
    title = {mention.id for mention in annotated.mentions if mention.end <= title_end}
    return {
        f"@{id_}": (1 + log(count)) * _ENTITY_WEIGHT * (_TITLE_WEIGHT if id_ in title else 1.0)
        for id_, count in counts.items()
    }


def _outside_furniture(article: Article) -> Iterator[Span]:
    start = 0
    for left, right in sorted(article.furniture):
        if left > start:
            yield start, left
        start = max(start, right)
    if start < len(article.reading_text):
        yield start, len(article.reading_text)


def _words(text: str) -> list[str]:
    plain = text.lower() if text.isascii() else _MARK.sub("", unicodedata.normalize("NFKD", text.casefold()))
    found = _WORD.findall(plain)
    if plain.isascii() or not _SIGNS.search(plain):
        return found
    cut: list[str] = []
    for word in found:
        # No spaces part words in these scripts; two signs each are the usual stand-in.
        cut += [a + b for a, b in pairwise(word)] if len(word) > 2 and _SIGNS.search(word) else [word]
    return cut


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    """Join plural and singular of English, and leave what only looks like a plural; empty for what says nothing."""
    if len(word) < 2 or word in STOPWORDS:
        return ""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _stems(words: list[str]) -> Counter[str]:
    stems: Counter[str] = Counter()
    for word, count in Counter(words).items():
        stem = _stem(word)
        if stem:
            stems[stem] += count
    return stems


def _sketch(words: list[str]) -> tuple[int, ...]:
    if len(words) < _RUN:
        runs = {" ".join(words)} if words else set()
    else:
        runs = {" ".join(run) for run in zip(words, words[1:], words[2:], strict=False)}
    return tuple(sorted({zlib.crc32(run.encode()) for run in runs})[:SKETCH_SIZE])
