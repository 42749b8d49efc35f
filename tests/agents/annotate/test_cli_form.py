"""The lines of `tocsin annotate`: what comes in is taken as given, what goes out has one shape."""

from datetime import UTC, datetime

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of, published_of, to_line
from tocsin.agents.lexicon.load import load


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2021", datetime(2021, 1, 1, tzinfo=UTC)),
        ("2021-04", datetime(2021, 4, 1, tzinfo=UTC)),
        ("2021-04-18", datetime(2021, 4, 18, tzinfo=UTC)),
        ("2021-04-18T10:00:00+02:00", datetime(2021, 4, 18, 8, tzinfo=UTC)),
        ("2021-04-18T10:00:00Z", datetime(2021, 4, 18, 10, tzinfo=UTC)),
        ("", None),
    ],
)
def test_a_date_is_as_exact_as_it_is_said(value, expected):
    assert published_of(value) == expected


@pytest.mark.parametrize("value", ["yesterday", "2021-13", "21-4-18", "2021-04-31"])
def test_what_is_no_date_is_refused_with_the_forms_there_are(value):
    with pytest.raises(ValueError, match=r"published: .* write YYYY"):
        published_of(value)


def test_title_and_text_are_taken_as_given():
    article = article_of({"id": "1", "title": " A\u00a0b ", "text": " c \n"})
    assert article.reading_text == " A\u00a0b \n\n c \n"


def test_a_field_of_the_wrong_type_is_named():
    with pytest.raises(ValueError, match="title: must be a string, got int"):
        article_of({"id": "1", "title": 5})


def test_a_line_has_the_shape_that_programs_rely_on():
    article = article_of(
        {"id": "7", "lang": "en", "text": "Fiji expelled two Tongan diplomats."}, furniture=[(100, 110)]
    )
    line = to_line(Annotator(load()).annotate(article), "7")
    assert list(line) == ["id", "lang", "topics", "entities", "events", "furniture"]
    assert [topic["topic"] for topic in line["topics"]] == ["diplomacy", "expulsion"]
    (expulsion,) = (topic for topic in line["topics"] if topic["topic"] == "expulsion")
    assert expulsion.pop("score") > 0.8
    assert expulsion == {"topic": "expulsion", "spans": [[5, 34]], "rules": ["expulsion.expels"]}
    assert line["entities"][0] == {
        "id": "FJI",
        "kind": "country",
        "surface": "Fiji",
        "start": 0,
        "end": 4,
        "role": "about",
        "score": 0.99,
        "salience": 0.229,
    }
    assert line["events"] == [
        {
            "type": "expel",
            "actor": "FJI",
            "target": "TON",
            "actor_person": None,
            "target_person": None,
            "object": "diplomats",
            "count": 2,
            "place": None,
            "date": None,
            "status": "happened",
            "background": False,
            "attributed_to": None,
            "spans": [[0, 34]],
            "rules": ["expulsion.expels"],
            "score": 0.9,
        }
    ]
    assert line["furniture"] == [[100, 110]]
