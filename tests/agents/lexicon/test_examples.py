"""The examples of each topic's pack are its tests."""

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load
from tocsin.agents.lexicon.load_topics import topic_files

CASES = [
    (file.topic, sentence, shown)
    for file in topic_files()
    for shown, sentences in ((True, file.examples.positive), (False, file.examples.negative))
    for sentence in sentences
]


@pytest.mark.parametrize(("topic", "sentence", "shown"), CASES)
@pytest.mark.parametrize("place", ["title", "text"])
def test_an_example_shows_its_topic_or_does_not(topic, sentence, shown, place):
    found = Annotator(load()).annotate(article_of({"id": "1", "lang": "en", place: sentence}))
    assert (topic in {label.topic for label in found.labels}) is shown
