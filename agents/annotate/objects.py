"""What an act is done to: the kind of its object and how many."""

from __future__ import annotations

import re

from tocsin.agents.annotate.claims import Claim
from tocsin.agents.annotate.parties import first_in
from tocsin.agents.annotate.status import BY_LAW
from tocsin.agents.lexicon.packs import MARKS

_ONES = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS = "thirty forty fifty sixty seventy eighty ninety"
NUMBERS = {
    **{word: number for number, word in enumerate(_ONES.split(), start=1)},
    **dict(zip(_TENS.split(), range(30, 100, 10), strict=True)),
    "a dozen": 12,
    "hundred": 100,
    "another": 1,
    "a": 1,
    "an": 1,
}
_COUNT = re.compile(
    r"(?<![\w.,-])(a dozen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-\w+|\d{1,3}(?:,\d{3})+|\d{1,6}|"
    + "|".join(sorted(NUMBERS, key=len, reverse=True))
    + r")(?![\w.,]*\d|-(?:member|year|day|hour)| (?:hours?|days?|weeks?|months?|years?)\b)(?!\w)"
)
_ONE = re.compile(
    r"\b(?:diplomat|ambassador|envoy|attach[eé]|consul(?: general)?|charg[eé] d'affaires|journalist|reporter|"
    r"correspondent|official|officer|high commissioner|spy|citizen|national|nuncio|coordinator|counterpart|"
    r"him|her|man|woman|secretary|chief of mission|worker|employee|staffer|member|clerk|editor|photographer|nun|"
    r"missionary|priest|doctor|nurse|agent|soldier|advis[eo]r|delegate|spokes(?:man|woman|person)|businessman|oligarch|judge|banker|chargé)\Z"
)
_OFFICIALS = re.compile(
    r"\b(?:officials?|leaders?|lawmakers?|ministers?|politicians?|representatives?|generals?|commanders?|judges?|"
    r"senators?|governors?|president|oligarchs?|prosecutors?)\b"
)
_HEAD_OF = re.compile(r"\bhead of\b")
_WHERE = re.compile(r" (?:in|to|at|from) ")
_A_MEMBER = re.compile(r"\ban? (?:member|employee|official|officer|diplomat) (?:of|at|from)\b")
_MEMBERS = re.compile(r"(?<![\w-])(\d{1,3})-member")
_AND_OTHERS = re.compile(
    rf"{MARKS['LEADER']} and (\d{{1,3}}|{'|'.join(_ONES.split())}) "
    r"(?:others?|more|(?:of )?(?:his|her|other|senior|top|fellow) )"
)
"""Beside somebody named: "Lukashenko and 29 other officials"."""
_HIS_NAME = re.compile(rf"(?: [\w-]+){{1,3}} {MARKS['LEADER']}")
"""After the state of somebody who is named: "Nicaraguan Vice President Rosario Murillo"."""
_OBJECTS = (
    (r"ambassador|high commissioner|charg[eé]|nuncio|\benvoy\b", "ambassador"),
    (r"chief of mission", "ambassador"),
    (r"attach", "attache"),
    (
        r"(?:employees?|members?|staff|workers?|personnel|\d|two|three|four|five|six) (?:of|at|from) .*embassy",
        "diplomats",
    ),
    (r"spokes\w+ (?:of|for) .*(?:\bun\b|{BODY})", "un_staff"),
    (r"embass(?:y|ies)\Z|consulates?\Z|missions?\Z|liaison office", "mission"),
    (r"diplomat|consul|embassy|envoy|counterpart|(?:first|second|third) secretar", "diplomats"),
    (r"journalist|reporter|correspondent|crew", "journalists"),
    (r"peacekeep|inspector|blue helmet|\bun (?:staff|official|worker)", "un_staff"),
    (r"troop|soldier|forces|military|advis|trainer|instructor|cadet|base|garrison|airmen|marines", "troops"),
    (r"\bun\b|{BODY}", "un_staff"),
    (r"aid |\bngos?\b|charit|relief|humanitarian", "aid_workers"),
    (r"\b(?:personnel|staff)\Z", "diplomats"),
    (r"official|delegat|agent|lawmaker|minister|representative|senator|judge|commander|general", "officials"),
    (r"leader|president|premier", "leaders"),
    (r"national|citizen|worker|resident|foreigner|muslim|u[iy]gh|{PEOPLE}|spy|spies|him|her", "nationals"),
)
_OBJECT_KINDS = [
    (re.compile(source.replace("{BODY}", MARKS["BODY"]).replace("{PEOPLE}", MARKS["PEOPLE"])), kind)
    for source, kind in _OBJECTS
]


