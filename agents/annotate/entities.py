"""Which names stand in a text and what they mean there: country, people, government, city, body or person."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from typing import Literal

import msgspec

from tocsin.agents.lexicon.vocabulary import Hit, Name, Vocabulary
from tocsin.streams.records import Mention, Span

Kind = Literal["country", "nationality", "government", "person", "org", "city"]
NAME_SCORE = 0.99
SENSE_SCORE = 0.9


class Found(msgspec.Struct, frozen=True):
    """A name with its meaning: what the rules see, and what becomes a Mention."""

    start: int
    end: int
    kind: Kind
    name: Name
    score: float

    @property
    def id(self) -> str:
        """Return the id as mentions carry it."""
        return self.name.country if self.kind == "government" else self.name.id

    @property
    def party(self) -> str:
        """Return the id as events carry it: a state or a body."""
        return self.name.country or self.name.id


_PLACE_BEFORE = re.compile(
    r"(?:^|[\s(\"'])(?:in|at|to|from|near|outside|around|into|through|via|leaves?|left|leaving|visit(?:s|ed|ing)?|"
    r"reach(?:ed|es)?|across|of|inside|over|towards?|downtown|central|northern|southern|eastern|western|"
    r"arriv\w+ in|capital,?|city of|embassy in)(?: the)? \Z"
)
_GOVERNMENT_BEFORE = re.compile(
    r"(?:between|(?:ties|relations|talks|tensions?|pressure|deal|dispute|row|alliance|negotiations|rapprochement|"
    r"contacts|standoff|cooperation|friction|sanctions|embargo|measures|charges|war|patience|demands?|warnings?|"
    r"threats?|message) (?:with|on|from|between|against|by|to|for)|"
    r"(?:accus|blam|urg|warn|criticis|criticiz|condemn|sanction|press|pressur|punish|"
    r"isolat|support|challeng|threaten)\w{0,4}|allies of|told|tell|against|hostile to|pro-|anti-|backed by|by|"
    r"allegedly by|support of|ambassador to) \Z"
)
_ACTS = (
    r"(?:said|says|say|wants?|wanted|denie[sd]|deny|den(?:ying)|offer(?:s|ed)?|threaten(?:s|ed)?|warn(?:s|ed)?|accus(?:es|ed)|"
    r"claim(?:s|ed)?|insist(?:s|ed)?|refus(?:es|ed)|reject(?:s|ed)?|demand(?:s|ed)?|expel(?:s|led)?|order(?:s|ed)|"
    r"announc(?:es|ed)|agree(?:s|d)|call(?:s|ed) (?:for|on|in)|urg(?:es|ed)|respon(?:ds|ded)|retaliat(?:es|ed)|"
    r"impos(?:es|ed)|lift(?:s|ed)|eas(?:es|ed)|recall(?:s|ed)|summon(?:s|ed)|blam(?:es|ed)|condemn(?:s|ed)|critici[sz](?:es|ed)|"
    r"hopes?|hoped|fears?|feared|believes?|believed|seeks?|sought|plans?|planned|gave|gives|declar(?:es|ed)|decid(?:es|ed)|"
    r"tells|told|kick(?:s|ed)|throws|threw|bans?|banned|bar(?:s|red)|vow(?:s|ed)|pledg(?:es|ed)|propos(?:es|ed)|back(?:s|ed)|"
    r"supports?|supported|considers?|considered|has|had|have|will|would|is|was|are|were|must|should|could|may|might|also|then|"
    r"suspend(?:s|ed)|cut|cuts|broke|sanction(?:s|ed)|sen(?:ds|t)|welcom(?:es|ed)|host(?:s|ed)|regards|sees|responded|"
    r"throw|order|kick|show(?:s|ed)?|boot(?:s|ed)?|eject(?:s|ed)?|oust(?:s|ed)?|strip(?:s|ped)?|str(?:ikes|uck) back|"
    r"hits? back|trad(?:es?|ed) (?:expulsions|blows|sanctions)|swap(?:s|ped)? expulsions|exchanged? expulsions|"
    r"signal(?:s|led|ed)|maintain(?:s|ed)|ask(?:s|ed)|stopped|froze|freezes|withdr(?:aws|ew)|den(?:ounces|ounced))\b"
)
_GOVERNMENT_AFTER = re.compile(
    r"(?:'s (?:\w+ ){0,2}(?:allies|ally|policy|policies|position|decision|demand|move|response|refusal|"
    r"intentions?|stance|support|role|envoy|ambassador|offer|nuclear|foreign|interests|claims?|allegations?|proposal|plans?|diplomats?|"
    r"influence|government|willingness|ambitions)|(?:,? which)? (?:\w+ly |each |both )?"
    + _ACTS
    + r"|-(?:backed|led|based government|"
    r"imposed|sponsored|friendly|allied|controlled|installed))"
)
_PAIR_AFTER = re.compile(r"(?:,| and| or) (?:the )?\Z")
_DATELINE_AFTER = re.compile(r",? ?(?:[\w. ]{0,20})?(?:\([^)]{1,40}\) ?)?(?:--|-|–|—) ")
_UPPER_WORD_BEFORE = re.compile(r"\b([A-Z][a-z]+) \Z")
_UPPER_WORD_AFTER = re.compile(r" [A-Z][a-z]+\b")


def find(text: str, folded: str, hits: Sequence[Hit], vocabulary: Vocabulary, year: int | None) -> list[Found]:
    """Return the names of a text with their meaning, in order, none over another: the longest name wins.

    `hits` are the vocabulary's, already without those inside furniture; `year` is that of the article, if known.
    """
    named = sorted((h for h in hits if vocabulary.names[h.index]), key=lambda h: (h.start, -h.end))
    found: list[Found] = []
    reach = -1
    elsewhere: dict[tuple[str, ...], bool] = {}
    for hit in named:
        if hit.start < reach:
            continue
        name = _spelled(text[hit.start : hit.end], vocabulary.names[hit.index], year)
        if name is None:
            continue
        reach = hit.end
        if name.place and name.place not in elsewhere:
            elsewhere[name.place] = any(place in text for place in name.place)
        if name.kind == "mask" or elsewhere.get(name.place):
            continue
        if name.kind == "person" or not _inside_longer_name(text, hit, vocabulary):
            meant = _meaning(text, folded, hit, name)
            if meant is not None:
                found.append(meant)
    return _joined_governments(folded, found)


def _spelled(surface: str, names: tuple[Name, ...], year: int | None) -> Name | None:
    fitting = [
        name
        for name in names
        if surface == name.text
        or (not name.exact and (surface[0].isupper() or surface[0].isdigit()))
        or (name.kind == "person" and surface.isupper() and len(surface) > 4)
    ]
    if len(fitting) > 1 and year is not None:
        fitting.sort(key=lambda name: not name.first_year <= year <= name.last_year)
    return fitting[0] if fitting else None


def _inside_longer_name(text: str, hit: Hit, vocabulary: Vocabulary) -> bool:
    following = text[hit.end : hit.end + 24]
    if following.startswith(vocabulary.tails) and any(
        following.startswith(tail) and not following[len(tail) : len(tail) + 1].isalnum() for tail in vocabulary.tails
    ):
        return True
    before = text[max(0, hit.start - 16) : hit.start]
    return before.endswith(vocabulary.heads) and any(
        before.endswith(head) and not before[: -len(head)][-1:].isalnum() for head in vocabulary.heads
    )


def _meaning(text: str, folded: str, hit: Hit, name: Name) -> Found | None:
    if name.given and _part_of_person(text, hit):
        return None
    if name.kind == "capital":
        government, score = _acts(folded, hit)
        return Found(hit.start, hit.end, "government" if government else "city", name, score)
    kinds: dict[str, Kind] = {
        "country": "country",
        "people": "nationality",
        "seat": "government",
        "org": "org",
        "person": "person",
    }
    meant = msgspec.structs.replace(name, country=name.id) if name.kind == "seat" else name
    return Found(hit.start, hit.end, kinds[name.kind], meant, NAME_SCORE)


def _part_of_person(text: str, hit: Hit) -> bool:
    before = _UPPER_WORD_BEFORE.search(text, max(0, hit.start - 20), hit.start)
    if before and before.start() > 1 and text[before.start() - 2] not in ".!?\n":
        return before[1] not in {"The", "In", "From", "With", "And", "To", "South", "Republic", "King", "President"}
    after = _UPPER_WORD_AFTER.match(text, hit.end)
    return after is not None and text[hit.start - 1 : hit.start] in ("", "\n")


def _acts(folded: str, hit: Hit) -> tuple[bool, float]:
    before = folded[max(0, hit.start - 28) : hit.start]
    after = folded[hit.end : hit.end + 48]
    if _GOVERNMENT_BEFORE.search(before):
        return True, SENSE_SCORE
    if _PLACE_BEFORE.search(before):
        return False, SENSE_SCORE
    if _GOVERNMENT_AFTER.match(after):
        return True, SENSE_SCORE
    return False, SENSE_SCORE if _DATELINE_AFTER.match(after) else 0.7


def _joined_governments(folded: str, found: list[Found]) -> list[Found]:
    """Give two capitals joined by "and" one meaning: "between Rome and Vienna", "Rome and Vienna said"."""
    for left, right in zip(range(len(found)), range(1, len(found)), strict=False):
        one, two = found[left], found[right]
        if {one.kind, two.kind} != {"city", "government"} or not _PAIR_AFTER.fullmatch(folded, one.end, two.start):
            continue
        city, index = (one, left) if one.kind == "city" else (two, right)
        if city.name.kind == "capital":
            found[index] = msgspec.structs.replace(city, kind="government")
    return found


def mentions(text: str, found: Sequence[Found], lead_end: int) -> tuple[Mention, ...]:
    """Return the mentions as they travel; what stands before `lead_end`, or three times, is what it is about."""
    counts: dict[str, int] = {}
    leading = set()
    for item in found:
        counts[item.id] = counts.get(item.id, 0) + 1
        if item.end <= lead_end:
            leading.add(item.id)
    return tuple(
        Mention(
            id=item.id,
            kind=item.kind,
            surface=text[item.start : item.end],
            start=item.start,
            end=item.end,
            role="about" if item.id in leading or counts[item.id] >= 3 else "mentioned",
            score=item.score,
        )
        for item in found
    )


def outside(hits: Sequence[Hit], spans: Sequence[Span]) -> list[Hit]:
    """Return the hits that lie wholly inside one of the spans, which are in order."""
    starts = [start for start, _ in spans]
    kept = []
    for hit in hits:
        index = bisect_right(starts, hit.start) - 1
        if index >= 0 and hit.end <= spans[index][1]:
            kept.append(hit)
    return kept
