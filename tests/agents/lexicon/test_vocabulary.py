"""The vocabulary finds names and triggers between word boundaries, wherever they stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.agents.lexicon.load import load
from tocsin.agents.lexicon.names import city_id
from tocsin.agents.lexicon.vocabulary import fold


@given(st.text())
def test_folding_keeps_every_offset(text):
    assert len(fold(text)) == len(text)


def test_folding_makes_letters_quotes_and_spaces_plain():
    assert fold("Côte\u00a0d’Ivoire\nUN\ue001") == "côte d'ivoire un "


@settings(deadline=None)
@given(st.text(alphabet="abc US-Chad’. \nİß", max_size=60))
def test_a_hit_never_cuts_a_word(text):
    folded = fold(text)
    for start, end, _ in load().matches(folded):
        assert 0 <= start < end <= len(folded)
        assert not (start and folded[start - 1].isalnum())
        assert not (end < len(folded) and folded[end].isalnum())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("São Tomé", "sao-tome-xxx"),
        ("N'Djamena", "ndjamena-xxx"),
        ("St. Louis", "saint-louis-xxx"),
        ("Paris", "paris-xxx"),
    ],
)
def test_a_city_s_id_has_plain_lower_case_letters_and_its_state(name, expected):
    assert city_id(name, "XXX") == expected


def test_a_name_is_found_by_all_its_spellings():
    known = load()
    text = fold("The U.S. and the USA, America")
    assert {name.id for _, _, index in known.matches(text) for name in known.names(index)} == {"USA"}


def test_a_trigger_of_a_topic_has_rules_and_no_names():
    known = load()
    index = next(index for start, _, index in known.matches(fold("persona non grata")) if start == 0)
    assert known.names(index) == ()
    assert {rule.topic for rule in known.rules[index]} == {"expulsion"}
