"""The office-holders that come with Tocsin: enough of them, none twice, and their dates agree with each other."""

import pytest

from tocsin.agents.lexicon.load import countries, organisations, people, people_of
from tocsin.agents.lexicon.packs import PackError
from tocsin.agents.lexicon.succession import SINCE, gaps, headless, overlaps

TERRITORIES = frozenset(
    [
        "ABW",
        "AIA",
        "ALA",
        "ASM",
        "BES",
        "BMU",
        "CUW",
        "CYM",
        "FLK",
        "FRO",
        "GGY",
        "GIB",
        "GLP",
        "GRL",
        "GUF",
        "GUM",
        "HKG",
        "IMN",
        "JEY",
        "MAC",
        "MNP",
        "MSR",
        "MTQ",
        "MYT",
        "NCL",
        "NIU",
        "PCN",
        "PRI",
        "PYF",
        "REU",
        "SHN",
        "SJM",
        "SPM",
        "TCA",
        "TKL",
        "VGB",
        "VIR",
        "WLF",
        "COK",
        "SUN",
        "YUG",
    ]
)
FIRST = {"SSD": "2012-07-01", "TLS": "2002-07-01", "XKX": "2008-07-01", "MNE": "2006-07-01"}
HELD = people()
DAYS = [f"{year}-07-01" for year in range(int(SINCE), 2026)]


def test_there_are_thousands_of_terms_of_office():
    found, _ = HELD
    assert sum(len(person.terms) for person in found) >= 3_000


def test_no_office_of_one_has_two_holders_at_once():
    assert list(overlaps(*HELD)) == []


def test_no_head_of_state_or_government_is_missing_for_a_time():
    assert list(gaps(*HELD)) == []


def test_every_state_has_a_head_in_every_year():
    states = [code for code, entry in countries().items() if entry.capital and code not in TERRITORIES]
    assert len(states) >= 190
    for state in states:
        days = [day for day in DAYS if day >= FIRST.get(state, "")]
        assert list(headless(*HELD, [state], days)) == []


def test_every_term_is_of_a_state_or_a_body_that_there_is():
    known = set(countries()) | set(organisations())
    found, empty = HELD
    scopes = {term.scope for person in found for term in person.terms} | {gap.scope for gap in empty}
    assert scopes - known == set()


def test_a_person_in_two_places_is_refused_by_both():
    with pytest.raises(PackError, match=r"b:1: ann-lee stands at a:1 too; make it one line"):
        people_of([("a", "Ann Lee | FRA pm 1999.."), ("b", "Ann Lee | ITA pm 1999..")])
