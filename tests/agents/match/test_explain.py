"""An alert says by which words, in which sentence, each clause holds; and silence says which clause failed."""

import pytest

from tocsin.agents.match.explain import explain, why_not
from tocsin.agents.match.query import parse


def test_one_evidence_a_clause_in_the_order_written(expulsion):
    """Each satisfied positive clause has one Evidence, whose sentence and words stand where it says."""
    query = parse('country:SUD topic:expulsion (friday OR monday) "foreign ministry" event:expel NOT boat')
    found = explain(query, expulsion)
    clauses = [one.clause for one in found]
    assert clauses == ["country:SUD", "topic:expulsion", "friday", '"foreign ministry"', "event:expel"]
    text = expulsion.article.reading_text
    for one in found:
        assert text[one.start : one.end] == one.sentence
        assert one.matched in one.sentence
        assert all(one.start <= start < end <= one.end for start, end in one.spans)


def test_topic_and_event_bring_their_own_proof(expulsion):
    """topic: and event: show the label's and the event's spans, score and rules."""
    topic, event = explain(parse("topic:expulsion event:expel"), expulsion)
    assert (topic.matched, topic.score, topic.rules) == ("must leave by Friday", 0.9, ("leave-deadline",))
    assert topic.sentence == "The Foreign Ministry of Norland said the envoys must leave by Friday."
    assert (event.spans, event.score, event.rules) == (expulsion.events[0].spans, 0.8, ("expel-verb",))


def test_a_country_is_shown_where_the_topic_is(expulsion, span):
    """Of several mentions the one in the topic's sentence is shown; without a topic the first."""
    country, _ = explain(parse("country:NOR topic:expulsion"), expulsion)
    assert country.spans == (span(expulsion, "Norland", 1),)
    assert explain(parse("country:NOR"), expulsion)[0].spans == (span(expulsion, "Norland"),)


def test_a_word_is_shown_where_it_counts(expulsion):
    """A prefix shows the whole word; title: shows the title; a word inside furniture is not shown."""
    assert explain(parse("minist*"), expulsion)[0].matched == "Ministry"
    title = explain(parse("title:envoys"), expulsion)[0]
    assert (title.sentence, title.matched) == ("Norland expels two envoys", "envoys")
    assert explain(parse("subscribe OR leave"), expulsion)[0].clause == "leave"


def test_the_article_as_a_whole_has_no_sentence(expulsion):
    """source: and lang: name the value, and quote nothing."""
    source, language = explain(parse("source:daily.example lang:en"), expulsion)
    assert (source.matched, source.sentence, source.spans) == ("The Daily", "", ())
    assert (language.matched, language.sentence) == ("en-GB", "")


def test_without_sentences_the_line_is_quoted(build):
    """Where no sentences are known, the line is the sentence."""
    plain = build(title="Storm", text="One line here.\nAnother with a boat.")
    bare = type(plain)(article=plain.article, language="en")
    assert explain(parse("boat"), bare)[0].sentence == "Another with a boat."


def test_no_match_no_evidence(expulsion):
    """What does not match has no evidence."""
    assert explain(parse("topic:expulsion boat"), expulsion) == ()


@pytest.mark.parametrize(
    ("query", "line"),
    [
        ("friday", "the query matches this article"),
        ("friday boat", "boat (character 8) does not hold: the article has no such word"),
        ("topic:summit", "topic:summit (character 7) does not hold: the article has topic:expulsion"),
        ("target:FRA", "target:FRA (character 8) does not hold: the article has target:SUD"),
        ("(boat OR ship) friday", "none of boat (character 2), ship (character 10) holds"),
        ('title:"two boats"', 'title:"two boats" (character 7) does not hold: the title has no such phrase'),
        (
            "friday NOT mistake",
            'NOT mistake (character 12) forbids it: "Sudrian officials spoke of a mistake."',
        ),
        (
            "(boat friday) OR (ship friday)",
            "boat (character 2) does not hold: the article has no such word; and "
            "ship (character 19) does not hold: the article has no such word",
        ),
    ],
)
def test_why_not(expulsion, query, line):
    """The failing clause is named, with what is there instead."""
    assert why_not(parse(query), expulsion) == line
