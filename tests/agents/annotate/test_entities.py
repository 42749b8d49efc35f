"""A name means what it does where it stands: a country, its people, its government, or a city."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load


def mentions(text, **line):
    found = Annotator(load()).annotate(article_of({"id": "1", "lang": "en", "text": text, **line}))
    return [(mention.surface, mention.kind, mention.id) for mention in found.mentions]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Moscow said it would answer.", ("Moscow", "government", "RUS")),
        ("Talks were held in Moscow.", ("Moscow", "city", "moscow-rus")),
        ("He flew to Ankara on Monday.", ("Ankara", "city", "ankara-tur")),
        ("Relations with Ankara are bad.", ("Ankara", "government", "TUR")),
        ("TOKYO (AP) - Shares fell.", ("TOKYO", "city", "tokyo-jpn")),
        ("Tehran’s nuclear programme grew.", ("Tehran", "government", "IRN")),
        ("The White House is silent.", ("White House", "government", "USA")),
        ("The US and its allies", ("US", "country", "USA")),
        ("U.S. officials left.", ("U.S.", "country", "USA")),
        ("Two Britons were hurt.", ("Britons", "nationality", "GBR")),
        ("Nigerian police", ("Nigerian", "nationality", "NGA")),
        ("Papua New Guinea voted.", ("Papua New Guinea", "country", "PNG")),
        ("Guinea-Bissau voted.", ("Guinea-Bissau", "country", "GNB")),
        ("The UN Security Council met.", ("UN Security Council", "org", "UNSC")),
        ("Georgia and Russia fought.", ("Georgia", "country", "GEO")),
        ("He met King Abdullah in Jordan.", ("Jordan", "country", "JOR")),
        ("Emmanuel Macron spoke.", ("Emmanuel Macron", "person", "emmanuel-macron")),
        ("South Sudan asked for help.", ("South Sudan", "country", "SSD")),
        ("Mr Lukashenko denied it.", ("Lukashenko", "person", "alexander-lukashenko")),
    ],
)
def test_a_name_and_its_meaning(text, expected):
    assert expected in mentions(text)


@pytest.mark.parametrize(
    "text",
    [
        "They told us and who was in it.",
        "The New York Times reported.",
        "He reads the Jerusalem Post.",
        "Michael Jordan played.",
        "Storms hit Alabama and the rest of Georgia.",
        "She studied at Oslo University.",
        "The turkey was roasted.",
        "A Chadwick man spoke.",
        "He flew with Air India.",
    ],
)
def test_a_name_inside_another_is_no_mention(text):
    assert mentions(text) == []


def test_the_longest_name_wins():
    assert [found[0] for found in mentions("The Democratic Republic of the Congo and the Republic of the Congo")] == [
        "Democratic Republic of the Congo",
        "Republic of the Congo",
    ]


def test_capitals_joined_by_and_share_their_meaning():
    kinds = {surface: kind for surface, kind, _ in mentions("Relations between Vienna and Bern are good.")}
    assert kinds == {"Vienna": "government", "Bern": "government"}


def test_the_year_decides_between_two_bearers_of_a_name():
    assert ("George Bush", "person", "george-w-bush") in mentions("George Bush spoke.", published="2004")


def test_what_the_title_names_is_what_the_article_is_about():
    found = Annotator(load()).annotate(
        article_of(
            {
                "id": "1",
                "lang": "en",
                "title": "Kenya votes",
                "text": "People stood in line. All was calm. Rain in Peru.",
            }
        )
    )
    assert {mention.id: mention.role for mention in found.mentions} == {"KEN": "about", "PER": "mentioned"}
