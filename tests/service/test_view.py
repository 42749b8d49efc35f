"""What the page shows of a record."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.service.web_samples import AT, SENTENCE, alert, update
from tocsin.service.web.view import Segment, ago, alert_item, language_tag, plain, safe_url, segments, story_item
from tocsin.streams.records import Evidence


def marked(pieces):
    return [piece.text for piece in pieces if piece.mark]


def test_one_sentence_is_quoted_once_with_every_clause_and_all_matched_words_marked():
    item = alert_item(alert(), AT)
    assert len(item.quotes) == 1
    assert item.quotes[0].clauses == ("topic:expulsion", "country:NOR")
    assert marked(item.quotes[0].segments) == ["Norway", "to leave the country"]
    assert "".join(piece.text for piece in item.quotes[0].segments) == SENTENCE


def test_a_quote_that_is_the_headline_is_marked_there_and_not_said_twice():
    item = alert_item(alert(headline=SENTENCE), AT)
    assert item.quotes == ()
    assert marked(item.headline) == ["Norway", "to leave the country"]


def test_a_sentence_that_no_longer_fits_its_offsets_has_its_matched_words_marked_all_the_same():
    one = Evidence(
        clause="c", sentence="Cut: they must go now", start=7, end=900, matched="must go", spans=((400, 407),)
    )
    assert segments([one]) == (Segment("Cut: they "), Segment("must go", mark=True), Segment(" now"))


def test_evidence_without_a_sentence_is_a_clause_and_no_quote():
    item = alert_item(alert(evidence=(Evidence(clause="lang:en", sentence="", start=0, end=0),), reasons=()), AT)
    assert item.clauses == ("lang:en",)
    assert item.quotes == ()


@given(
    st.text(max_size=60),
    st.lists(st.tuples(st.integers(-5, 70), st.integers(-5, 70)), max_size=6),
    st.integers(0, 1000),
)
def test_cutting_a_sentence_at_any_spans_loses_and_adds_no_word(text, spans, start):
    moved = tuple((low + start, high + start) for low, high in spans)
    one = Evidence(clause="c", sentence=text, start=start, end=start + len(text), spans=moved)
    assert "".join(piece.text for piece in segments([one])) == plain(text)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.org/x",
        "/x",
        "https://",
        "https://user:word@example.org/",
        "https://example.org/\nx",
        "https://[::1",
        "",
    ],
)
def test_what_is_no_plain_web_address_becomes_no_link(url):
    assert safe_url(url) == ""
    assert alert_item(alert(url=url), AT).url == ""
    assert story_item(update(url=url), AT).url == ""


@pytest.mark.parametrize("url", ["https://example.org/a?b=c#d", "http://127.0.0.1:8/x", "HTTPS://Example.org/ü"])
def test_a_web_address_stays_as_it_is(url):
    assert safe_url(url) == url


def test_text_from_outside_can_not_turn_the_direction_of_the_page():
    assert plain("abc\u202edef\u2066\x00\x9b") == "abcdef"
    assert alert_item(alert(headline="a\u202eb"), AT).headline == (Segment("ab"),)


@pytest.mark.parametrize(("tag", "shown"), [("en", "en"), ("pt-BR", "pt-BR"), ('"><', ""), (None, ""), ("", "")])
def test_only_a_language_tag_is_shown_as_one(tag, shown):
    assert language_tag(tag) == shown


def test_a_story_names_the_countries_it_is_about_first_and_keeps_what_earlier_articles_named():
    first = story_item(update(), AT)
    assert first.topics == ("expulsion",)
    assert first.countries == ("NOR", "IRN")
    later = story_item(update(topics=("sanctions",), sources=("Fjord Times", "Blue Wire")), AT, first)
    assert later.topics == ("expulsion", "sanctions")
    assert later.count == 2


def test_a_merge_shows_the_story_that_is_left():
    item = story_item(update("t1", merged_into="t2"), AT)
    assert (item.id, item.merged) == ("t2", "t1")


def test_many_sources_are_named_in_part_and_counted_whole():
    names = tuple(f"Paper {number}" for number in range(9))
    assert alert_item(alert(sources=names), AT).more_sources == 3
    story = story_item(update(sources=names), AT)
    assert (len(story.sources), story.count) == (6, 9)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-50, "now"), (4, "now"), (59, "59 s ago"), (60, "1 min ago"), (7_199, "1 h ago"), (200_000, "2 d ago")],
)
def test_ago_says_the_largest_whole_unit(seconds, said):
    assert ago(AT, AT + timedelta(seconds=seconds)) == said
