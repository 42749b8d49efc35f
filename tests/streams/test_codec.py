"""Records, headers and origins survive the wire."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tocsin.streams.codec import cause_of, decode, encode, headers
from tocsin.streams.contract import Cause, Origin
from tocsin.streams.records import Article
from tocsin.streams.topics import ARTICLES, CATALOGUE, EVERY_TOPIC, STAGES

WHOLE = Article(id="a", url="u", source="s", title="T", text="x", first_seen=datetime(2026, 1, 1, tzinfo=UTC))


def test_a_record_comes_back_as_it_went() -> None:
    assert decode(Article, encode(WHOLE)) == WHOLE


def test_an_unknown_field_of_a_newer_version_is_passed_over() -> None:
    newer = encode(WHOLE)[:-1] + b',"mood":"grim"}'
    assert decode(Article, newer) == WHOLE


def test_a_wrong_record_is_named_by_its_place() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.id"):
        decode(Article, b'{"id":1}')


def test_what_an_output_inherits_survives_its_headers() -> None:
    cause = Cause(origin=Origin("a.b/c.v1", 3, 42), traceparent="00-ab-cd-01", replay=True)
    found = headers(ARTICLES, cause)
    assert dict(found)["schema"] == b"Article/1"
    assert Origin.parse(dict(found)["origin"].decode()) == cause.origin
    inherited = cause_of(Origin("x", 0, 1), found)
    assert (inherited.traceparent, inherited.replay) == ("00-ab-cd-01", True)


def test_the_reading_text_is_title_blank_line_text() -> None:
    assert WHOLE.reading_text == "T\n\nx"
    assert msgspec.structs.replace(WHOLE, title="").reading_text == "x"


def test_every_topic_is_named_once_and_no_two_stages_read_the_same() -> None:
    names = [topic.name for topic in EVERY_TOPIC]
    assert len(set(names)) == len(names)
    assert len({source.name for source in STAGES.values()}) == len(STAGES)
    assert set(STAGES.values()) <= set(CATALOGUE)
