"""Whatever the text, every span lies in it, outside furniture, and says what it claims to say."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.agents.annotate.annotate import LONGEST, Annotator
from tocsin.agents.annotate.cli_form import article_of, to_line
from tocsin.agents.lexicon.load import load
from tocsin.streams.codec import decode, encode
from tocsin.streams.records import Annotated

PIECES = st.sampled_from(
    [
        "Norway ", "Russian ", "expelled ", "ten ", "diplomats ", "Moscow ", "imposed sanctions on ", "and ", "U.S. ", "\n", ". ",
        "G7 ", "summit ", "between ", "President ", "Macron ", "met ", "told to leave ", "persona non grata ", "  ", "\ue001", "İ",
        "😀 ", "“", "was ", "by ", "the ", "ambassador ", "of ", "’s ", "orders ", "out ", "banned entry ", "Taliban ",
        "rebels attacked ", "said that it would not ", "next week ", "on 31 June ", "accused them of ", "Kim Jong Un ", "in Geneva", ", Paris said",
        "signed a treaty with ", "withdrew troops from ", "calls for the release of ", "threatened war against ", "war in Iraq ", "nuclear test ",
    ]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PIECES, max_size=40).map("".join),
    st.lists(st.one_of(PIECES, st.text(max_size=5)), max_size=40).map("".join),
)


@pytest.fixture(scope="module")
def annotator():
    return Annotator(load(), threshold=0.0)


@settings(deadline=None, max_examples=300)
@given(title=TEXTS, text=TEXTS, furniture=st.lists(st.tuples(st.integers(0, 120), st.integers(1, 60)), max_size=3))
def test_every_span_slices_to_its_surface_and_stays_out_of_furniture(title, text, furniture):
    annotator = Annotator(load(), threshold=0.0)
    size = len(f"{title}\n\n{text}" if title else text)
    spans = tuple((start, min(size, start + length)) for start, length in furniture if start < size)
    article = article_of({"id": "1", "lang": "en", "title": title, "text": text}, furniture=spans)
    found = annotator.annotate(article)
    reading = article.reading_text
    for mention in found.mentions:
        assert reading[mention.start : mention.end] == mention.surface
    claimed = [span for item in (*found.labels, *found.events) for span in item.spans]
    named = [(mention.start, mention.end) for mention in found.mentions]
    for start, end in [*claimed, *found.sentences, *named]:
        assert 0 <= start < end <= len(reading)
        assert all(end <= left or right <= start for left, right in spans)
    for start, end in [*claimed, *named]:
        assert any(left <= start and end <= right for left, right in found.sentences)
    assert all(item.spans and item.rules and 0 <= item.score <= 1 for item in (*found.labels, *found.events))


def test_an_annotation_is_the_same_every_time_and_survives_the_log(annotator):
    article = article_of(
        {"id": "1", "title": "Chile expels two Peruvian diplomats", "text": "Lima said it would respond."}
    )
    found = annotator.annotate(article)
    assert found == annotator.annotate(article) == decode(Annotated, encode(found))


def test_a_pair_of_expulsions_with_sanctions_tells_who_did_what_to_whom(annotator):
    text = (
        "Ties between Prague and Minsk had got worse. The Czech Republic expelled six Belarusian diplomats and imposed new "
        "sanctions on Minsk over the hijacking. In response, Belarus expelled six Czech diplomats and banned entry to "
        "several Czech officials."
    )
    found = annotator.annotate(article_of({"id": "1", "lang": "en", "title": "A cold spring", "text": text}))
    assert {label.topic for label in found.labels} == {"expulsion", "sanctions", "diplomacy"}
    assert {(e.type, e.actor, e.target, e.count) for e in found.events} == {
        ("expel", "CZE", "BLR", 6),
        ("sanction", "CZE", "BLR", None),
        ("expel", "BLR", "CZE", 6),
        ("sanction", "BLR", "CZE", None),
    }
    start, end = next(label.spans[0] for label in found.labels if label.topic == "expulsion")
    assert "expelled six" in found.article.reading_text[start:end]


def test_furniture_tells_nothing(annotator):
    text = "Rain is expected. Read more: Ghana expels two Malian diplomats"
    article = article_of({"id": "1", "lang": "en", "text": text}, furniture=[(18, len(text))])
    found = annotator.annotate(article)
    assert (found.labels, found.events, found.mentions) == ((), (), ())


def test_title_and_body_are_not_read_as_one_sentence(annotator):
    found = annotator.annotate(
        article_of({"id": "1", "lang": "en", "title": "Togo expels", "text": "two Malian diplomats"})
    )
    assert "expulsion" not in {label.topic for label in found.labels}
    assert found.events == ()


def test_a_rule_does_not_hold_where_the_opening_says_it_does_not():
    told = Annotator(load()).annotate
    body = "European leaders gathered in Lisbon on Friday."
    titles = {title: {label.topic for label in told(article_of({"id": "1", "lang": "en", "title": title, "text": body})).labels}
              for title in ("Talks on the budget", "The former president is buried")}  # fmt: skip
    assert ["summit" in topics for topics in titles.values()] == [True, False]


def test_who_is_named_under_a_measure_is_counted_in_a_number_that_survives_the_log(annotator):
    text = "The United States imposed sanctions on Nicaraguan Vice President Rosario Murillo on Tuesday."
    found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": text, "published": "2018-11-27"}))
    assert [(event.type, type(event.count), event.count) for event in found.events] == [("sanction", int, 1)]
    assert decode(Annotated, encode(found)) == found


def test_topics_are_read_from_english_only(annotator):
    found = annotator.annotate(article_of({"id": "1", "lang": "de", "text": "Wien expels two Russian diplomats"}))
    assert found.language == "de"
    assert found.labels == ()


def test_what_stands_late_in_an_article_is_background(annotator):
    text = "The market opened. Prices rose. Oil fell. Rain came. Snow too. Spain expelled two Libyan diplomats."
    (event,) = annotator.annotate(article_of({"id": "1", "lang": "en", "text": text})).events
    assert event.background


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text",
    [
        "a" * 1_000_000,
        '"' * 10_000 + " Norway expelled two Russian diplomats. " + '"' * 10_000,
        "expelled " * 20_000,
        "Russia and " * 10_000 + "Iran expelled two diplomats",
        "the " * 30_000 + "summit",
        "Georgia " * 10_000,
        "diplomats, " * 10_000 + "expelled",
        "imposed sanctions on " * 6_000,
        "." * 200_000,
        "\ue001" * 100_000,
    ],
)  # fmt: skip
def test_a_hostile_text_is_read_in_reasonable_time(annotator, text):
    found = annotator.annotate(article_of({"id": "1", "lang": "en", "text": text}))
    assert all(end <= LONGEST for _, end in found.sentences)
    assert to_line(found, "1")["id"] == "1"
