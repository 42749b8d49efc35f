"""Who acts and who is acted on in a marked sentence."""

from __future__ import annotations

import re
from collections.abc import Callable

from tocsin.agents.annotate.marked import Marked
from tocsin.agents.annotate.reading import Found
from tocsin.agents.lexicon.packs import MARKS

_AFTER_PREPOSITION = re.compile(
    r"\b(?:of|in|from|at|to|with|on|against|over|into|near|for|about|between|towards?|including|like|than|as|under|"
    r"outside|inside|through|via|after|before|since|around|unlike|without|among)"
    r"(?: the| a| its| his)?"
    r"(?: neighbou?ring| former| \w+ern| central| nearby| occupied| war-torn| communist| southeast)? \Z"
)
_RULERS = (
    r"(?:government|ministry|minister|ministers|president|prime|premier|chancellor|authorities|administration|"
    r"parliament|senate|congress|cabinet|junta|military|rulers?|rebels|officials?|state department|department|treasury|"
    r"foreign|supreme|national|federal|house|embassy said|leader|leaders|king|crown|regime|interior|"
    r"security|secretary|spokes\w+|lawmakers|courts?|judges?|prosecutors|police|defen[cs]e|coup|council|interim|ruling|"
    r"state|delegation said|army|navy|air force|forces|troops|jets|warplanes|soldiers|helicopters|drones|missiles|"
    r"warships?|hackers|intelligence|mps|senators|protesters|public)"
)
_RULED = re.compile(rf"(?:'s?)? (?:[\w-]+ ){{0,2}}?{_RULERS}\b")
_OWNED = re.compile(r"'s?\b")
_THEIR_PEOPLE = re.compile(
    r" (?:top |senior |new |military |foreign |defen[cs]e |navy |army |special |weapons )?"
    r"(?:diplomat|ambassador|envoy|embassy|consul|attach|journalist|reporter|citizen|national|troops|soldier|sanctions|"
    r"interests|allies|ally|officers?\b|inspector|peacekeep|staff|personnel|mission|election|dollar|counterpart)"
)
_RULERS_OF = re.compile(rf"(?:(\b\w+) )?(?:the |a )?(?:new |former |acting )?\b{_RULERS} (?:of|in) (?:the )?\Z")
_PREPOSITION_WORDS = (
    "of in from at to with on against over into near for about between towards as by under after before since"
)
_PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
_THEIRS = re.compile(rf"{MARKS['ANY']}(?:'s?)? \Z")
_JOIN_LEFT = re.compile(rf"({MARKS['ANY']})(?:,? (?:and|&)|,|,? together with|,? along with)(?: the)? \Z")
_JOIN_RIGHT = re.compile(rf"(?:'s)?(?:,? and|,|,? or)(?: the)? ({MARKS['ANY']})")
_PRONOUN = re.compile(
    r"[\"'“‘ ]*(?:in (?:response|retaliation|reply|turn|return),? |meanwhile,? |on \w+,? |later,? |then,? |also,? )?"
    r"(?:it|he|she|they|the (?:\w+ )?(?:government|ministry|country|kingdom|junta|authorities|administration|president|"
    r"prime minister|statement|state|move))\b"
)
_HE = re.compile(
    r"\b(?:he|she)(?:'s|'d)? (?:(?:had|has|have|will|would|is|was|may|might|could|also|already|\w+ly|to|be|ready) )*\Z"
)
_OBJECT_OF = re.compile(
    r"\b(?:follow(?:s|ed)|join(?:s|ed)|echo(?:es|ed)|back(?:s|ed)|support(?:s|ed)|accus(?:es|ed)|blam(?:es|ed)|met|"
    r"meets|condemn(?:s|ed)|criticis(?:es|ed)|criticiz(?:es|ed)|visit(?:s|ed)|urg(?:es|ed)|attack(?:s|ed)|invaded|defied|"
    r"snubbed)(?: the)? \Z"
)
"""Right before a party that is done something to: "Bulgaria followed Romania and expelled"."""
_ITS_MEMBERS = re.compile(
    r"(?:'s?)? (?:envoys|ambassadors|diplomats|states|members|member states|governments|chiefs)\b"
)
"""After a body, those who decide for it: "EU envoys agreed"."""
_HELPED_BY = re.compile(r", (?:\w+ly )?\w+(?:ed|en|led) by (?:the )?\Z")
_CLAUSE_OPENS = re.compile(
    r"(?:\A|[,;:—–-] |\b(?:after|when|while|as|and|but|because|that|since|before|once|said) )(?:the )?\Z"
)
_PAST = re.compile(r"\w+ed\b|sent|thrown|put|shut|hit|told|given")
_DECIDES = re.compile(r"(?:'s?)? (?:decision|order|move|plans?|threat|vow|refusal|failure|bid|wish|readiness) to \Z")
WINDOW = 200


