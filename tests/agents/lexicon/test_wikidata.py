"""A Wikidata dump becomes a file of people: whoever held an office of a state or a body, when, and under which names."""

import json

import pytest

from tocsin.agents.lexicon.offices import FOREVER, read_people
from tocsin.agents.lexicon.wikidata import Post, entities, line_of, people, posts


def claim(value, rank="normal", **qualifiers):
    found = {"rank": rank, "mainsnak": {"datavalue": {"value": value}}}
    if qualifiers:
        found["qualifiers"] = {
            name: [{"datavalue": {"value": {"time": time, "precision": precision}}}]
            for name, (time, precision) in qualifiers.items()
        }
    return found


def item(id_):
    return {"id": id_, "entity-type": "item"}


def entity(id_, label, claims, **more):
    found = {
        name: [one if isinstance(one, dict) and "rank" in one else claim(one) for one in each]
        for name, each in claims.items()
    }
    return {"id": id_, "labels": {"en": {"value": label}}, "claims": found, **more}


DUMP = [
    entity("Q1", "Ruritania", {"P298": ["RUR"], "P1313": [item("Q10")], "P1906": [item("Q11")]}),
    entity("Q2", "United Nations", {}),
    entity("Q10", "First Citizen of Ruritania", {}),
    entity("Q11", "President of Ruritania", {"P1001": [item("Q1")]}),
    entity("Q12", "Minister of Foreign Affairs of Ruritania", {"P1001": [item("Q1")]}),
    entity("Q13", "Secretary-General of the United Nations", {"P2389": [item("Q2")]}),
    entity("Q14", "Deputy Minister of Foreign Affairs of Ruritania", {"P1001": [item("Q1")]}),
    entity(
        "Q20",
        "Rudolf Elphberg",
        {
            "P31": [item("Q5")],
            "P39": [
                claim(item("Q11"), P580=("+2001-03-04T00:00:00Z", 11), P582=("+2005-06-00T00:00:00Z", 10)),
                claim(item("Q12"), P580=("+1999-00-00T00:00:00Z", 9), P582=("+2001-00-00T00:00:00Z", 9)),
                claim(item("Q13"), P580=("+2006-01-01T00:00:00Z", 11)),
                claim(item("Q11"), rank="deprecated", P580=("+1900-00-00T00:00:00Z", 9)),
            ],
        },
        sitelinks={"enwiki": {"title": "Rudolf Elphberg (politician)"}},
        aliases={"en": [{"value": "Rudolf V"}, {"value": "R, E"}, {"value": "Rudi"}]},
    ),
    entity(
        "Q21",
        "Anton of Strelsau",
        {"P31": [item("Q5")], "P39": [claim(item("Q14"), P580=("+2001-00-00T00:00:00Z", 9))]},
    ),
    entity("Q22", "A cat", {"P39": [claim(item("Q11"), P580=("+2001-00-00T00:00:00Z", 9))]}),
    entity("Q23", "Flavia", {"P31": [item("Q5")], "P39": [claim(item("Q10"), P580=("+2010-02-03T00:00:00Z", 11))]}),
]


@pytest.fixture
def lines():
    return ["[", *(f"{json.dumps(one)}," for one in DUMP), "{broken,", "]"]


def test_offices_of_states_and_bodies_are_known_by_label_and_by_their_state(lines):
    found = posts(entities(lines), {"United Nations": "UN"})
    assert {id_: (post.scope, post.office) for id_, post in found.items()} == {
        "Q10": ("RUR", "pm"),
        "Q11": ("RUR", "president"),
        "Q12": ("RUR", "foreign"),
        "Q13": ("UN", "head"),
    }


def test_people_come_with_dates_as_exact_as_the_dump_says(lines):
    known = posts(entities(lines), {"United Nations": "UN"})
    found = list(people(entities(lines), known))
    assert [line_of(one) for one in found] == [
        "Rudolf Elphberg [rudolf-elphberg] | RUR foreign 1999..2001 | RUR president 2001-03-04..2005-06 | "
        "UN head 2006-01-01.. | = Rudolf V",
        "Flavia [flavia] | RUR pm 2010-02-03..",
    ]


