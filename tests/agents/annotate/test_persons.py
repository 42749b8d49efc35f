"""A surname stands for an office-holder once a full name, a title or the article's date says so, and else for nobody."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load


def people(text: str, date: str = "") -> list[tuple[str, str]]:
    article = article_of({"id": "1", "lang": "en", "text": text, "published": date})
    return [(one.surface, one.id) for one in Annotator(load()).annotate(article).mentions if one.kind == "person"]


@pytest.mark.parametrize(
    ("text", "date", "expected"),
    [
        ("Gordon Brown spoke. Brown left early.", "2008", ["gordon-brown", "gordon-brown"]),
        ("Jo Brown spoke. Brown left early.", "2008", []),
        ("Prime Minister Brown spoke for Britain.", "2008", ["gordon-brown"]),
        ("Koizumi met Chirac for talks.", "2004", ["junichiro-koizumi", "jacques-chirac"]),
        ("President Bush signed the treaty.", "1990", ["george-h-w-bush"]),
        ("President Bush signed the treaty.", "2004", ["george-w-bush"]),
        ("Mr Mitchell met the pupils.", "", []),
        ("Matt Thatcher scored. Thatcher ran on.", "1985", []),
        ("The vote is on May 4.", "2017", []),
        ("The Trump Tower was sold.", "2018", []),
        ("Fidel and Raul Castro met. Castro smiled.", "2008", ["fidel-castro", "raul-castro", "raul-castro"]),
    ],
)
def test_who_a_surname_stands_for(text, date, expected):
    assert [id_ for _, id_ in people(text, date)] == expected


def test_a_title_stands_outside_the_name():
    assert people("Chancellor Angela Merkel met King Felipe VI.", "2015") == [
        ("Angela Merkel", "angela-merkel"),
        ("Felipe VI", "felipe-vi"),
    ]


def test_a_surname_of_sport_is_a_players():
    text = "Blair scored the winning goal in the cup final before Brown, the goalkeeper, saved a penalty in the league."
    assert people(text, "2004") == []


@pytest.mark.parametrize("date", ["0001-01-01", "0999-05-06", "1899-12-31", "9999-12-31"])
def test_a_date_that_is_none_of_a_paper_hurts_nothing(date):
    assert isinstance(people("President Bush met Angela Merkel.", date), list)


def test_a_ministers_surname_is_not_taken_where_it_is_part_of_another_name():
    text = "Finance Minister Ann Wells said so in Peru. Wells Fargo sank. Alexander Wells won. By noon Wells left."
    assert [surface for surface, _ in people(text)] == ["Ann Wells", "Wells"]
