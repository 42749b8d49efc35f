"""Packs have one form, and an error in one names file, entry and key."""

import pytest

from tocsin.agents.lexicon.entity_packs import CountryEntry
from tocsin.agents.lexicon.load import load
from tocsin.agents.lexicon.load_topics import topic_files
from tocsin.agents.lexicon.packs import TOPICS, PackError, pattern, table, topic_file
from tocsin.agents.lexicon.vocabulary import Vocabulary, compile_pack

GOOD = {
    "topic": "summit",
    "about": "x",
    "words": {"verb": ["meets?"]},
    "rules": {"meets": {"at": ["meets"], "after": " {gap:2}{STATE}"}},
    "examples": {"positive": ["A meets B"], "negative": ["C"]},
}


def test_a_country_with_an_unknown_key_is_refused_by_file_and_code():
    with pytest.raises(PackError, match=r"countries.toml: ABC: .*unknown field `nmaes`"):
        table({"ABC": {"names": ["Abc"], "nmaes": []}}, CountryEntry, "countries.toml")


def test_a_rule_with_a_wrong_type_is_refused_by_file_and_rule():
    bad = {**GOOD, "rules": {"meets": {"at": "meets"}}}
    with pytest.raises(PackError, match=r"topics/summit.toml: rules: meets: .*at `\$\.at`"):
        topic_file(bad, "topics/summit.toml")


def test_an_unknown_name_in_a_pattern_is_refused_with_the_names_there_are():
    with pytest.raises(PackError, match=r"here: unknown name \{verbs\}.*'verb'"):
        pattern("{verbs}", {"verb": ("meets",)}, "here")


def test_a_broken_expression_is_refused_by_its_rule():
    bad = topic_file({**GOOD, "rules": {"meets": {"at": ["meets"], "after": "("}}}, "f")
    with pytest.raises(PackError, match=r"topics/f.toml: rules.meets.after: not a regular expression"):
        compile_pack(bad, "topics/f.toml")


def test_every_topic_pack_is_named_for_one_of_the_thirteen_topics():
    assert {file.topic for file in topic_files()} <= set(TOPICS)


def test_the_vocabulary_is_read_once_a_process():
    assert load() is load()
    assert isinstance(load(), Vocabulary)


def test_a_topic_that_lies_in_several_files_is_one_pack():
    packs = topic_files()
    assert len({file.topic for file in packs}) == len(packs)
    expulsion = next(file for file in packs if file.topic == "expulsion")
    assert {"expels", "mission_closed", "out_of_a_state"} <= expulsion.rules.keys()
    assert "envoys" in expulsion.words
