"""The words of an act's own clause say whether it has happened."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load

CASES = [
    ("Poland expelled two Belarusian diplomats.", "happened"),
    ("Two Belarusian diplomats were ordered to leave Poland.", "happened"),
    ("Poland has expelled two Belarusian diplomats who had denied spying.", "happened"),
    ("Poland said it would not rule out expelling two Belarusian diplomats.", "threatened"),
    ("Poland will expel two Belarusian diplomats.", "planned"),
    ("Poland is to expel two Belarusian diplomats.", "planned"),
    ("Poland plans to expel two Belarusian diplomats.", "planned"),
    ("Poland announced that it would expel two Belarusian diplomats.", "announced"),
    ("Poland threatens to expel two Belarusian diplomats.", "threatened"),
    ("Poland will expel two Belarusian diplomats unless Minsk apologises.", "threatened"),
    ("Poland denied that it had expelled two Belarusian diplomats.", "denied"),
    ("Poland did not expel two Belarusian diplomats.", "denied"),
    ("Poland called off the expulsion of two Belarusian diplomats.", "denied"),
    ("Poland reversed the expulsion of two Belarusian diplomats.", "reversed"),
    ("The expulsion of two Belarusian diplomats by Poland was cancelled.", "denied"),
    ("Poland expelled two Belarusian diplomats after Minsk denied a visa.", "happened"),
    ("Poland, which will hold a vote in May, expelled two Belarusian diplomats.", "happened"),
    ("In response to threats, Poland expelled two Belarusian diplomats.", "happened"),
    ("Poland expelled two Belarusian diplomats on Monday, and Latvia is expected to do so too.", "happened"),
    ("Poland dismissed as false a report that it had expelled two Belarusian diplomats.", "denied"),
    ("Poland said that reports that it had expelled two Belarusian diplomats were untrue.", "denied"),
    ("Poland drops plan to expel two Belarusian diplomats", "denied"),
    ("Poland's decision to expel two Belarusian diplomats took effect.", "happened"),
]


@pytest.fixture(scope="module")
def annotator():
    return Annotator(load())


@pytest.mark.parametrize(("text", "status"), CASES)
def test_the_status_is_that_of_the_acts_own_clause(annotator, text, status):
    found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": text}))
    assert status in [event.status for event in found.events if event.type == "expel"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Macron will meet Scholz in Berlin.", "planned"),
        ("Macron met Scholz in Berlin.", "happened"),
        ("Macron called off a meeting with Scholz.", "denied"),
        ("The summit between Macron and Scholz was called off.", "denied"),
        ("The Senate passed a bill to impose sanctions on Iran, the US said.", "planned"),
        ("The US lifted sanctions on Sudan.", "happened"),
        ("The US will lift sanctions on Sudan.", "planned"),
        ("The United Nations voted unanimously to impose sanctions on Sudan.", "happened"),
        ("New Zealand rejects sanctions on Iran.", "denied"),
    ],
)
def test_meetings_and_measures_have_a_status_too(annotator, text, status):
    found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": text, "published": "2022-05-01"}))
    assert status in [event.status for event in found.events]
