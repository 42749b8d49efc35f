"""A feed's tag is believed when the script allows it; without one the text decides."""

import pytest

from tocsin.agents.annotate.language import language_of


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("Der Rat tagt heute in Wien.", "de-AT", "de"),
        ("The council met in Vienna on Monday and will meet again.", None, "en"),
        ("The council met in Vienna.", "EN_us", "en"),
        ("Совет собрался в Вене.", "ru", "ru"),
        ("", "fr", "fr"),
        ("", None, "und"),
        ("12 - 34", None, "und"),
    ],
)
def test_the_language_of_a_text(text, tag, expected):
    assert language_of(text, tag) == expected


def test_a_tag_that_the_script_contradicts_is_not_believed():
    assert language_of("Президент Франции встретился с канцлером Германии в Париже.", "en") == "ru"


def test_what_is_no_tag_is_not_believed():
    assert language_of("The ministers met in the city and they said that it was good.", "<x>") == "en"


def test_a_text_without_a_tag_is_classified():
    assert (
        language_of("Il presidente della Repubblica ha incontrato ieri il ministro degli Esteri a Roma.", None) == "it"
    )


@pytest.mark.parametrize(
    "headline",
    [
        "Hurricane Ivan lashes Jamaica",
        "Boko Haram raids Nigerian village, kills ten",
        "Bitcoin enthusiasm weathers chaotic week",
    ],
)
def test_a_headline_of_little_but_names_is_english_unless_another_language_is_far_likelier(headline):
    assert language_of(headline, None) == "en"


@pytest.mark.parametrize(
    ("headline", "language"),
    [
        ("Rusia expulsa a diez diplomáticos", "es"),
        ("Russland weist Diplomaten aus", "de"),
        ("La Russie expulse dix diplomates", "fr"),
        ("Ryssland utvisar diplomater", "sv"),
    ],
)
def test_a_headline_of_another_language_keeps_it(headline, language):
    assert language_of(headline, None) == language
