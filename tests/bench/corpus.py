"""Synthetic news for measuring: the words of ordinary reports, some of them about what the topics are about."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from itertools import accumulate

from tests.chain.articles import COUNTRIES, expulsion_by
from tocsin.streams.records import Article, content_id

_SUBJECTS = ["The ministry", "A spokesman for {a}", "The committee", "Farmers in {a}", "{a}'s parliament", "The central bank",
             "Officials in {a} and {b}", "The mayor", "Researchers", "The opposition", "A court in {a}", "Shipping firms"]  # fmt: skip
_VERBS = ["said", "announced", "denied", "reported", "welcomed", "discussed", "postponed", "published", "criticised"]
_OBJECTS = ["a plan to widen the harbour", "talks on fishing quotas with {b}", "new figures on inflation", "the budget for schools",
            "an inquiry into the accident", "a visit by the president of {b}", "higher wages for nurses", "the results of the vote",
            "a summit of leaders later this year", "measures against fraud", "rules for imports from {b}"]  # fmt: skip
_ENDS = [
    "after weeks of debate",
    "on Monday",
    "despite protests",
    "as prices rose",
    "in a statement",
    "for the first time in years",
]


_SYLLABLES = [c + v for c in "bcdfghklmnprstvw" for v in ("a", "e", "i", "o", "u", "an", "er", "il", "on")]
_RARE = ["".join(random.Random(number).choices(_SYLLABLES, k=2 + number % 3)) for number in range(20_000)]
"""Stand-ins for the many words that occur seldom: news is mostly names and things met once."""
_WEIGHTS = list(accumulate(1 / (rank + 10) for rank in range(len(_RARE))))


def text(chance: random.Random, words: int) -> str:
    """Return a report of about so many words, in paragraphs."""
    sentences: list[str] = []
    length = 0
    while length < words:
        a, b = chance.sample(COUNTRIES, 2)
        parts = [chance.choice(_SUBJECTS), chance.choice(_VERBS), chance.choice(_OBJECTS), chance.choice(_ENDS)]
        rare = chance.choices(_RARE, cum_weights=_WEIGHTS, k=8)
        parts[2:2] = ["the", *rare[:3], "of", *rare[3:5], "and"]
        parts += ["near", *rare[5:]]
        sentence = " ".join(parts).format(a=a, b=b) + "."
        sentences.append(sentence)
        length += len(sentence.split())
    return "\n\n".join(" ".join(sentences[i : i + 4]) for i in range(0, len(sentences), 4))


def articles(count: int, words: int, *, matching: float = 0.05, seed: int = 1) -> list[Article]:
    """Return articles; a share of them begins with an expulsion of its own."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        title = f"{chance.choice(COUNTRIES)} notes {number}"
        body = text(chance, words)
        if chance.random() < matching:
            title, lead = expulsion_by(chance.choice(COUNTRIES))
            body = f"{lead}\n\n{body}"
        made.append(
            Article(
                id=content_id("bench", str(seed), str(number)),
                url=f"https://news.example/{seed}/{number}",
                source="Bench",
                title=title,
                text=body,
                language="en",
                first_seen=datetime.now(UTC),
            )
        )
    return made


def queries(count: int, *, seed: int = 2) -> list[str]:
    """Return standing queries: half of them words, the rest fields."""
    chance = random.Random(seed)
    words = [
        "harbour",
        "quota*",
        "inflation",
        "nurses",
        "fraud",
        "inquiry",
        '"wages for nurses"',
        "accident",
        "imports",
    ]
    made: list[str] = []
    while len(made) < count:
        a, b = chance.sample(COUNTRIES, 2)
        number = len(made)
        made.append(
            chance.choice(
                [
                    f'topic:expulsion AND country:"{a}" AND term{number}',
                    f'country:"{a}" AND country:"{b}" AND {chance.choice(words)} AND term{number}',
                    f"{chance.choice(words)} AND term{number} NOT football",
                    f'topic:sanctions AND (country:"{a}" OR country:"{b}") AND rare{number}',
                ]
            )
        )
    return made
