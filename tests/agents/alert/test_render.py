import json
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tocsin.agents.alert import body as bodies
from tocsin.agents.alert.body import AlertBody, NoticeBody, json_schema
from tocsin.agents.alert.render import (
    SLACK_SECTION,
    SLACK_TOTAL,
    slack_escape,
    slack_link,
    slack_message,
    terminal_text,
    webhook_body,
)
from tocsin.streams.records import Evidence, Notice
from tocsin.streams.schemas import as_text

SCHEMA = Path(__file__).parents[3] / "agents" / "alert" / "schemas" / "webhook_v1.json"


def notice(make):
    text = "endpoint hook: 10 failures in a row"
    return make.delivery(alert=None, notice=Notice(id="n1", what="endpoint-failing", text=text, at=make.noon))


def long_alert(make, char="x"):
    evidence = Evidence(clause="topic:" + char * 500, sentence=char * 600, start=0, end=600)
    return make.alert(
        headline=char * 5000, facts=(char * 900,) * 5, evidence=(evidence,) * 20, sources=(char * 300,) * 90
    )


# -- webhook ----------------------------------------------------------------------------------------------------------


def test_the_committed_schema_is_the_one_of_the_code():
    """After a change that is meant: write `as_text(json_schema())` to the file. Within version 1 only add."""
    assert SCHEMA.read_text(encoding="utf-8") == as_text(json_schema())


@pytest.mark.parametrize(
    ("kind", "expected"), [("first", "alert.created"), ("update", "alert.updated"), ("test", "alert.test")]
)
def test_the_type_says_what_it_is_and_only_a_test_is_marked_as_one(make, kind, expected):
    found = json.loads(webhook_body(make.delivery(alert=make.alert(kind=kind)), make.noon))
    assert found["type"] == expected
    assert found["data"]["test"] is (kind == "test")


def test_the_body_has_every_field_of_its_type_and_reads_back(make):
    raw = webhook_body(make.delivery(), make.noon)
    read = msgspec.json.decode(raw, type=AlertBody)
    assert msgspec.json.encode(read) == raw
    assert read.data.evidence[0].sentence == make.title
    assert read.data.story == bodies.StoryData(id="s1", sequence=0)
    assert set(json.loads(raw)["data"]) == set(json_schema()["$defs"]["AlertData"]["properties"])


def test_a_notice_has_its_own_type(make):
    read = msgspec.json.decode(webhook_body(notice(make), make.noon), type=NoticeBody)
    assert (read.type, read.data.what, read.timestamp) == ("operator.notice", "endpoint-failing", make.noon)


def test_the_body_is_the_same_on_every_try(make):
    assert webhook_body(make.delivery(), make.noon) == webhook_body(make.delivery(), make.noon + timedelta(days=2))


def test_a_body_stays_within_the_twenty_kilobytes_that_the_specification_advises(make):
    quotes = tuple(Evidence(clause="c" * 80, sentence="語" * 600, start=0, end=600, rules=(str(n),)) for n in range(20))
    alert = make.alert(evidence=quotes, sources=("A Daily Paper",) * 100)
    raw = webhook_body(make.delivery(alert=alert), make.noon)
    assert len(raw) <= 20_000
    kept = json.loads(raw)["data"]["evidence"]
    assert [one["rules"] for one in kept] == [[str(n)] for n in range(len(kept))]
    assert 5 < len(kept) < 20


def test_a_delivery_of_nothing_is_an_error_that_names_it(make):
    with pytest.raises(ValueError, match="d1 holds neither"):
        webhook_body(make.delivery(alert=None), make.noon)


# -- Slack ------------------------------------------------------------------------------------------------------------


def texts(message):
    for block in message["blocks"]:
        yield block["text"]["text"] if "text" in block else block["elements"][0]["text"]


def test_a_message_holds_headline_facts_quote_clause_and_sources(make):
    message = slack_message(make.delivery())
    shown = "\n".join(texts(message))
    for part in (
        make.title,
        "RUR expels FRE",
        "topic:expulsion",
        "Ruritania Times",
        "Desk 1",
        "https://news.example/1",
    ):
        assert part in shown
    assert message["unfurl_links"] is message["unfurl_media"] is False
    assert make.title in message["text"]


HOSTILE = "<!channel> & <https://evil.example|bank> <@U123>"


