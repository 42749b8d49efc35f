"""An annotator of others adds what can be, and nothing of what can't."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.annotate.door import MOST, Added, AnnotationError, joined
from tocsin.agents.lexicon.load import load
from tocsin.streams.records import Event, Label, Mention

TEXT = "Norway expels two Russian diplomats. Read more: Peru expels a spy"
TOPICS = ["expulsion", "odd"]


@pytest.fixture(scope="module")
def annotated():
    article = article_of({"id": "1", "lang": "en", "text": TEXT}, furniture=[(37, len(TEXT))])
    return Annotator(load()).annotate(article)


def label(topic="odd", score=0.7, spans=((0, 13),), rules=()):
    return Label(topic=topic, score=score, spans=spans, rules=rules)


def test_what_is_added_stands_beside_what_was_found_and_names_its_annotator(annotated):
    mention = Mention(id="x", kind="person", surface="two", start=14, end=17, role="mentioned", score=0.5)
    event = Event(type="attack", actor="NOR", spans=((0, 6),), rules=("r",), score=0.5)
    found = joined(annotated, "mine", Added(labels=[label()], mentions=[mention], events=[event]), TOPICS)
    assert [one for one in found.labels if one.topic == "odd"] == [label(rules=("mine",))]
    assert mention in found.mentions
    assert found.events[-1].rules == ("mine:r",)
    assert found.events[:-1] == annotated.events


def test_of_two_labels_of_a_topic_the_surer_stands_with_the_evidence_of_both(annotated):
    own = next(one for one in annotated.labels if one.topic == "expulsion")
    found = joined(annotated, "mine", Added(labels=[label("expulsion", 1.0, ((14, 17),), ("r",))]), TOPICS)
    both = next(one for one in found.labels if one.topic == "expulsion")
    assert both.score == 1.0
    assert both.spans == (*own.spans, (14, 17))
    assert both.rules == (*own.rules, "mine:r")


@pytest.mark.parametrize(
    ("added", "told"),
    [
        (Added(labels=[label("none")]), "no topic 'none'"),
        (Added(labels=[label(score=1.5)]), "not from 0 to 1"),
        (Added(labels=[label(spans=())]), "no span"),
        (Added(labels=[label(spans=((0, 900),))]), "not inside the text"),
        (Added(labels=[label(spans=((40, 50),))]), "furniture"),
        (Added(labels=[label()] * (MOST + 1)), "more than"),
        (Added(events=[Event(type="dance", spans=((0, 5),))]), "no event 'dance'"),
        (
            Added(mentions=[Mention(id="x", kind="org", surface="UN", start=0, end=2, role="about", score=1.0)]),
            "does not stand at",
        ),
    ],
)
def test_what_can_not_be_is_refused_with_its_reason(annotated, added, told):
    with pytest.raises(AnnotationError, match=told):
        joined(annotated, "mine", added, TOPICS)
