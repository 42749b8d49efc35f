"""When an act was or will be done, as its clause says: ISO 8601, as exact as said.

A date of a week or of a month without a year is read from the day of publication, which is given, never from a clock.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_MONTHS_WORDS = "january february march april may june july august september october november december"
_MONTHS: list[str] = list(_MONTHS_WORDS.split())
_SHORT = {month[:3]: number for number, month in enumerate(_MONTHS, 1)} | {"sept": 9}
_DAYS_WORDS: str = "monday tuesday wednesday thursday friday saturday sunday"
_DAYS = tuple(_DAYS_WORDS.split())
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)}|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\.?)"
_DATE = re.compile(
    rf"\b(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH}|"
    rf"{_MONTH.replace('month', 'month2')} (?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?!\d)|"
    r"(?:in|since|until|by|this|next|last|early|late|mid|mid-|of|from|for|during|before|after)[ -]?"
    rf"{_MONTH.replace('month', 'month3')}\b)"
    r"(?:,? (?P<year>(?:19|20)\d\d))?(?!\w)"
)
_YEAR = re.compile(r"\b(?:in|since|of|for|during|until|from|by) (?P<year>(?:19|20)\d\d)\b(?!-)")
_ISO = re.compile(r"\b(?P<iso>(?:19|20)\d\d-\d\d-\d\d)\b")
_WEEKDAY = re.compile(
    rf"\b(?P<which>last |next |this |on )?(?P<weekday>{'|'.join(_DAYS)})\b(?! (?:times|herald|night live))"
)
_NEAR = re.compile(r"\b(?P<near>today|tonight|yesterday|tomorrow|(?:last|next|this) (?:week|month|year))\b")
_SHIFTS = {"today": 0, "tonight": 0, "yesterday": -1, "tomorrow": 1}


def when(text: str, start: int, end: int, published: str, *, ahead: bool) -> str | None:
    """Return the date that a sentence in lower case gives for the act between two places; None where it gives none.

    The date nearest to the act is its own. `published` is YYYY-MM-DD, less exact or empty; `ahead` says that the act
    is still to come.
    """
    found = [match for pattern in (_ISO, _DATE, _YEAR, _WEEKDAY, _NEAR) for match in pattern.finditer(text)]
    best: tuple[int, int, str] | None = None
    for order, match in enumerate(found):
        said = _read(match, _day(published), published, ahead=ahead)
        distance = max(0, start - match.end(), match.start() - end)
        if said and distance <= _REACH and (best is None or (distance, order) < best[:2]):
            best = (distance, order, said)
    return best[2] if best else None


_REACH = 70
"""Characters between an act and its date at most."""


def _day(published: str) -> date | None:
    return date.fromisoformat(published) if len(published) == 10 else None


def _read(match: re.Match[str], day: date | None, published: str, *, ahead: bool) -> str | None:
    parts = {key.rstrip("23"): value for key, value in match.groupdict().items() if value}
    if "iso" in parts:
        return parts["iso"]
    if "month" in parts:
        return _of_month(parts, published, ahead=ahead)
    if "weekday" in parts:
        return _of_weekday(parts, day, ahead=ahead)
    if "near" in parts:
        return _of_near(parts["near"], day)
    return parts["year"]


def _of_month(parts: dict[str, str], published: str, *, ahead: bool) -> str | None:
    month = _SHORT[parts["month"].rstrip(".")[:3]]
    year = parts.get("year")
    if year is None:
        if not published:
            return None
        now_year, now_month = int(published[:4]), int(published[5:7] or 0)
        if now_month and ahead and month < now_month:
            now_year += 1
        elif now_month and not ahead and month > now_month:
            now_year -= 1
        year = str(now_year)
    number = int(parts.get("day", 0))
    if not number:
        return f"{year}-{month:02}"
    try:
        return date(int(year), month, number).isoformat()
    except ValueError:
        return None


def _of_weekday(parts: dict[str, str], day: date | None, *, ahead: bool) -> str | None:
    if day is None:
        return None
    which = parts.get("which", "").strip()
    distance = (_DAYS.index(parts["weekday"]) - day.weekday()) % 7
    if which == "next":
        distance = distance or 7
    elif which == "last" or (not ahead and distance):
        distance = (distance - 7) if distance else -7
    return (day + timedelta(days=distance)).isoformat()


def _of_near(said: str, day: date | None) -> str | None:
    if day is None:
        return None
    if said in _SHIFTS:
        return (day + timedelta(days=_SHIFTS[said])).isoformat()
    which, unit = said.split()
    step = {"last": -1, "this": 0, "next": 1}[which]
    if unit == "week":
        year, week, _ = (day + timedelta(days=7 * step)).isocalendar()
        return f"{year}-W{week:02}"
    if unit == "year":
        return str(day.year + step)
    month = day.year * 12 + day.month - 1 + step
    return f"{month // 12}-{month % 12 + 1:02}"