def test_foreign_text_can_neither_mention_nor_link(make):
    evidence = Evidence(clause=HOSTILE, sentence=HOSTILE, start=0, end=9)
    alert = make.alert(
        headline=HOSTILE, facts=(HOSTILE,), evidence=(evidence,), sources=(HOSTILE,), subscription_name=HOSTILE
    )
    message = slack_message(make.delivery(alert=alert))
    for text in [*texts(message), message["text"]]:
        for angle in ("<!", "<@", "<https://evil"):
            assert angle not in text
    said = slack_message(make.delivery(alert=None, notice=Notice(id="n", what=HOSTILE, text=HOSTILE, at=make.noon)))
    assert all("<" not in text for text in texts(said))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/x?a=1&b=2", "<https://a.example/x?a=1&amp;b=2|T>"),
        ("https://a.example/|bank.example", "<https://a.example/%7Cbank.example|T>"),
        ("https://a.example/><!channel>", "<https://a.example/%3E%3C!channel%3E|T>"),
        ("https://a.example/a b", "<https://a.example/a%20b|T>"),
        ("javascript:alert(1)", "T"),
        ("", "T"),
        ("https://a.example/" + "x" * 3000, "T"),
    ],
)
def test_a_link_leads_where_it_says_and_only_to_the_web(url, expected):
    assert slack_link(url, "T") == expected


@pytest.mark.parametrize("char", ["x", "&", "<", "語", '"', "\\"])
def test_a_message_keeps_slacks_limits_and_drops_quotes_before_anything_else(make, char):
    message = slack_message(make.delivery(alert=long_alert(make, char)))
    assert len(message["blocks"]) <= 50
    assert all(0 < len(text) <= SLACK_SECTION for text in texts(message))
    assert sum(len(json.dumps(block, ensure_ascii=False)) for block in message["blocks"]) <= SLACK_TOTAL + 500
    assert message["blocks"][-1]["type"] == "context"
    assert message["blocks"][0]["text"]["text"].startswith("🟠")


def test_an_escape_is_never_cut_in_two():
    for limit in range(5, 40):
        text = slack_escape("&<>" * 20, limit)
        assert len(text) <= limit
        rest = text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "")
        assert rest == "…"


def test_a_test_alert_says_so_in_slack_and_on_the_terminal(make):
    delivery = make.delivery(alert=make.alert(kind="test"))
    assert "*TEST*" in slack_message(delivery)["text"]
    assert terminal_text(delivery).startswith("TEST HIGH")


# -- terminal ---------------------------------------------------------------------------------------------------------


def test_a_block_is_readable_and_ends_with_an_empty_line(make):
    assert terminal_text(make.delivery()) == (
        "HIGH Ruritania expels ten diplomats of Freedonia\n"
        "  Ruritania Times, Two · Desk 1\n"
        "  - RUR expels FRE: 10 diplomats (happened)\n"
        "  “Ruritania expels ten diplomats of Freedonia”\n"
        "    topic:expulsion (0.93)\n"
        "  https://news.example/1\n\n"
    )


def test_a_sentence_is_quoted_once_for_all_its_clauses_and_clauses_without_one_come_last(make):
    evidence = (
        Evidence(clause="lang:en", sentence="", start=0, end=0, matched="en"),
        Evidence(clause="topic:expulsion", sentence="One.", start=0, end=4, score=0.9),
        Evidence(clause="country:RUR", sentence="One.", start=0, end=4),
        Evidence(clause="trade", sentence="Two.", start=5, end=9),
    )
    delivery = make.delivery(alert=make.alert(evidence=evidence, facts=()))
    assert terminal_text(delivery).splitlines()[2:-2] == [
        "  “One.”",
        "    topic:expulsion (0.90), country:RUR",
        "  “Two.”",
        "    trade",
        "    lang:en",
    ]
    assert list(texts(slack_message(delivery)))[1:-1] == [
        ">One.\n`topic:expulsion (0.90), country:RUR`",
        ">Two.\n`trade`",
        "`lang:en`",
    ]


def test_a_notice_is_shown_as_one(make):
    assert terminal_text(notice(make)) == "NOTICE endpoint-failing\n  endpoint hook: 10 failures in a row\n\n"


def test_foreign_text_sends_the_terminal_no_commands(make):
    bad = "a\x1b[2Jb\u202ec\x9b1md\x07e\nf"
    evidence = Evidence(clause=bad, sentence=bad, start=0, end=9)
    alert = make.alert(headline=bad, facts=(bad,), evidence=(evidence,), sources=(bad,), url=bad, subscription_name=bad)
    plain = terminal_text(make.delivery(alert=alert))
    assert not any(char in plain for char in "\x1b\x9b\x07\u202e")
    assert len(plain.splitlines()) == 7


def test_colour_is_for_those_who_ask_and_changes_no_word(make):
    plain, colored = terminal_text(make.delivery()), terminal_text(make.delivery(), color=True)
    assert "\x1b[" not in plain
    assert colored.startswith("\x1b[1;35mHIGH\x1b[0m")


def test_many_sources_are_counted_rather_than_listed(make):
    shown = terminal_text(make.delivery(alert=make.alert(sources=tuple(f"Paper {n}" for n in range(25)))))
    assert "Paper 19 and 5 more" in shown
    assert "Paper 20" not in shown
