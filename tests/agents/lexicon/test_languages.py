"""Names of states, governments and bodies in other languages than English: each language by sentences of its own."""

import tomllib
from pathlib import Path

import pytest

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import languages, load

FOLDER = Path(__file__).with_name("languages")
CASES = [
    (path.stem, example["text"], example["ids"])
    for path in sorted(FOLDER.glob("*.toml"))
    for example in tomllib.loads(path.read_text(encoding="utf-8"))["examples"]
]


def test_every_language_has_its_sentences_and_some_that_name_nothing():
    assert {language for language, _, _ in CASES} == set(languages())
    for language in languages():
        own = [ids for one, _, ids in CASES if one == language]
        assert len(own) >= 20
        assert sum(ids == [] for ids in own) >= 5


@pytest.mark.parametrize(("language", "text", "ids"), CASES)
def test_a_sentence_names_what_it_names_and_nothing_else(language, text, ids):
    found = Annotator(load()).annotate(article_of({"id": "1", "lang": language, "text": text})).mentions
    named = {one.id for one in found if one.kind in {"country", "nationality", "government", "org"}}
    assert named == set(ids)
