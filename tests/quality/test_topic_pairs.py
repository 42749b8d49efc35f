"""Pairs of sentences that differ in little and mean something else: which topics and events each has, and has not.

The form of topic_pairs.txt: `sentence | check; check`, two lines a pair, a blank line between pairs. A check is
`topic NAME`, `no topic NAME`, `TYPE ACTOR TARGET [STATUS] [COUNT] [KIND]` (- for a party that is not stated) or `no TYPE`.
"""

from pathlib import Path
from typing import get_args

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.annotate.scores import FOLDED
from tocsin.agents.lexicon.load import load
from tocsin.agents.lexicon.packs import TOPICS, UNORDERED, EventType

FILE = Path(__file__).with_name("topic_pairs.txt")
STATUSES = ("happened", "planned", "threatened", "denied")


def pairs():
    kept = [line for line in FILE.read_text(encoding="utf-8").split("\n") if not line.startswith("#")]
    blocks = "\n".join(kept).strip().split("\n\n")
    return [
        tuple(line.rpartition(" | ")[::2] for line in block.strip().splitlines()) for block in blocks if block.strip()
    ]


PAIRS = pairs()


@pytest.fixture(scope="module")
def annotator():
    return Annotator(load())


def wrong(found, check):
    """Return what is wrong with an annotation, or nothing."""
    words = check.split()
    no = words[0] == "no"
    words = words[no:]
    if words[0] == "topic":
        assert words[1] in TOPICS, check
        return check if (words[1] in {label.topic for label in found.labels}) is no else ""
    assert words[0] in get_args(EventType), check
    of_type = [event for event in found.events if event.type == words[0]]
    if no:
        return check if of_type else ""
    told = [(event, parties) for event in of_type for parties in _orders(event)]
    return "" if any(_fits(event, parties, words[1:]) for event, parties in told) else check


def _orders(event):
    pair = (event.actor or "-", event.target or "-")
    return {pair, pair[::-1]} if event.type in UNORDERED else {pair}


def _fits(event, parties, words):
    if parties != tuple(words[:2]):
        return False
    for word in words[2:]:
        if word in STATUSES:
            right = FOLDED.get(event.status, event.status) == word
        elif word.isdigit():
            right = event.count == int(word)
        else:
            right = event.object == word
        if not right:
            return False
    return True


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[0][0][:60])
def test_each_sentence_of_a_pair_has_its_own_meaning(annotator, pair):
    assert len(pair) == 2
    faults = []
    for sentence, checks in pair:
        found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": sentence}))
        faults += [f"{sentence} | {fault}" for check in checks.split("; ") if (fault := wrong(found, check.strip()))]
    assert not faults


def test_there_are_three_hundred_pairs_and_none_twice():
    assert len(PAIRS) >= 300
    sentences = [sentence for pair in PAIRS for sentence, _ in pair]
    assert len(set(sentences)) == len(sentences)
