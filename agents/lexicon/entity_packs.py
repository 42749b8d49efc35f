"""The form of the packs of names: countries, bodies, regions, languages, masks."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.agents.lexicon.offices import slug
from tocsin.agents.lexicon.packs import Pack


class CountryEntry(Pack, frozen=True, kw_only=True):
    """One state or territory of `countries.toml`."""

    names: tuple[str, ...]
    short: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    capital: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    seat: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    given: bool = False


class OrganisationEntry(Pack, frozen=True, kw_only=True):
    """One body of `organisations.toml`."""

    names: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    party: str = ""
    leaders: bool = False
    context: tuple[str, ...] = ()
    more: bool = False
    """Outside the list of bodies whose ids are a contract."""


class MaskFile(Pack, frozen=True, kw_only=True):
    """The whole of `masks.toml`."""

    names: tuple[str, ...]
    tails: tuple[str, ...]
    far_tails: tuple[str, ...]
    ordinary_tails: tuple[str, ...]
    heads: tuple[str, ...]
    city_tails: tuple[str, ...]
    person_tails: tuple[str, ...]
    given: tuple[str, ...]
    words: tuple[str, ...]
    never: tuple[str, ...]
    cues: dict[str, tuple[str, ...]]


class RegionEntry(Pack, frozen=True, kw_only=True):
    """The regions of one state in `regions.toml`: never mentions, but they say where a town lies."""

    names: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    codes: dict[str, str] = msgspec.field(default_factory=dict)
    """Name of a region to its code in `cities.tsv`, where that says which of two towns of one name is meant."""


class GroupFile(Pack, frozen=True, kw_only=True):
    """The whole of `groups.toml`."""

    groups: dict[str, tuple[str, ...]]


class FrameEntry(Pack, frozen=True, kw_only=True):
    """One frame of `senses.toml`."""

    name: str
    sense: Literal["government", "city"]
    before: str = ""
    after: str = ""
    list: bool = False
    ends: tuple[str, ...] = ()


class SenseFile(Pack, frozen=True, kw_only=True):
    """The whole of `senses.toml`."""

    words: dict[str, tuple[str, ...]]
    frames: tuple[FrameEntry, ...]


class GrammarFile(Pack, frozen=True, kw_only=True):
    """The whole of `grammar.toml`."""

    portfolios: tuple[str, ...]
    titles: dict[str, tuple[str, ...]]
    words: dict[str, tuple[str, ...]]


class LanguageFile(Pack, frozen=True, kw_only=True):
    """One file of `languages/`: names in another language than English, beta."""

    countries: dict[str, tuple[str, ...]]
    governments: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    bodies: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    endings: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Ending of a name to the endings of its other cases."""
    prefixes: tuple[str, ...] = ()
    """What is written together with the name that follows."""
    masks: tuple[str, ...] = ()
    """Longer names in which nothing is a mention."""
    spaced: bool = True
    """False where words are written without spaces."""


class WatchEntry(Pack, frozen=True, kw_only=True):
    """One `[[watch]]` of the settings: something of the user's own to recognise."""

    name: str
    aliases: tuple[str, ...] = ()
    id: str = ""

    @property
    def key(self) -> str:
        """The id that queries ask for: the one that is given, or one made from the name."""
        return self.id or slug(self.name)


class City(msgspec.Struct, frozen=True, kw_only=True):
    """One row of `cities.tsv`."""

    name: str
    country: str
    region: str
    population: int
    spellings: tuple[str, ...] = ()
