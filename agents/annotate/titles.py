"""Titles before a name: they tell a person from a place, and one bearer of a name from another."""

from __future__ import annotations

import re

from tocsin.agents.annotate.reading import Reading, Spot

_TITLES = (
    ("vp", r"vice[- ]president(?:-elect)?|vice-presidential candidate|veep"),
    ("deputy-pm", r"deputy (?:prime minister|premier|pm)|vice[- ]premier"),
    ("pm", r"prime minister(?:-designate)?|premier|pm|chancellor|taoiseach|head of government"),
    (
        "president",
        r"president(?:-elect)?|pres\.?|presidential (?:candidate|nominee|hopeful|contender)|head of state|strongman|dictator|ruler|supreme leader|leader|chairman",
    ),
    ("prince", r"(?:crown )?prince(?:ss)?|sheikh|sheik|shaikh|ayatollah|sayyid|highness|imam|mullah"),
    ("monarch", r"king|queen|emperor|sultan|emir|amir|pope|pontiff|monarch|grand duke|shah|empress|majesty"),
    (
        "foreign",
        r"foreign (?:minister|secretary)|secretary of state|foreign affairs minister|external affairs minister|minister of foreign affairs|top diplomat|fm",
    ),
    (
        "minister",
        r"(?:\w+ )?ministers?|(?:\w+ )?secretary|secretary of \w+(?: \w+)?|attorney[- ]general|treasurer|home secretary|defen[cs]e chief|national security advis[eo]r|minister of \w+|cabinet member|commissioner|envoy|ambassador|negotiator|advis[eo]r|aide|chief of staff|czar",
    ),
    (
        "head",
        r"secretary[- ]general|director[- ]general|(?:un|u\.n\.|eu|nato|world bank|imf|commission|agency) (?:chief|head|boss|president)|chief|high commissioner|head",
    ),
    (
        "other",
        r"gov\.?|governor|mayor|judge|justice|sheriff|sgt\.?|sergeant|officer|coach|captain|capt\.?|lieutenant|lt\.?|detective|constable|inspector|superintendent|bishop|archbishop|rev\.?|reverend|father|brother|sister|actor|actress|singer|author|professor|prof\.?|councillor|councilman|alderman|commissioner|trooper|deputy|principal|pitcher|quarterback|striker|midfielder|defender|goalkeeper|forward|skipper|manager|batsman|bowler|guard|center",
    ),
    (
        "any",
        r"mr\.?|mrs\.?|ms\.?|dr\.?|sen\.?|senator|gen\.?|general|sir|lord|lady|rep\.?|congressman|democrat|republican|candidate|nominee|lawmaker|incumbent|challenger|rival|colonel|col\.?|marshal|field marshal|comrade|baroness|dame",
    ),
)
_TITLE = re.compile(
    r"(?:\A|[\s(\"'“/-])(?:(?:"
    + ")|(?:".join(f"(?P<{kind.replace('-', '_')}>{source})" for kind, source in _TITLES)
    + r"))(?:,)? (?:general |gen\. |dr\.? |mr\.? |sheikh |ayatollah |colonel |el |al-)?\Z"
)
RULER = re.compile(
    r"\b(?:king|queen|emperor|empress|sultan|emir|amir|pope|prince|crown prince|princess|sheikh|sheik|shah|grand duke|saint)(?: of \w+,?| pope)? \Z"
)


_LAST_WORDS = frozenset(
    "president president-elect veep minister premier pm chancellor taoiseach government pres pres. candidate nominee hopeful contender state "
    "strongman dictator ruler leader chairman king queen emperor sultan emir amir pope pontiff monarch prince princess imam mullah sheikh sheik shaikh duke shah "
    "empress majesty highness ayatollah sayyid secretary fm ministers treasurer chief adviser advisor member commissioner envoy ambassador negotiator "
    "aide staff czar general secretary-general director-general head boss commissioner mr mr. mrs mrs. ms ms. dr dr. sen sen. senator gen gen. sir lord "
    "lady rep rep. congressman democrat republican lawmaker incumbent challenger rival colonel col col. marshal comrade baroness dame governor gov gov. "
    "professor prof prof. judge justice sheriff sgt sgt. sergeant officer coach captain capt capt. lieutenant lt lt. detective constable inspector superintendent bishop archbishop rev rev. reverend father brother sister actor actress singer author councillor councilman alderman trooper deputy principal pitcher quarterback striker midfielder defender goalkeeper forward skipper manager batsman bowler guard center mayor attorney-general el designate minister-designate diplomat affairs defense defence treasury commerce labor labour energy "
    "health education agriculture interior justice transportation homeland security".split()
)


def title_of(reading: Reading, spot: Spot) -> str | None:
    """Return the kind of the title that stands right before a name: a key of the offices it stands for, or None."""
    word = reading.word_before(spot).rstrip(",").lstrip("(\"'“-")
    if word not in _LAST_WORDS and "-" not in word:
        return None
    match = _TITLE.search(reading.folded, max(0, spot.start - 44), spot.start)
    return match.lastgroup if match else None
