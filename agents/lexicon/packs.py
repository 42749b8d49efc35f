"""The form of the packs: what a TOML file of the lexicon may hold, and the errors that name file and key."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

import msgspec

T = TypeVar("T")

TOPICS = (
    "summit",
    "sanctions",
    "expulsion",
    "diplomacy",
    "military-conflict",
    "ceasefire-peace",
    "protest",
    "election",
    "cyber",
    "nuclear",
    "trade",
    "disaster",
    "terrorism",
)
EventType = Literal[
    "expel",
    "sanction",
    "lift_sanction",
    "threaten",
    "host_or_meet",
    "recall_envoy",
    "agree",
    "attack",
    "accuse",
    "release",
    "withdraw",
    "request",
]
UNORDERED = frozenset({"host_or_meet", "agree"})
"""Events whose two parties have no order."""
Needs = Literal["nothing", "party", "context", "actor", "two", "leaders", "heads"]
"""What else a rule asks for: a state, body or leader in its sentence (party) or there or at the article's head
(context); one who acts (actor); people of two different states in the groups `one` and `two` (two); heads
of state or government there (leaders), or anywhere in its sentence (heads)."""
NAMES: Mapping[Needs, int] = {
    "nothing": 0,
    "context": 0,
    "actor": 0,
    "party": 1,
    "two": 2,
    "leaders": 2,
    "heads": 1,
}
"""How many names a sentence must hold for what a rule asks for; one who acts may be named in the sentence before."""


class PackError(ValueError):
    """A pack that can't be used; the text names file, key and mend."""


class Pack(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that is read from a pack."""


class RuleEntry(Pack, frozen=True, kw_only=True):
    """One rule of a topic: a trigger, and what must stand before and after it in its sentence.

    `before` ends where the trigger begins, `after` begins where it ends. Both are regular expressions over the
    marked sentence: lower case, single spaces, every mention one sign. `{STATE}`, `{PEOPLE}`, `{BODY}`, `{HEADS}`
    (a body whose meetings are of leaders), `{LEADER}`, `{CITY}`, `{PARTY}` and `{ANY}` stand for those signs,
    `{gap:6}` for at most six words of one clause, `{far:9}` for at most nine words, and `{name}` for a word list.
    The groups `object`, `actor` and `target` tell the event where its parts are.
    """

    at: tuple[str, ...]
    before: str = ""
    after: str = ""
    unless: str = ""
    elsewhere: str = ""
    """What the title and the opening say where the rule does not hold: that leaders come to a funeral."""
    score: float = 0.9
    event: EventType | None = None
    needs: Needs = "nothing"
    label: bool = True
    blocked: bool = True
    again: bool = False
    """Tells that the group `actor` does what the article told last: "followed suit", "took the same step"."""
    nearest: bool = False
    """`before` begins as near to the trigger as it can: of two verbs that would do, the second is meant."""
    in_sports: bool = False
    """Holds in reports of sport too, whose language is that of war and politics."""


class Examples(Pack, frozen=True, kw_only=True):
    """Sentences that do and don't show the topic: they are the pack's tests."""

    positive: tuple[str, ...] = ()
    negative: tuple[str, ...] = ()


class TopicFile(Pack, frozen=True, kw_only=True):
    """The whole of `topics/<topic>.toml` or `events/<event>.toml`."""

    about: str
    topic: str = ""
    """The topic that its rules show; none where it is the pack of an event."""
    event: EventType | None = None
    """The event that its rules tell, where they show no topic."""
    implies: dict[str, tuple[str, ...]] = {}
    """Topics given with this one: always, or where one of some kinds of object is acted on ("" = of no known kind)."""
    words: dict[str, tuple[str, ...]] = {}
    blockers: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    """Words and phrases that show the topic by themselves; the examples say how surely each does."""
    rules: dict[str, RuleEntry] = {}
    examples: Examples = Examples()
    precise: float = 0.5
    """Score from which an article gets the topic by default."""
    wide: float = 0.2
    """Score from which it gets it where the settings ask for the topic wide."""


def convert(data: Any, kind: type[T], file: str) -> T:
    """Read a pack; PackError names the file and the key where it departs from the form."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise PackError(f"{file}: {error}; see the head of the file for its form") from error


def table(data: dict[str, Any], kind: type[T], file: str) -> dict[str, T]:
    """Read a table of entries; PackError names the file, the entry and the key where one departs from the form."""
    return {key: convert(entry, kind, f"{file}: {key}") for key, entry in data.items()}


def topic_file(data: dict[str, Any], file: str) -> TopicFile:
    """Read a topic's pack; PackError names the file, the rule and the key where it departs from the form."""
    rules = data.get("rules")
    if isinstance(rules, dict):
        table(rules, RuleEntry, f"{file}: rules")
    return convert(data, TopicFile, file)


MARKS = {
    "STATE": "\ue001",
    "PEOPLE": "\ue002",
    "BODY": "[\ue003\ue004]",
    "HEADS": "\ue004",
    "LEADER": "\ue005",
    "CITY": "\ue006",
    "PARTY": "[\ue001\ue003\ue004]",
    "ANY": "[\ue001-\ue006]",
}
"""What stands for a mention in a marked sentence; the signs are of Unicode's private use area."""

_macro = re.compile(r"\{([A-Za-z_]+)(?::(\d+))?\}")
_DEEP = 3
_NO_CLAUSE = "(?!wh(?:o|om|ose|ich|ile|en|ere) |that |if |unless |because )"
# A gap holds no word that opens a clause with a subject of its own. It is lazy: the nearest fitting word is meant.


def pattern(source: str, words: dict[str, tuple[str, ...]], where: str) -> re.Pattern[str]:
    """Compile a pattern of a pack; PackError names the rule where it can't be read."""

    def expand(match: re.Match[str]) -> str:
        name, number = match.group(1), match.group(2)
        if name == "gap" and number:
            return f"(?:{_NO_CLAUSE}[^\\s,;:]+ ){{0,{number}}}?"
        if name == "far" and number:
            return f"(?:{_NO_CLAUSE}[^\\s;]+ ){{0,{number}}}?"
        if name in MARKS:
            return MARKS[name]
        if name in words:
            return f"(?:{'|'.join(words[name])})"
        raise PackError(f"{where}: unknown name {match.group()}; use a mark, gap, far or one of {sorted(words)}")

    for _ in range(_DEEP):  # a word list may use marks and gaps, a pattern word lists
        source = _macro.sub(expand, source)
    try:
        return re.compile(source)
    except re.error as error:
        raise PackError(f"{where}: not a regular expression: {error}") from error
