"""Dates of office against each other: no two holders of one office at once, no time without one unexplained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise

from tocsin.agents.lexicon.offices import FOREVER, Person, Vacancy, later, terms_of

ONE_AT_A_TIME = ("president", "monarch", "pm", "foreign", "head")
HEADS = ("president", "monarch", "pm", "leader")
SINCE = "1995"
"""From here on the heads of every state are complete."""
SLACK = timedelta(days=45)
"""Between two terms: transitions, elections that drag on, dates known by month."""


def overlaps(people: Sequence[Person], vacancies: Iterable[Vacancy]) -> Iterator[str]:
    """Name every two people who hold one office at once, where no line says why: one of them must be dated wrongly."""
    explained = list(vacancies)
    for scope, office in sorted({(term.scope, term.office) for person in people for term in person.terms}):
        if office not in ONE_AT_A_TIME:
            continue
        holders = terms_of(people, scope, office)
        for (one, first), (other, second) in pairwise(holders):
            shared = any(
                (gap.scope, gap.office) == (scope, office)
                and not later(gap.first, other.first)
                and gap.last >= other.first
                for gap in explained
            )
            if first.id != second.id and later(one.last, other.first) and not shared:
                yield (
                    f"{scope} {office}: {first.name} until {one.last} ({first.where}) and "
                    f"{second.name} from {other.first} ({second.where})"
                )


def gaps(people: Sequence[Person], vacancies: Iterable[Vacancy]) -> Iterator[str]:
    """Name every time since SINCE in which an office of president, monarch or head of government stands empty."""
    explained = list(vacancies)
    for scope, office in sorted({(term.scope, term.office) for person in people for term in person.terms}):
        if office not in HEADS[:3] or len(scope) != 3:
            continue
        spans = [(term.first, term.last) for term, _ in terms_of(people, scope, office)]
        spans += [(gap.first, gap.last) for gap in explained if (gap.scope, gap.office) == (scope, office)]
        spans.sort()
        reach = max(spans[0][0], SINCE)
        for first, last in spans:
            if last < SINCE:
                continue
            if _day(first) - _day(reach, end=True) > SLACK:
                yield f"{scope} {office}: nobody from {reach} to {first}"
            reach = max(reach, last)
        if reach != FOREVER and reach < "2024":
            mend = f"! {scope} {office} {reach}..: why"
            yield f"{scope} {office}: nobody since {reach}; if the office ended, say so: {mend}"


def headless(
    people: Sequence[Person], vacancies: Iterable[Vacancy], states: Iterable[str], days: Sequence[str]
) -> Iterator[str]:
    """Name every state that has no head of state or government on one of the days."""
    held: dict[str, list[tuple[str, str]]] = {}
    for person in people:
        for term in person.terms:
            if term.office in HEADS:
                held.setdefault(term.scope, []).append((term.first, term.last))
    for gap in vacancies:
        held.setdefault(gap.scope, []).append((gap.first, gap.last))
    for state in states:
        missing = [day for day in days if not any(a <= day <= b for a, b in held.get(state, ()))]
        if missing:
            yield f"{state}: no head known on {', '.join(missing)}"


def _day(text: str, *, end: bool = False) -> date:
    if text == FOREVER:
        return date.max - SLACK
    year, month, day = (*(int(part) for part in text.split("-")), 0, 0)[:3]
    if end:
        return date(year, month or 12, day or 28)
    return date(year, month or 1, day or 1)
