import pytest

from tocsin.agents.alert.agent import decide_agent
from tocsin.agents.alert.decide import QUOTE, Told, fact, facts, quote, shorten, told_key
from tocsin.streams.records import Event, Evidence, Note
from tocsin.streams.topics import ALERTS, NOTES


class Desk:
    """A decide stage in memory: each batch's changes are applied before the next."""

    def __init__(self, make, *subscriptions):
        self.groups = {}
        for one in subscriptions:
            self.groups.setdefault(one.group, []).append(one)
        self.agent = decide_agent(lambda group: self.groups.get(group, ()), make.explain)
        self.memory = self.agent.memory()

    def run(self, *items):
        result = self.agent.handle(items, self.memory, max(item.time for item in items))
        self.memory.apply(result.changes)
        return result.sends


def alerts(sends):
    return [send.record for send in sends if send.topic is ALERTS]


def reasons(sends):
    return [send.record.reason for send in sends if send.topic is NOTES]


def test_the_first_match_of_a_story_alerts_every_subscription_of_its_groups(make):
    desk = Desk(make, make.subscription(1), make.subscription(2), make.subscription(3, group="g2"))
    sends = desk.run(make.item(make.matched(groups=("g1", "g2"))))
    assert [(send.key, send.record.subscription) for send in sends] == [(s, s) for s in ("sub1", "sub2", "sub3")]
    assert len({alert.id for alert in alerts(sends)}) == 3


def test_a_later_article_of_the_story_is_silent_and_names_the_alert_that_told_it(make):
    desk = Desk(make, make.subscription())
    (first,) = alerts(desk.run(make.item(make.matched())))
    (send,) = desk.run(make.item(make.matched(number=2), minutes=5))
    assert send.record == Note(
        stage="decide", reason="already-alerted", article="a2", subscription="sub1", detail=first.id
    )


def test_two_articles_of_a_story_in_one_batch_give_one_alert(make):
    desk = Desk(make, make.subscription())
    sends = desk.run(make.item(make.matched()), make.item(make.matched(number=2)))
    assert len(alerts(sends)) == 1
    assert reasons(sends) == ["already-alerted"]


def test_another_story_alerts_again_with_another_id(make):
    desk = Desk(make, make.subscription())
    found = alerts(desk.run(make.item(make.matched()), make.item(make.matched(story="s2", number=2))))
    assert len({alert.id for alert in found}) == 2


@pytest.mark.parametrize(
    ("fields", "replay", "reason"),
    [({"baseline": True}, False, "baseline"), ({}, True, "history"), ({"baseline": True}, True, "baseline")],
)
def test_a_baseline_or_replayed_article_is_silent_and_leaves_nobody_told(make, fields, replay, reason):
    desk = Desk(make, make.subscription())
    assert reasons(desk.run(make.item(make.matched(**fields), replay=replay))) == [reason]
    assert len(desk.memory) == 0
    assert len(alerts(desk.run(make.item(make.matched(number=2))))) == 1


@pytest.mark.parametrize("groups", [("gone",), ()])
def test_a_group_without_subscriptions_ends_in_a_note(make, groups):
    (send,) = Desk(make, make.subscription()).run(make.item(make.matched(groups=groups)))
    assert send.record.reason == "unknown-group"
    assert send.record.detail == (groups[0] if groups else "")


def test_every_input_has_an_output_with_its_cause(make):
    desk = Desk(make, make.subscription())
    items = [
        make.item(make.matched()),
        make.item(make.matched(groups=("gone",))),
        make.item(make.matched(baseline=True)),
    ]
    assert [send.cause for send in desk.run(*items)] == [item.cause for item in items]


def test_a_second_run_of_a_batch_after_a_kill_sends_the_same_records(make):
    items = [make.item(make.matched()), make.item(make.matched(story="s2", number=2), minutes=1)]
    first = Desk(make, make.subscription()).run(*items)
    again = Desk(make, make.subscription()).run(*items)
    assert first == again


def test_an_alert_says_what_where_and_when_but_never_the_body(make):
    (alert,) = alerts(Desk(make, make.subscription()).run(make.item(make.matched())))
    assert alert.headline == make.title
    assert alert.facts == ("RUR expels FRE: 10 diplomats (happened)",)
    assert alert.evidence[0].sentence == make.title
    assert alert.reasons == ("topic:expulsion",)
    assert (alert.severity, alert.endpoints, alert.sources) == ("high", ("hook",), ("One", "Two"))
    assert alert.stamps.matched == make.noon
    assert alert.stamps.received < make.noon
    assert make.text not in repr(alert)


