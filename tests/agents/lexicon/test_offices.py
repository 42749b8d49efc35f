"""A line says who held which office when; what departs from the form is refused by file and line, with the mend."""

import pytest

from tocsin.agents.lexicon.offices import FOREVER, later, plain, read_people, slug
from tocsin.agents.lexicon.packs import PackError
from tocsin.agents.lexicon.succession import gaps, headless, overlaps


def test_a_line_has_name_terms_spellings_and_what_the_person_is_called():
    (one,), _ = read_people(
        "# a comment\n\nÁgnes Örsi | HUN pm 1996-05-01..1998, 2001.. | UN head 1999 | = Agnes O. Orsi | ~ Ágnes\n".replace(
            "1999 |", "1999..2000-06 |"
        ),
        "p.txt",
    )
    assert (one.id, one.name, one.country) == ("agnes-orsi", "Ágnes Örsi", "HUN")
    assert [(t.scope, t.office, t.first, t.last) for t in one.terms] == [
        ("HUN", "pm", "1996-05-01", "1998"),
        ("HUN", "pm", "2001", FOREVER),
        ("UN", "head", "1999", "2000-06"),
    ]
    assert (one.spellings, one.called, one.where) == (("Agnes O. Orsi",), ("Ágnes",), "p.txt:3")


def test_an_id_may_be_given_and_titles_are_no_part_of_one():
    (first, second, third), _ = read_people(
        "Jon Doe [jon-doe-xyz] | USA minister 1999..\nKing Olaf IX | NOR monarch 1999..\nPrince Johns | LBR minister 1999..",
        "p",
    )
    assert [first.id, second.id, third.id] == ["jon-doe-xyz", "olaf-ix", "prince-johns"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("Ann", "has no term of office"),
        ("Ann | FRA king 1999..", "unknown office 'king'; use one of crown-prince"),
        ("Ann | FRA pm", "'FRA pm' is no term; write: SCOPE office FROM..TO"),
        ("Ann | FRA pm 1999", "'1999' is no time"),
        ("Ann | FRA pm 2004..1999", "ends before it begins"),
        ("Ann | FRA pm 2004-13..", "2004-13 is no date of the calendar"),
        ("Ann | FRA pm 1999.. | = Anna,", "an empty name"),
        ("| FRA pm 1999..", "is no name"),
        ("! FRA pm 1999..", "write: ! SCOPE office FROM..TO: reason"),
    ],
)
def test_a_line_that_departs_from_the_form_is_refused_by_file_and_line(line, fault):
    with pytest.raises(PackError, match=r"people/x\.txt:2: .*") as error:
        read_people(f"# head\n{line}\n", "people/x.txt")
    assert fault in str(error.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Gerhard Schröder", "gerhard-schroder"),
        ("Recep Tayyip Erdoğan", "recep-tayyip-erdogan"),
        ("H. D. Deve Gowda", "h-d-deve-gowda"),
        ("Moshe Ya'alon", "moshe-yaalon"),
        ("Bashar al-Assad", "bashar-al-assad"),
        ("Lech Wałęsa", "lech-walesa"),
        ("Jón Þorláksson", "jon-thorlaksson"),
        ("Strauß", "strauss"),
    ],
)
def test_an_id_is_made_of_ascii_letters_and_hyphens(name, expected):
    assert slug(name) == expected


def test_marks_are_taken_off_and_letters_spelt_out():
    assert plain("ŁÓDŹ Straße İzmir ıI Æsir") == "LODZ Strasse Izmir iI Aesir"


def test_dates_are_compared_as_far_as_both_say():
    assert later("2004-05", "2004-04-30")
    assert not later("2004", "2004-04-30")
    assert later(FOREVER, "2004")


def test_two_holders_at_once_are_named_unless_a_line_says_why():
    text = "A B | FRA president 1999..2004\nC D | FRA president 2001..2007\n"
    people, none = read_people(text, "p")
    assert list(overlaps(people, none)) == ["FRA president: A B until 2004 (p:1) and C D from 2001 (p:2)"]
    people, why = read_people(f"{text}! FRA president 2001..2004: two at once\n", "p")
    assert list(overlaps(people, why)) == []


def test_a_time_without_a_holder_is_named_unless_a_line_says_why():
    text = "A B | FRA president 1999..2001-03-01\nC D | FRA president 2001-09-01..\n"
    people, none = read_people(text, "p")
    assert list(gaps(people, none)) == ["FRA president: nobody from 2001-03-01 to 2001-09-01"]
    people, why = read_people(f"{text}! FRA president 2001-03..2001-09: the seat was empty\n", "p")
    assert list(gaps(people, why)) == []


def test_an_office_that_ends_must_be_said_to_end():
    people, none = read_people("A B | TUR pm 1999..2018-07-09\n", "p")
    assert list(gaps(people, none)) == [
        "TUR pm: nobody since 2018-07-09; if the office ended, say so: ! TUR pm 2018-07-09..: why"
    ]


def test_a_state_without_head_on_a_day_is_named():
    people, none = read_people("A B | FRA president 1999..2004\n", "p")
    assert list(headless(people, none, ["FRA", "ITA"], ["2001-07-01", "2005-07-01"])) == [
        "FRA: no head known on 2005-07-01",
        "ITA: no head known on 2001-07-01, 2005-07-01",
    ]
