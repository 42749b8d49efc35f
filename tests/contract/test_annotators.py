"""The door for annotators of others: the test kit finds those that break the contract, and the chain bears them all."""

import threading

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.annotate.door import Added, AnnotationError
from tocsin.agents.annotate.kit import check_annotator
from tocsin.agents.lexicon.load import load
from tocsin.service.annotators import extras
from tocsin.service.settings import Settings, SettingsError
from tocsin.streams import metrics
from tocsin.streams.records import Label


class Exclaims:
    """Labels what shouts."""

    topics = ("shouting",)

    def __init__(self, mark: str = "!") -> None:
        self._mark = mark

    def annotate(self, annotated):
        place = annotated.article.reading_text.find(self._mark)
        spans = ((place, place + 1),)
        return Added(labels=[Label(topic="shouting", score=0.9, spans=spans)] if place >= 0 else [])


class Past(Exclaims):
    """Points past the end of the text."""

    def annotate(self, annotated):
        size = len(annotated.article.reading_text)
        return Added(labels=[Label(topic="shouting", score=0.9, spans=((size, size + 5),))])


class Moody(Exclaims):
    """Says something else each time."""

    calls = 0

    def annotate(self, annotated):
        self.calls += 1
        text = annotated.article.reading_text
        return Added(labels=[Label(topic="shouting", score=1 / (1 + self.calls), spans=((0, 1),))] if text else [])


class Breaks(Exclaims):
    """Fails."""

    def annotate(self, annotated):
        raise RuntimeError("no model")


class Hangs(Exclaims):
    """Waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def annotate(self, annotated):
        self.go.wait(30)
        return Added()


def test_the_kit_passes_what_keeps_the_contract():
    check_annotator(Exclaims())


@pytest.mark.parametrize(("bad", "error"), [(Past, AnnotationError), (Moody, AssertionError), (Breaks, RuntimeError)])
def test_the_kit_finds_what_breaks_it(bad, error):
    with pytest.raises(error):
        check_annotator(bad())


def article(text="Stop!"):
    return Annotator(load()).annotate(article_of({"id": "1", "lang": "en", "text": text}))


def made(kind, **options):
    settings = Settings(annotator={"mine": {"deadline": 0.2, **options}})
    return extras(settings, {"mine": kind})[0]


def outcome(name):
    return metrics.ANNOTATORS.labels("mine", name)._value.get()


def test_an_annotator_gets_its_options_and_what_it_adds_is_taken():
    found = made(Exclaims, mark="?").add(article("Who?"), ["shouting"])
    assert [label.rules for label in found.labels] == [("mine",)]


@pytest.mark.parametrize(("kind", "name"), [(Past, "wrong"), (Breaks, "failed")])
def test_what_fails_or_adds_what_can_not_be_is_counted_and_leaves_the_article_as_it_was(kind, name):
    before, annotated = outcome(name), article()
    assert made(kind).add(annotated, ["shouting"]) == annotated
    assert outcome(name) == before + 1


def test_what_comes_late_is_left_out_and_not_asked_again_before_it_is_done():
    slow, late, busy = made(Hangs), outcome("late"), outcome("busy")
    annotated = article()
    try:
        assert slow.add(annotated, ["shouting"]) == annotated
        assert slow.add(annotated, ["shouting"]) == annotated
    finally:
        slow._annotator.go.set()
        slow.close()
    assert (outcome("late"), outcome("busy")) == (late + 1, busy + 1)


def test_a_table_without_its_annotator_and_a_wrong_deadline_are_named():
    with pytest.raises(SettingsError, match=r"annotator.other: no such annotator; there is mine"):
        extras(Settings(annotator={"other": {}}), {"mine": Exclaims})
    with pytest.raises(SettingsError, match=r"deadline: 90 is not between 0 and the watchdog's 30 seconds"):
        extras(Settings(annotator={"mine": {"deadline": 90}}), {"mine": Exclaims})
    with pytest.raises(SettingsError, match=r"annotator.mine: .*unexpected keyword argument 'colour'"):
        extras(Settings(annotator={"mine": {"colour": "red"}}), {"mine": Exclaims})