def he(line: Marked, index: int) -> list[Found]:
    """Return the person whom a pronoun right before a place stands for: "Saakashvili said that he had expelled"."""
    if not _HE.search(line.text, max(0, index - 40), index):
        return []
    people = [item for place, item in line.found.items() if place < index and item.kind == "person"]
    return people[-1:]


def subjects(line: Marked, index: int) -> list[Found]:
    """Return who acts, before a place of the sentence: the nearest that can be a subject, and those joined to it."""
    for place in reversed(line.parties(max(0, index - WINDOW), index)):
        end, item = line.named[place]
        if end <= index and (_can_act(line.text, place, end, item) or _at_verb(line.text, place, index, item)):
            return [item, *_joined_left(line, place)]
    return []


def _at_verb(text: str, place: int, index: int, item: Found) -> bool:
    """Tell whether a party right before a verb is who acts: "After Oslo expelled", "Zagreb's decision to expel"."""
    between = text[place + 1 : index]
    if item.kind == "nationality":  # "Swiss freeze", not "Russians expelled from"
        return between == " " and not text[:place].strip() and not _PAST.match(text, index)
    if item.kind == "group" or (item.kind == "city" and not item.capital):
        return False
    if _DECIDES.fullmatch(between):
        return True
    return between in {" ", " has ", " had ", " will "} and _CLAUSE_OPENS.search(text[:place]) is not None


def _can_act(text: str, place: int, end: int, item: Found) -> bool:
    before = text[max(0, place - 24) : place]
    if item.kind == "nationality":
        return _RULED.match(text, end) is not None
    if item.kind == "city":
        return item.capital and not before.strip()
    rulers = _RULERS_OF.search(text, max(0, place - 50), place)
    if rulers:
        # "EU ministers in Luxembourg" are the EU's.
        return rulers[1] not in _PREPOSITIONS and not _THEIRS.search(text, 0, rulers.start())
    if _AFTER_PREPOSITION.search(before) or _OBJECT_OF.search(before):
        return False
    if text.startswith(",", end) and _HELPED_BY.search(before):
        return False  # "The EU, backed by Lithuania, imposed"
    if _RULED.match(text, end) or (item.kind == "org" and _ITS_MEMBERS.match(text, end)):
        return True
    return _OWNED.match(text, end) is None and _THEIR_PEOPLE.match(text, end) is None


def _joined_left(line: Marked, place: int) -> list[Found]:
    found: list[Found] = []
    while match := _JOIN_LEFT.search(line.text, max(0, place - 24), place):
        place = match.start(1)
        item = line.found.get(place)
        if item is None or item.kind == "nationality" or len(found) > 12:
            break
        if _AFTER_PREPOSITION.search(line.text, max(0, place - 24), place):
            break  # "in eastern Ukraine, the EU ..."
        found.append(item)
    return found


def first_in(line: Marked, start: int, end: int) -> list[Found]:
    """Return the first party named between two places, and those joined to it on its right."""
    for place in line.parties(start, end):
        end_, item = line.named[place]
        if item.kind == "nationality" and (beside := line.named.get(end_ + 1)) and beside[1].kind == "group":
            return [beside[1]]  # "Turkish protesters": the crowd acts, not the state
        return [item, *_joined_right(line, place, item)]
    return []


def _joined_right(line: Marked, place: int, item: Found) -> list[Found]:
    found: list[Found] = []
    while (joined := _JOIN_RIGHT.match(line.text, place + 1)) and len(found) < 11:
        place = joined.start(1)
        other = line.found.get(place)
        if other is None or other.kind != item.kind or _verb_follows(line.text, place):
            break
        found.append(other)
    return found


def _verb_follows(text: str, place: int) -> bool:
    return re.match(r" (?:\w+(?:ed|s)|said|will|has|have|is|was)\b", text[place + 1 : place + 20]) is not None


def last_in(line: Marked, start: int, end: int) -> list[int]:
    """Return the places of the last party named between two places and of those joined to it on its left."""
    places = line.parties(start, end)
    if not places:
        return []
    joined = [places[-1]]
    while match := _JOIN_LEFT.search(line.text, max(start, joined[0] - 24), joined[0]):
        joined.insert(0, match.start(1))
    return [place for place in joined if place in line.named]


def inherited(line: Marked, before: Callable[[], Marked | None]) -> list[Found]:
    """Return who a pronoun at the head of a sentence stands for: the first that could act in the one before."""
    if not _PRONOUN.match(line.text):
        return []
    previous = before()
    if previous is None:
        return []
    for place, (end, item) in previous.named.items():
        if _can_act(previous.text, place, end, item):
            return [item]
    return []
