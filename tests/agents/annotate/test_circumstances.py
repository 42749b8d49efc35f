"""Where an act is done, and who says so, stands around it in its sentence."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load


@pytest.fixture(scope="module")
def event():
    annotator = Annotator(load())

    def first(text, kind, published="2022-05-04"):
        found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": text, "published": published}))
        return next(event for event in found.events if event.type == kind)

    return first


def test_the_town_of_a_meeting_is_its_place(event):
    assert event("Macron met Scholz in Berlin on Monday.", "host_or_meet").place == "berlin-deu"


def test_the_seat_of_a_mission_is_no_place_of_an_expulsion(event):
    assert event("Norway expels an envoy of Iran at the embassy in Oslo.", "expel").place is None


def test_who_reports_an_act_is_named(event):
    found = event("Lithuania said that Belarus had expelled two Polish diplomats.", "expel")
    assert (found.actor, found.target, found.attributed_to) == ("BLR", "POL", "LTU")
    assert event("Belarus expelled two Polish diplomats, according to Lithuania.", "expel").attributed_to == "LTU"
    assert event("Belarus expelled two Polish diplomats, Lithuania said.", "expel").attributed_to == "LTU"


def test_nobody_is_said_to_report_what_the_paper_itself_tells(event):
    assert event("Belarus expelled two Polish diplomats.", "expel").attributed_to is None


def test_the_date_of_an_act_is_read_from_the_day_of_publication(event):
    assert event("Belarus expelled two Polish diplomats on Monday.", "expel").date == "2022-05-02"
    assert event("Macron will meet Scholz next week.", "host_or_meet").date == "2022-W19"