def test_what_is_written_can_be_read_again(lines):
    known = posts(entities(lines), {})
    found = list(people(entities(line.encode() for line in lines), known))
    again, _ = read_people("\n".join(line_of(one) for one in found), "people.txt")
    assert [(one.id, one.name, one.terms, one.spellings) for one in again] == [
        (one.id, one.name, one.terms, one.spellings) for one in found
    ]


@pytest.mark.parametrize(
    ("label", "office"),
    [
        ("Chancellor of the Exchequer", "finance"),
        ("Chancellor of Germany", "pm"),
        ("Chancellor of the Duchy of Lancaster", None),
        ("United States Secretary of State", "foreign"),
        ("Secretary of State for Foreign Affairs", "foreign"),
        ("Secretary of State for Defence", "defence"),
        ("Secretary of State for Wales", "minister"),
        ("President of the Senate", None),
        ("President of the Council of Ministers", "pm"),
        ("President of the European Council", "president"),
        ("Minister-President of Bavaria", None),
        ("queen consort of Spain", None),
        ("Ambassador of Peru", None),
    ],
)
def test_an_office_is_known_by_what_it_is_called(label, office):
    found = posts([entity("Q1", "X", {"P298": ["XXX"]}), entity("Q2", label, {"P1001": [item("Q1")]})], {})
    assert found.get("Q2") == (Post("XXX", office) if office else None)


def test_the_office_of_a_province_is_none_of_its_state():
    state = entity("Q1", "X", {"P298": ["XXX"]})
    premier = entity("Q2", "Premier of Ontario", {"P1001": [item("Q99")], "P17": [item("Q1")]})
    assert "Q2" not in posts([state, premier], {})


def test_empty_parts_written_as_lists_or_null_are_passed_over():
    odd = {"id": "Q1", "labels": [], "claims": [], "aliases": [], "sitelinks": []}
    worse = {"id": "Q2", "labels": None, "claims": {"P31": [None, {"mainsnak": None}], "P39": {}}}
    assert posts([odd, worse], {}) == {}
    assert list(people([odd, worse], {})) == []


def held(**qualifiers):
    claims = {"P31": [item("Q5")], "P39": [claim(item("Q11"), **qualifiers)]}
    return entity("Q30", "Ann Other", claims)


def terms(person):
    return [(term.first, term.last) for one in people([person], {"Q11": Post("RUR", "pm")}) for term in one.terms]


def test_a_term_that_ended_nobody_knows_when_does_not_last_for_ever():
    person = held(P580=("+2001-05-01T00:00:00Z", 11))
    assert terms(person) == [("2001-05-01", FOREVER)]
    person["claims"]["P39"][0]["qualifiers"]["P582"] = [{"snaktype": "somevalue"}]
    assert terms(person) == [("2001-05-01", "2001-05-01")]


def test_nobody_holds_office_after_death():
    person = held(P580=("+2001-05-01T00:00:00Z", 11))
    person["claims"]["P570"] = [claim({"time": "+2003-02-01T00:00:00Z", "precision": 11})]
    assert terms(person) == [("2001-05-01", "2003-02-01")]


def test_a_term_within_one_year_counts_however_exact_its_ends():
    assert terms(held(P580=("+2001-05-00T00:00:00Z", 10), P582=("+2001-00-00T00:00:00Z", 9))) == [("2001-05", "2001")]


@pytest.mark.parametrize("title", ["# Hash", "A | B = C", "Wow! [x]", "~ Tilde"])
def test_a_name_with_signs_of_the_form_still_makes_a_line_that_can_be_read(title):
    person = held(P580=("+2001-05-01T00:00:00Z", 11))
    person["sitelinks"] = {"enwiki": {"title": title}}
    (found,) = people([person], {"Q11": Post("RUR", "pm")})
    (again,), _ = read_people(line_of(found), "people.txt")
    assert again.id == found.id


def test_a_name_without_a_letter_is_left_out():
    person = held(P580=("+2001-05-01T00:00:00Z", 11))
    person["labels"] = {"en": {"value": "ツ"}}
    assert list(people([person], {"Q11": Post("RUR", "pm")})) == []
