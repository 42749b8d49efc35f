"""From packs to spellings: every way in which a thing of the packs is written, as one flat list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from tocsin.agents.lexicon.entity_packs import (
    City,
    CountryEntry,
    LanguageFile,
    MaskFile,
    OrganisationEntry,
    RegionEntry,
    WatchEntry,
)
from tocsin.agents.lexicon.offices import Person, bare, plain, slug

NameKind = Literal["country", "people", "capital", "seat", "org", "person", "city", "region", "mask", "watch", "cue"]
Form = Literal["", "called", "regnal"]
"""How a person is called: by the full name, by what stands for it afterwards, by a ruler's name after a title."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})
_FAMILY_FIRST = frozenset({"CHN", "TWN", "HKG", "MAC", "KOR", "PRK", "VNM"})
_PARTICLES_WORDS = (
    "de da do dos das del della di van von der den bin al el la le ben ibn ter ten zu af du ould ag st abu"
)
_PARTICLES = frozenset(_PARTICLES_WORDS.split())
_NUMERAL = re.compile(r" [IVX]+\Z")
_GENERATIONS = frozenset({"Jr.", "Jr", "Sr.", "Sr", "III", "II"})
_RULERS = frozenset({"monarch", "crown-prince"})


class Name(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One spelling of one thing."""

    id: str
    """Id of the entity: ISO alpha-3, short name of a body, slug of a person or of a city."""
    kind: NameKind
    text: str
    exact: bool = False
    """Matched exactly as written; otherwise in any case, with a capital first."""
    country: str = ""
    """The state that a capital, a city or a person belongs to; the party that a body counts as."""
    given: bool = False
    leaders: bool = False
    elsewhere: tuple[str, ...] = ()
    """Words of which one in the article says that something else is meant."""
    context: tuple[str, ...] = ()
    """Words of which one must be in the article."""
    form: Form = ""
    population: int = 0
    region: str = ""
    language: str = ""
    """Only in articles of this language; empty: in every one."""
    spaced: bool = True


def plural(form: str) -> tuple[str, ...]:
    """Return a demonym with its plural where that is made with -s."""
    return (form, f"{form}s") if form.endswith(("an", "i")) else (form,)


def city_id(name: str, country: str) -> str:
    """Return the id of a city: its name as ids spell it, and its state's code."""
    name = re.sub(r"\b(St|Ste)\b\.?(?= )", lambda match: "saint" if match[1] == "St" else "sainte", name)
    return f"{slug(name)}-{country.lower()}"


def country_names(entries: Mapping[str, CountryEntry]) -> Iterator[Name]:
    """Spell out every name of every state, its people, its capital and its seats."""
    for code, entry in entries.items():
        for text in entry.names:
            yield Name(id=code, kind="country", text=text, given=entry.given, elsewhere=entry.place)
        for text in entry.short:
            yield Name(id=code, kind="country", text=text, exact=True)
        for form in entry.people:
            for text in plural(form):
                yield Name(id=code, kind="people", text=text)
        for text in entry.capital:
            same = slug(text).startswith(slug(entry.capital[0])[:4])
            city = city_id(entry.capital[0].split(",")[0] if same else text, code)
            yield Name(id=city, kind="capital", text=text, country=code, population=100_000)
        for text in entry.former:
            yield Name(
                id=city_id(entry.capital[0], code), kind="capital", text=text, country=code, population=1_000_000
            )
        for text in entry.seat:
            yield Name(id=code, kind="seat", text=text, country=code)


def organisation_names(entries: Mapping[str, OrganisationEntry]) -> Iterator[Name]:
    """Spell out every name of every body."""
    for code, entry in entries.items():
        party = entry.party or code
        for text in entry.names:
            yield Name(id=code, kind="org", text=text, country=party, leaders=entry.leaders)
        for text in entry.short:
            yield Name(
                id=code, kind="org", text=text, exact=True, country=party, leaders=entry.leaders, context=entry.context
            )


def spellings(name: str) -> tuple[str, ...]:
    """Return a name as it is printed: with its marks, without them, with umlauts spelt out."""
    return tuple(dict.fromkeys((name, plain(name), plain(name.translate(_UMLAUTS)))))


def person_names(people: Iterable[Person], never: frozenset[str]) -> Iterator[Name]:
    """Spell out the full names of every person and what stands for them afterwards, but for words that never do."""
    for person in people:
        country = person.country
        ruler = any(term.office in _RULERS for term in person.terms)
        full = list(dict.fromkeys(bare(name, person.terms) for name in (person.name, *person.spellings)))
        for name in full:
            single = " " not in name
            alone = single and name == person.name and not person.called
            form: Form = "regnal" if single and ruler else "" if alone else "called" if single else ""
            for text in spellings(name):
                yield Name(id=person.id, kind="person", text=text, country=country, form=form)
        for text in dict.fromkeys(text for name in called(person) if name not in never for text in spellings(name)):
            yield Name(id=person.id, kind="person", text=text, country=country, form="called")
        if ruler:
            for text in dict.fromkeys(text for name in full for text in spellings(regnal(name))):
                yield Name(id=person.id, kind="person", text=text, country=country, form="regnal")


def regnal(name: str) -> str:
    """Return a ruler's name as it follows a title: without numeral and realm."""
    return _NUMERAL.sub("", re.split(r" of | bin | ibn ", name)[0])


def called(person: Person) -> tuple[str, ...]:
    """Return what stands for a person after the first mention: as the entry says, or the family name."""
    if person.called:
        return person.called
    found: list[str] = []
    for name in (bare(name, person.terms) for name in (person.name, *person.spellings)):
        words = [word for word in name.split() if word not in _GENERATIONS]
        if len(words) < 2 or _NUMERAL.search(name) or " of " in name:
            continue
        if person.country in _FAMILY_FIRST and name == person.name:
            found.append(words[0])
            continue
        start = len(words) - 1
        while start > 1 and words[start - 1].lower() in _PARTICLES:
            start -= 1
        found += [" ".join(words[start:]), words[-1]]
        if (dash := words[-1].lower()).startswith(("al-", "el-", "ul-", "ad-", "as-", "ar-")):
            found.append(words[-1][dash.index("-") + 1 :])
    return tuple(name for name in dict.fromkeys(found) if len(name) > 1 and name[0].isupper())


def city_names(cities: Iterable[City], taken: frozenset[str]) -> Iterator[Name]:
    """Spell out the names of cities; `taken` are names that always mean a state."""
    for city in cities:
        id_ = city_id(city.name, city.country)
        for text in dict.fromkeys(text for name in (city.name, *city.spellings) for text in spellings(name)):
            if text not in taken:
                yield Name(
                    id=id_,
                    kind="city",
                    text=text,
                    country=city.country,
                    population=city.population,
                    region=city.region,
                )


def region_names(entries: Mapping[str, RegionEntry]) -> Iterator[Name]:
    """Spell out the regions of every state."""
    for code, entry in entries.items():
        for exact, texts in ((False, entry.names), (True, entry.short)):
            for text in texts:
                region = entry.codes.get(text, "")
                yield Name(id=code, kind="region", text=text, exact=exact, country=code, region=region)


def mask_names(masks: MaskFile) -> Iterator[Name]:
    """Return the proper names that hold the name of something else."""
    for text in masks.names:
        yield Name(id="", kind="mask", text=text)


def cue_names(masks: MaskFile) -> Iterator[Name]:
    """Return the words that say something about what stands around them: a report of sport, a town named."""
    for kind, words in masks.cues.items():
        for text in words:
            yield Name(id=kind, kind="cue", text=text)


def watch_names(entries: Sequence[WatchEntry]) -> Iterator[Name]:
    """Spell out what a user watches for: exactly as written, so that a short name is not met by chance."""
    for entry in entries:
        for text in dict.fromkeys((entry.name, *entry.aliases)):
            spaced = _UNSPACED.search(text) is None
            for written in dict.fromkeys((text, text.removesuffix("."))):
                yield Name(id=entry.key, kind="watch", text=written, exact=True, spaced=spaced)


_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Scripts that put no space between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


def language_names(language: str, file: LanguageFile, parties: Mapping[str, str]) -> Iterator[Name]:
    """Spell out the names of a language with their cases; `parties` are the parties of the bodies."""
    for text in file.masks:
        yield Name(id="", kind="mask", text=text, language=language, spaced=file.spaced)
    for kind, table in (("country", file.countries), ("seat", file.governments), ("org", file.bodies)):
        for code, texts in table.items():
            for text in dict.fromkeys(form for plain_form in texts for form in forms(plain_form, file)):
                yield Name(
                    id=code,
                    kind=kind,  # type: ignore[arg-type]
                    text=text,
                    exact=not file.spaced or text.isupper(),
                    country={"org": parties.get(code, code), "seat": code}.get(kind, ""),
                    language=language,
                    spaced=file.spaced,
                )


def forms(text: str, file: LanguageFile) -> Iterator[str]:
    """Return a name in its cases, each also with the prefixes of its language."""
    cases = [text]
    if not text.isupper():
        for ending, others in file.endings:
            if text.endswith(ending) and len(text) > len(ending) + 1:
                cases += [text[: len(text) - len(ending)] + other for other in others]
                break
    for case in cases:
        yield case
        for prefix in file.prefixes:
            yield prefix + case
