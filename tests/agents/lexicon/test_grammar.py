"""The pack of titles and word lists: what can't be used is refused by name."""

import tomllib
from importlib.resources import files

import pytest

from tocsin.agents.lexicon.grammar import grammar
from tocsin.agents.lexicon.packs import PackError


def pack() -> dict:
    return tomllib.loads(files("tocsin.agents.lexicon").joinpath("grammar.toml").read_text(encoding="utf-8"))


def test_the_pack_itself_can_be_used():
    assert "Governorate" in grammar(pack()).no_town


def test_a_list_that_is_missing_is_named():
    changed = pack()
    del changed["words"]["no_town"]
    with pytest.raises(PackError, match=r"grammar.toml: words: there is no list 'no_town'; add it"):
        grammar(changed)


def test_an_expression_that_is_none_is_told():
    changed = pack()
    changed["portfolios"].append("(")
    with pytest.raises(PackError, match=r"grammar.toml: not a regular expression"):
        grammar(changed)


def test_a_part_that_nobody_reads_is_refused():
    with pytest.raises(PackError, match="unknown field `title`"):
        grammar({**pack(), "title": {}})
