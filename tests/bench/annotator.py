"""CPU of the whole annotator by stage, as ratios to `re.findall(r"\\w+")` over the same 500 words, on one thread.

    python -m tests.bench.annotator

The texts are those of the bench for entities: synthetic reports, ordinary news, news packed with names.
"""

from __future__ import annotations

import re

from tests.bench.entities import best, loading, texts
from tocsin.agents.annotate.annotate import LEAD, Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.annotate.entities import find
from tocsin.agents.annotate.events import events
from tocsin.agents.annotate.topics import labels
from tocsin.agents.lexicon.load import load
from tocsin.streams.records import Article

WORDS = 500


def measure(annotator: Annotator, origin: str, made: list[str]) -> None:
    """Print the stages for texts of one origin; each is what it adds to those before it."""
    articles = [article_of({"id": "1", "lang": "en", "text": text, "published": "2015-06-01"}) for text in made]
    known = annotator.vocabulary
    readings = [annotator.reading(article) for article in articles]

    def told(article: Article) -> object:
        reading, spans = annotator.reading(article)
        return annotator.told(reading, find(reading)[0], spans)

    found = [annotator.told(reading, find(reading)[0], spans) for reading, spans in readings]
    floor = best(lambda text: re.findall(r"\w+", text), made)
    upto = {
        "sentences, spellings": best(annotator.reading, articles),
        "+ names": best(lambda article: find(annotator.reading(article)[0]), articles),
        "+ rules of topics and events": best(told, articles),
    }
    alone = {
        "labels": best(lambda claims: labels(claims, known.topics, known.scores), found),
        "events": best(lambda claims: events(claims, known.cues, LEAD, "2015-06-01"), found),
    }
    whole = best(annotator.annotate, articles)
    print(f"\n{origin}: {len(made)} of {WORDS} words, {sum(map(len, found)) / len(found):.1f} rules hold in each; "
          f"floor re.findall(r'\\w+'): {1e6 * floor / len(made):.0f} us")  # fmt: skip
    print(f"{'stage':<32}{'us each':>10}{'x floor':>9}")
    for stage, seconds in {**upto, **alone, "the whole annotator": whole}.items():
        print(f"{stage:<32}{1e6 * seconds / len(made):>10.0f}{seconds / floor:>9.2f}")


def main() -> None:
    """Print all of it."""
    annotator = Annotator(load())
    for origin, made in texts(WORDS).items():
        measure(annotator, origin, made)
    loading()


if __name__ == "__main__":
    main()