def test_without_a_title_the_story_gives_the_headline(make):
    (alert,) = alerts(Desk(make, make.subscription()).run(make.item(make.matched(title=""))))
    assert alert.headline == "A story"


def test_told_is_forgotten_after_thirty_days_and_not_before(make):
    desk = Desk(make, make.subscription())
    desk.run(make.item(make.matched()))
    due = desk.agent.due(desk.memory)
    assert 30 * 24 <= (due - make.noon).total_seconds() / 3600 <= 30 * 24 + 1
    desk.memory.apply(desk.agent.on_time(desk.memory, make.noon).changes)
    assert told_key("sub1", "s1") in desk.memory
    desk.memory.apply(desk.agent.on_time(desk.memory, due).changes)
    assert len(desk.memory) == 0
    assert desk.agent.due(desk.memory) is None


def test_a_great_many_are_forgotten_in_several_goes(make):
    agent = decide_agent(lambda _group: (), make.explain)
    memory = agent.memory()
    memory.apply({f"k{number}": Told(alert="x", at=make.noon) for number in range(1201)})
    due, goes = agent.due(memory), []
    while agent.due(memory) == due:
        changes = agent.on_time(memory, due).changes
        goes.append(len(changes))
        memory.apply(changes)
    assert sum(goes) == 1201
    assert max(goes) == 500


def test_a_told_that_is_renewed_is_forgotten_by_its_new_time(make):
    agent = decide_agent(lambda _group: (), make.explain)
    memory = agent.memory()
    memory.apply({"k": Told(alert="x", at=make.noon)})
    first = agent.due(memory)
    memory.apply({"k": Told(alert="x", at=first)})
    assert agent.due(memory) > first
    assert agent.on_time(memory, first).changes == {}


# -- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("short", 10, "short"),
        ("two\n  lines", 20, "two lines"),
        ("cut between the words", 14, "cut between…"),
        ("x" * 20, 10, "x" * 9 + "…"),
        ("a " + "y" * 20, 10, "a yyyyyyy…"),
    ],
)
def test_shorten_cuts_between_words_where_it_can(text, limit, expected):
    assert shorten(text, limit) == expected
    assert len(expected) <= limit


@pytest.mark.parametrize("at", [0, 10, 700, 4000, 4990])
def test_a_sentence_that_never_ends_is_quoted_around_what_matched_with_true_offsets(at):
    text = "".join(chr(97 + number * 7 % 26) for number in range(5000))
    found = Evidence(clause="c", sentence=text, start=0, end=5000, spans=((at, at + 5), (2500, 2505)))
    cut = quote(found, text)
    assert len(cut.sentence) == QUOTE
    assert text[cut.start : cut.end] == cut.sentence
    assert (at, at + 5) in cut.spans
    assert all(cut.start <= low and high <= cut.end for low, high in cut.spans)


def test_a_sentence_of_usual_length_is_quoted_whole():
    found = Evidence(clause="c", sentence="Short.", start=3, end=9)
    assert quote(found, "xx Short.") is found


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (
            Event(type="expel", actor="USA", target="RUS", count=10, object="diplomats"),
            "USA expels RUS: 10 diplomats (happened)",
        ),
        (Event(type="sanction", actor="EU", target="BLR", status="planned"), "EU sanctions BLR (planned)"),
        (Event(type="recall_envoy", actor="FRA"), "FRA recalls its envoy (happened)"),
        (Event(type="request", target="UN", attributed_to="NGO"), "unnamed calls on UN (happened, says NGO)"),
        (
            Event(type="attack", actor="A", target="B", background=True, date="2030"),
            "A attacks B: 2030 (happened, background)",
        ),
        (Event(type="new_kind", actor="A", target="B", object="aid_workers"), "A new kind B: aid workers (happened)"),
    ],
)
def test_a_fact_is_said_in_short_words(event, expected):
    assert fact(event) == expected


def test_only_events_that_touch_the_evidence_are_facts_and_each_is_said_once():
    inside = Event(type="expel", actor="A", target="B", spans=((0, 10),))
    beside = Event(type="attack", actor="C", target="D", spans=((10, 20),))
    assert facts([inside, inside, beside], [(0, 10)]) == ("A expels B (happened)",)


def test_where_no_sentence_is_evidence_every_event_but_background_is_a_fact():
    now = Event(type="expel", actor="A", target="B", spans=((0, 10),))
    past = Event(type="attack", actor="C", target="D", background=True, spans=((10, 20),))
    for evidence in ([], [(0, 0)]):
        assert facts([now, past], evidence) == ("A expels B (happened)",)
