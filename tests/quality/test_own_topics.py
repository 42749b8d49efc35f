"""A topic that somebody writes by the README's steps alone, with ten examples, is good on sentences it never saw.

The sentences were written by somebody else, before the packs met them.
"""

import tomllib
from pathlib import Path

import pytest

from tocsin.agents.annotate.scores import Row, total
from tocsin.agents.lexicon.load import with_own
from tocsin.agents.lexicon.packs import topic_file
from tocsin.service.evaluate import labelled, topic_rows
from tocsin.service.programs import annotated_lines

FOLDER = Path(__file__).with_name("own_topics")
TOPICS = ("migration", "space-launch")


def rows(topic: str) -> list[Row]:
    pack = topic_file(tomllib.loads((FOLDER / f"{topic}.toml").read_text(encoding="utf-8")), topic)
    vocabulary = with_own((pack,))
    items = labelled(str(FOLDER / f"{topic}.jsonl"))
    found = list(zip(items, annotated_lines(items, topic, vocabulary), strict=True))
    return topic_rows(found, (topic,), lambda name: vocabulary.topics[name].precise)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_with_ten_examples_reaches_four_fifths(topic: str) -> None:
    summed = total(rows(topic))[topic]
    assert summed.labelled >= 40
    assert summed.f1 >= 0.8


@pytest.mark.parametrize("topic", TOPICS)
def test_no_sentence_is_an_example(topic: str) -> None:
    pack = tomllib.loads((FOLDER / f"{topic}.toml").read_text(encoding="utf-8"))
    examples = {*pack["examples"]["positive"], *pack["examples"]["negative"]}
    sentences = {item["text"] for item in labelled(str(FOLDER / f"{topic}.jsonl"))}
    assert len(pack["examples"]["positive"]) == 10
    assert not examples & sentences
