"""What of an article a query can ask for."""

import pytest

from tocsin.agents.match.features import features, holds
from tocsin.agents.match.query import parse
from tocsin.agents.match.words import placed_words, words
from tocsin.streams.records import StoryUpdate


def matches(query, annotated):
    return holds(parse(query).tree, features(annotated))


@pytest.mark.parametrize(
    "query",
    [
        "EXPELS envoys",
        '"foreign ministry"',
        "minist*",
        "topic:expulsion",
        "event:expel actor:NOR target:SUD",
        "country:NOR country:SUD",
        "entity:foreign_ministry",
        'entity:"Foreign Ministry"',
        "entity:sudrian",
        'source:"the daily"',
        "source:daily.example",
        "source:www.daily.example",
        "lang:en",
        "lang:en-gb",
        "title:norland",
        'title:"two envoys"',
        "title:expel*",
        "friday NOT monday",
    ],
)
def test_holds(expulsion, query):
    """Each field asks for what its name says, in any spelling of case."""
    assert matches(query, expulsion)


@pytest.mark.parametrize(
    "query",
    [
        "subscribe",
        '"two envoys the foreign ministry"',
        '"by friday sudrian"',
        "title:ministry",
        "title:minist*",
        "country:FRA",
        "source:example",
        "lang:e",
        "topic:summit",
        "envoys NOT friday",
        '"a summit of"',
    ],
)
def test_does_not_hold(expulsion, query):
    """Furniture is never matched, no phrase crosses a sentence or the end of the title, and a host needs its name."""
    assert not matches(query, expulsion)


def test_an_organisation_is_no_country(expulsion):
    """`country:` takes countries, nationalities and governments only."""
    assert "country:FOREIGN_MINISTRY" not in features(expulsion).terms
    assert "entity:FOREIGN_MINISTRY" in features(expulsion).terms


def test_update_and_article_are_the_same(expulsion):
    """A StoryUpdate is asked for what its article holds."""
    update = StoryUpdate(annotated=expulsion, story="s", relation="first", headline="h")
    assert features(update) == features(expulsion)


def test_diacritics_and_signs(build):
    """Diacritics are folded, in either form of writing; signs without spaces are matched as they follow each other."""
    article = build(title="", text="Le ministe\u0300re d’État. 俄罗斯外交官被驱逐. Øresund")
    assert matches("ministère etat", article)
    assert matches("外交官", article)
    assert not matches("官交外", article)
    assert matches("oresund", article)


def test_a_broken_address_is_no_reason_to_fail(build):
    """An address that can't be read gives no host, and the article is matched all the same."""
    assert matches('norland source:"the daily"', build(url="http://[broken"))


@pytest.mark.parametrize("text", ["It's A.B. C-3", "ﬁne ½ ™x", "İstanbul ΟΔΟΣ ß", "हिन्दी में", "", "日本語とEnglish"])
def test_places_are_of_the_same_words(text):
    """Words and placed words are one cut, and each place holds its word."""
    placed = placed_words(text, 10)
    assert [word for word, _ in placed] == words(text)
    assert all(word in words(text[start - 10 : end - 10]) for word, (start, end) in placed)
