"""The packs are kept compiled by the hash of what they hold; whatever is wrong with what is kept, they are read anew."""

import msgspec
import pytest

from tocsin.agents.lexicon import load as loading
from tocsin.agents.lexicon.entity_packs import WatchEntry
from tocsin.agents.lexicon.packs import PackError
from tocsin.agents.lexicon.vocabulary import Lexicon, fold


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "tocsin"


def names(vocabulary, text):
    return {name.id for start, end, index in vocabulary.matches(fold(text)) for name in vocabulary.names(index)}


def test_what_is_kept_is_what_the_packs_say(home):
    fresh = loading._compiled()
    (kept,) = home.glob("lexicon-*.msgpack")
    assert msgspec.msgpack.decode(kept.read_bytes()[loading.DIGEST :], type=Lexicon) == fresh
    assert loading._compiled() == fresh


@pytest.mark.parametrize("damage", [b"", b"no msgpack", b"\x81\xa1a\x01"])
def test_what_is_damaged_is_made_anew(home, damage):
    home.mkdir()
    kept = loading._kept("")
    kept.write_bytes(damage)
    assert "Norway" not in damage.decode("latin-1")
    assert len(loading._compiled().patterns) > 50_000
    assert len(kept.read_bytes()) > 1_000_000


def test_a_home_that_cannot_be_written_to_costs_nothing_else(tmp_path, monkeypatch):
    place = tmp_path / "file"
    place.write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))
    assert len(loading._compiled().patterns) > 50_000


def test_only_the_newest_few_are_kept(home):
    home.mkdir()
    for number in range(6):
        (home / f"lexicon-{number}.msgpack").write_bytes(b"old")
    loading._compiled()
    assert len(list(home.glob("lexicon-*.msgpack"))) == loading.KEPT


def test_what_a_user_watches_for_is_found_as_written_beside_the_rest():
    known = loading.load((WatchEntry(name="Acme Corp", aliases=("ACME",)), WatchEntry(name="Oslo", id="our-oslo")))
    assert "acme-corp" in names(known, "Shares of Acme Corp fell")
    assert {"our-oslo", "oslo-nor"} <= names(known, "Oslo")
    assert "acme-corp" not in names(loading.load(), "Shares of Acme Corp fell")


def test_refreshed_office_holders_win_over_those_of_the_packs(tmp_path):
    file = tmp_path / "people.txt"
    file.write_text("Jonas Gahr Støre | NOR pm 2021-10-14..2031\nOla Nordmann | NOR pm 2031..\n")
    known = loading.load((), str(file))
    terms = known.people["jonas-gahr-store"].terms
    assert [term.last for term in terms if term.office == "pm"] == ["2031"]
    assert {term.office for term in terms} > {"pm"}, "what the file does not tell stays"
    assert known.people["ola-nordmann"].country == "NOR"
    assert "vladimir-putin" in known.people


def test_a_refreshed_namesake_of_another_state_is_another_person(tmp_path):
    file = tmp_path / "people.txt"
    file.write_text("John Howard | GUY minister 1960..1962\n")
    known = loading.load((), str(file))
    assert known.people["john-howard"].country == "AUS"
    assert known.people["john-howard-guy"].country == "GUY"


def test_what_is_cut_off_or_changed_within_is_made_anew(home):
    loading._compiled()
    kept = loading._kept("")
    content = kept.read_bytes()
    for damage in (content[:-1], content[:-5] + b"other", content[loading.DIGEST :]):
        kept.write_bytes(damage)
        assert len(loading._compiled().patterns) > 50_000
        assert kept.read_bytes() == content


def test_without_a_home_nothing_is_kept(monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(loading.os.path, "expanduser", lambda path: path)
    assert loading._kept("") is None


def test_a_bad_refreshed_file_is_refused_by_line(tmp_path):
    file = tmp_path / "people.txt"
    file.write_text("Ola Nordmann | NOR boss 2031..\n")
    with pytest.raises(PackError, match=r"people\.txt:1: unknown office 'boss'"):
        loading.load((), str(file))


def test_a_bad_line_of_cities_is_refused_by_number(monkeypatch):
    class File:
        def joinpath(self, name):
            return self

        def read_text(self, encoding):
            return "# head\nOslo\tNOR\t\tmany\t\n"

    monkeypatch.setattr(loading, "_folder", File)
    with pytest.raises(PackError, match=r"cities\.tsv:2: write: name, state"):
        loading.cities()


def test_cities_name_their_source_and_no_state():
    first = loading._folder().joinpath("cities.tsv").read_text(encoding="utf-8").splitlines()[0]
    assert "GeoNames, CC BY 4.0" in first
    found = loading.cities()
    assert len(found) >= 15_000
    assert all(len(city.country) == 3 and city.population >= 0 for city in found)
