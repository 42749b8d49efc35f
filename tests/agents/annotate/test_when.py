"""The date of an act is that which its clause gives, as exact as said, read from the day of publication."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.agents.annotate.when import when

FRIDAY = "2022-03-25"


def date_in(text, published=FRIDAY, *, ahead=False, act="act"):
    start = text.index(act)
    return when(text, start, start + len(act), published, ahead=ahead)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("the act on wednesday", "2022-03-23"),
        ("the act on friday", "2022-03-25"),
        ("the act last monday", "2022-03-21"),
        ("yesterday the act", "2022-03-24"),
        ("the act today", "2022-03-25"),
        ("the act in june", "2021-06"),
        ("the act on 3 march", "2022-03-03"),
        ("the act on march 3, 2019", "2019-03-03"),
        ("the act in 2014", "2014"),
        ("the act last year", "2021"),
        ("the act last month", "2022-02"),
        ("the act of 2011-02-01", "2011-02-01"),
        ("an act, no date", None),
        ("the act of 31 june", None),
    ],
)
def test_a_past_act_lies_before_publication(text, date):
    assert date_in(text) == date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("the act on wednesday", "2022-03-30"),
        ("the act next friday", "2022-04-01"),
        ("the act tomorrow", "2022-03-26"),
        ("the act next week", "2022-W13"),
        ("the act in february", "2023-02"),
        ("the act next year", "2023"),
    ],
)
def test_an_act_to_come_lies_after_publication(text, date):
    assert date_in(text, ahead=True) == date


def test_the_nearest_date_is_the_acts_own():
    text = "after the talks of may 2001 and a long pause the act followed on 4 january 2020"
    assert date_in(text) == "2020-01-04"


@pytest.mark.parametrize("text", ["the act on monday", "the act in june", "the act yesterday"])
def test_without_a_day_of_publication_nothing_is_guessed(text):
    assert date_in(text, "") is None


def test_with_a_year_of_publication_a_month_has_that_year():
    assert date_in("the act in june", "2004") == "2004-06"


def test_a_date_far_away_is_another_acts():
    assert date_in(f"the act {'and so on ' * 10} in 2014") is None


@given(st.text("abc 0123456789-/.,mondayjunenextlast", max_size=80), st.sampled_from(["", "2004", "2004-02", FRIDAY]))
def test_no_text_breaks_it(text, published):
    found = when(text, 0, len(text), published, ahead=True)
    assert found is None or found[:4].isdigit()
