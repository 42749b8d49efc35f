"""CPU of the entity layer by stage, as ratios to `re.findall(r"\\w+")` over the same text; its memory and load time.

Three kinds of text: the synthetic reports of the chain's bench, and the two sets of articles of tests/quality, of which
one is ordinary news and one packed with names. The cost of a name is many times that of a word.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.bench.corpus import articles
from tests.quality.scoring import SETS, gold
from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.annotate.entities import find
from tocsin.agents.annotate.language import language_of
from tocsin.agents.annotate.reading import Reading
from tocsin.agents.annotate.salience import mentions
from tocsin.agents.annotate.sentences import sentences
from tocsin.agents.lexicon.load import load
from tocsin.agents.lexicon.vocabulary import Vocabulary, fold

REPEATED = (
    "Washington ",
    "Bush, ",
    "Vladimir Putin ",
    "Angela Merkel said. ",
    "minister ",
    "The finance minister Ann Wells said. ",
    "New York, ",
    "in Ohio, Florida ",
    "They live in Nowhere, Ohio. ",
    "town of ",
    "'s ",
    "Paris and ",
    "London, Paris and Berlin, ",
    "A'",
    "(",
    "A ",
    "Russia expelled ten diplomats ",
    "President Putin met President Macron and ",
    "sanctions on Iran ",
    "was told to leave by ",
    "Taliban rebels attacked ",
    "war in Iraq ",
    "France and Germany signed a treaty with ",
    "said that it would not ",
)
"""What a text may repeat without end."""

_LOADING = """
import json, os, time
resident = lambda: int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
from tocsin.agents.lexicon.load import load
before, began = resident(), time.perf_counter()
kept = load()
print(json.dumps([time.perf_counter() - began, resident() - before]))
"""


def texts(words: int) -> dict[str, list[str]]:
    """Return texts of so many words by where they are from; what is left over at the end is dropped."""
    found = {"synthetic reports": [made.text for made in articles(60, words)]}
    for name, path in SETS.items():
        joined = " ".join(f"{item['title']}.\n\n{item['text']}\n\n" for item in gold(path))
        ends = [match.end() for match in re.finditer(r"\S+\s*", joined)][words - 1 :: words]
        found[f"{name} articles"] = [joined[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return found


def best(work: Callable[[Any], Any], inputs: Sequence[Any], tries: int = 7) -> float:
    """Return the least CPU seconds that the work took over all inputs, of so many tries."""
    took = []
    for _ in range(tries):
        began = time.process_time()
        for one in inputs:
            work(one)
        took.append(time.process_time() - began)
    return min(took)


def measure(words: int, vocabulary: Vocabulary) -> None:
    """Print one table for texts of a length."""

    def read(pair: tuple[str, Any]) -> Reading:
        text, spans = pair
        return Reading(text, fold(text), vocabulary, sentences=spans, date="2015-06-01", language="en")

    def whole(pair: tuple[str, Any]) -> Any:
        return mentions(pair[0], find(read(pair))[0], pair[1], 0)

    for origin, made in texts(words).items():
        pairs = [(text, sentences(text, [(0, len(text))])) for text in made]
        named = sum(len(whole(pair)) for pair in pairs) / len(pairs)
        floor = best(lambda text: re.findall(r"\w+", text), made)
        stages = {
            "language, in doubt": best(lambda text: language_of(text, ""), made),
            "sentences": best(lambda text: sentences(text, [(0, len(text))]), made),
            "fold and scan": best(lambda text: list(vocabulary.matches(fold(text))), made),
            "spellings in place": best(read, pairs),
            "names and senses": best(lambda pair: find(read(pair)), pairs),
            "entity layer, whole": best(whole, pairs),
        }
        print(f"\n{origin}: {len(made)} of {words} words, {named:.0f} mentions each; "
              f"floor re.findall(r'\\w+'): {1e6 * floor / len(made):.0f} us")  # fmt: skip
        print(f"{'stage':<22}{'us each':>10}{'x floor':>9}")
        for stage, seconds in stages.items():
            print(f"{stage:<22}{1e6 * seconds / len(made):>10.0f}{seconds / floor:>9.2f}")
    print("The last four include one another: each is all that comes before it in the entity layer, and its own.")


def loading() -> None:
    """Print how long a process takes to load the compiled packs, and by how much it grows."""
    for state in ("with what the cache has", "again"):
        ran = subprocess.run([sys.executable, "-c", _LOADING], capture_output=True, text=True, check=True, timeout=120)
        seconds, megabytes = json.loads(ran.stdout)
        print(f"load, {state}: {seconds:.2f} s, {megabytes:.0f} MB more resident")


def growth(vocabulary: Vocabulary) -> None:
    """Print how much longer 8 times the text takes, for texts that repeat one thing."""
    annotator = Annotator(vocabulary)
    print(f"\n{'repeated':<42}{'96,000 characters, ms':>22}{'x 12,000':>10}")
    for part in REPEATED:
        made = [article_of({"id": "1", "lang": "en", "text": (part * size)[:size]}) for size in (12_000, 96_000)]
        short, long = (best(annotator.annotate, [one], 2) for one in made)
        print(f"{part!r:<42}{1000 * long:>22.0f}{long / short:>10.1f}")


def main() -> None:
    """Print all of it."""
    vocabulary = load()
    loading()
    growth(vocabulary)
    for words in (500, 1000, 2000, 4000):
        measure(words, vocabulary)


if __name__ == "__main__":
    main()
