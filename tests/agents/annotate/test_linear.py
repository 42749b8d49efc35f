"""Work grows with the length of a text, whatever it repeats. Counted in calls, which are the same on every machine."""

import sys

import pytest

from tests.bench.entities import REPEATED
from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load


def calls(annotator: Annotator, text: str) -> int:
    article = article_of({"id": "1", "lang": "en", "text": text})
    annotator.annotate(article)
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        annotator.annotate(article)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("part", REPEATED)
def test_eight_times_the_text_is_not_much_more_than_eight_times_the_work(part: str) -> None:
    annotator = Annotator(load())
    short, long = (calls(annotator, (part * size)[:size]) for size in (3_000, 24_000))
    assert long <= 12 * short + 2_000
