"""The vocabulary finds names and triggers between word boundaries, wherever they stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.agents.lexicon.load import load
from tocsin.agents.lexicon.names import city_id
from tocsin.agents.lexicon.vocabulary import fold


@given(st.text())
def test_folding_keeps_every_offset(text):
    assert len(fold(text)) == len(text)


def test_folding_makes_letters_quotes_and_spaces_plain():
    assert fold("Côte\u00a0d’Ivoire\nUN\ue001") == "côte d'ivoire un "


@given(st.text(alphabet="abc US-Chad’. \nİß", max_size=60))
def test_a_hit_never_cuts_a_word(text):
    folded = fold(text)
    for hit in load().scan(folded):
        assert not (hit.start and folded[hit.start - 1].isalnum())
        assert not (hit.end < len(folded) and folded[hit.end].isalnum())


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
    found = {name.id for hit in load().scan(fold("The U.S. and the USA, America")) for name in load().names(index)}
    assert found == {"USA"}
