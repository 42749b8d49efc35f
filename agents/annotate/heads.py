"""Heads of state and government in a marked sentence, by office at the article's date or by title."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin.agents.annotate.marked import Marked
from tocsin.agents.annotate.reading import Found
from tocsin.agents.lexicon.offices import Person
from tocsin.agents.lexicon.packs import MARKS

OFFICES = frozenset({"president", "monarch", "pm", "leader", "crown-prince"})
_TITLES = (
    r"(?:president|prime minister|premier|chancellor|taoiseach|king|queen|emir|sultan|crown prince|supreme leader|"
    r"head of (?:state|government)|ruler|leader|strongman|junta (?:chief|leader)|military ruler|monarch|counterpart|"
    r"colleague|peer)s?"
)
_TITLED = re.compile(
    r"president|minister|premier|chancellor|king|queen|emir|sultan|prince|leader|head|ruler|taoiseach|strongman|junta|"
    r"monarch|counterpart|colleague|peer"
)
_NO_HEAD = r"(?:vice|deputy|former|ex|then|first|opposition|party|rebel|acting vice|rival|exiled|ousted|late|union)"
_OF_STATE = re.compile(
    rf"({MARKS['PEOPLE']}|{MARKS['STATE']}(?='s? |’s? ))(?:'s?)? (?!{_NO_HEAD}[ -])"
    rf"(?:new |interim |acting |own |visiting |incoming )?{_TITLES}\b"
)
_TITLE_OF = re.compile(
    rf"(?<!vice )(?<!vice-)(?<!former )(?<!deputy )(?<!ex-)\b{_TITLES} of (?:the )?({MARKS['STATE']})"
)
_OUT = re.compile(
    r"\b(?:ousted|exiled|deposed|former|ex|jailed|fugitive|toppled|self-declared|self-proclaimed|then|late|opposition|candidate|"
    r"vice)[ -](?:[^\s,;:]+ ){0,2}\Z"
)
_AND_OTHER = re.compile(
    rf"({MARKS['ANY']}) and ({MARKS['PEOPLE']}) (?:presidents|prime ministers|premiers|leaders|heads)\b"
)


def heads(line: Marked, people: Mapping[str, Person], date: str) -> dict[int, str]:
    """Return the places of heads of state and government in a sentence, each with the state that is led, in order.

    `date` is that of the article, as exact as known; without one whoever ever was a head is taken for one.
    """
    found = {
        place: item.party
        for place, item in line.found.items()
        if item.kind == "person" and leads(item, people, date) and not _OUT.search(line.text, max(0, place - 40), place)
    }
    for pattern in (_OF_STATE, _TITLE_OF, _AND_OTHER) if _TITLED.search(line.text) else ():
        for match in pattern.finditer(line.text):
            for group in range(1, pattern.groups + 1):
                item = line.found.get(match.start(group))
                if item is not None and not _OUT.search(line.text, max(0, match.start() - 20), match.start()):
                    found[match.start(group)] = item.party
    return dict(sorted(found.items()))


def leads(item: Found, people: Mapping[str, Person], date: str) -> bool:
    """Tell whether a person held the highest office of a state at a date."""
    person = people.get(item.id)
    if person is None:
        return False
    size = len(date)
    return any(
        term.office in OFFICES and (not date or term.first[:size] <= date <= term.last[:size].ljust(size, "9"))
        for term in person.terms
    )