_OF_NOBODY = frozenset({"accuse", "request", "threaten", "agree"})
_PRONOUNS = frozenset({"him", "her", "them"})
_OF_AID = re.compile(
    r"\b(?:ngos?|charity|aid (?:agency|agencies|group|groups)|relief (?:agency|group|organi[sz]ation)|"
    r"save the children|oxfam)\b"
)
_BESIDE = 40


def count_of(claim: Claim, parties_hit: int) -> int | None:
    """Return how many are acted on, where the clause says so; `parties_hit` is how many states they are of."""
    keys = ("object",) if claim.rule.entry.event == "expel" else ("object", "target")
    for start, end in (claim.groups[key] for key in keys if key in claim.groups):
        text = claim.line.text[start:end]
        counted = _stated_number(claim.line.text, start, end)
        if counted is not None:
            return counted
        heads = r"\b(?:ambassadors|envoys)\b" if claim.rule.entry.event == "recall_envoy" else r"\bambassadors\b"
        one_each = parties_hit > 1 and re.search(heads, text)
        single = _ONE.search(_WHERE.split(text)[0]) or _HEAD_OF.search(text)
        if (single and " or " not in text) or one_each:
            return 1
    return _people_in(claim) or None


def _people_in(claim: Claim) -> int:
    """Return how many are named as those whom a measure is against: "sanctions on Hassan Nasrallah and Naim Qassem"."""
    if claim.rule.entry.event not in BY_LAW or "target" not in claim.groups:
        return 0
    start, end = claim.groups["target"]
    named = sum(item.kind == "person" for item in first_in(claim.line, start, end))
    return named or int(_HIS_NAME.match(claim.line.text, end) is not None)


def _stated_number(text: str, start: int, end: int) -> int | None:
    """Return the number that stands in the object or right before it; what counts hours or years is none of it."""
    others = _AND_OTHERS.search(text, start, min(len(text), end + _BESIDE))
    if others:
        return 1 + int(_number(others[1]) or 0)
    members = _MEMBERS.search(text, max(0, start - 24), end)
    if members:
        return int(members[1])
    single = _ONE.search(text[start:end]) or _A_MEMBER.search(text, start, end)
    for match in _COUNT.finditer(text, max(0, start - 24), min(len(text), end + 10)):
        if match.end() < start - 1 or match.start() >= end:
            continue
        if single or match[1] not in {"a", "an"}:
            return _number(match[1])
    return None


def _number(text: str) -> int | None:
    if text in NUMBERS:
        return NUMBERS[text]
    tens, _, ones = text.partition("-")
    if tens in NUMBERS:
        return NUMBERS[tens] + NUMBERS.get(ones, 0)
    return int(text.replace(",", ""))


def _leaders(claim: Claim) -> bool:
    """Tell whether a body of leaders meets, or two heads of states do."""
    if MARKS["HEADS"] in claim.line.text[claim.start : claim.end]:
        return True
    groups = [claim.groups[group] for group in ("one", "two") if group in claim.groups]
    heads = claim.sentence.heads
    return len(groups) == 2 and all(any(start <= place < end for place in heads) for start, end in groups)


def object_of(claim: Claim) -> str | None:
    """Return the kind of what is acted on, such as diplomats or troops; None where it is of none."""
    event = claim.rule.entry.event
    if event == "host_or_meet":
        return "leaders" if claim.rule.topic or _leaders(claim) else "officials"
    group = claim.groups.get("object") or claim.groups.get("target")
    if group is None:
        return None
    if event in BY_LAW:
        text = claim.line.text[group[0] : min(len(claim.line.text), claim.end + 30)]
        return "officials" if _OFFICIALS.search(text) else None
    if event in _OF_NOBODY:
        return None
    text = claim.line.text[slice(*group)]
    if text in _PRONOUNS and "target" in claim.groups:
        start = claim.groups["target"][0]
        text = claim.line.text[start : start + _BESIDE]  # "a French journalist ..., expelling her"
    kind = next((kind for pattern, kind in _OBJECT_KINDS if pattern.search(text)), None)
    if kind in {"nationals", "diplomats", None} and _OF_AID.search(claim.line.text, group[0], claim.end + _BESIDE):
        return "aid_workers"
    return kind
