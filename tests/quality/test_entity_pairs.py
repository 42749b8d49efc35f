"""Pairs of sentences in which one spelling means two things: at least 200, and each of them as written."""

import re
from pathlib import Path

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load

PAIRS = [
    [line for line in block.splitlines() if not line.startswith("#")]
    for block in Path(__file__).with_name("entity_pairs.txt").read_text(encoding="utf-8").split("\n\n")
]
PAIRS = [pair for pair in PAIRS if pair]
LINES = [line for pair in PAIRS for line in pair]


def test_there_are_two_hundred_pairs_and_each_has_two_lines():
    assert len(PAIRS) >= 200
    assert [pair for pair in PAIRS if len(pair) != 2] == []


@pytest.mark.parametrize("line", LINES)
def test_a_spelling_means_what_its_sentence_says(line):
    match = re.fullmatch(r"(?:\[(\S+)\] )?(.+) \| (.+) \| (-|\w+ \S+)", line)
    assert match, f"not in the form of the file's head: {line}"
    date, text, spelling, expected = match.groups()
    assert spelling in text
    article = article_of({"id": "1", "lang": "en", "text": text, "published": date or ""})
    mentions = Annotator(load()).annotate(article).mentions
    found = {f"{one.kind} {one.id}" for one in mentions if one.surface == spelling}
    inside = {one.surface for one in mentions if spelling in one.surface.split()}
    if expected == "-":
        assert inside == set()
    else:
        assert expected in found
