from tocsin.agents.alert.agent import schedule_agent
from tocsin.streams.records import content_id
from tocsin.streams.topics import DELIVERIES, NOTES


def run(items, endpoints=("hook", "chat")):
    return schedule_agent(lambda: endpoints).handle(items, None, None).sends


def test_an_alert_becomes_one_delivery_for_each_of_its_endpoints(make):
    item = make.item(make.alert(endpoints=("hook", "chat", "hook")))
    sends = run([item])
    assert [(send.topic, send.key, send.cause) for send in sends] == [
        (DELIVERIES, "hook", item.cause),
        (DELIVERIES, "chat", item.cause),
    ]
    assert [send.record.id for send in sends] == [content_id("alert1", "hook"), content_id("alert1", "chat")]


def test_the_time_of_the_alert_in_the_log_is_when_it_was_decided(make):
    (send,) = run([make.item(make.alert(), minutes=3)])
    assert (send.record.alert.stamps.decided - make.noon).total_seconds() == 180


def test_an_endpoint_that_no_longer_exists_ends_in_a_note_and_the_others_are_served(make):
    sends = run([make.item(make.alert(endpoints=("gone", "hook")))])
    assert [(send.topic, getattr(send.record, "reason", "")) for send in sends] == [
        (NOTES, "unknown-endpoint"),
        (DELIVERIES, ""),
    ]
    assert sends[0].record.detail == "gone"


def test_an_alert_without_endpoints_ends_in_a_note(make):
    (send,) = run([make.item(make.alert(endpoints=()))])
    assert (send.record.stage, send.record.reason) == ("schedule", "no-endpoint")


def test_a_rerun_of_history_delivers_nothing(make):
    (send,) = run([make.item(make.alert(), replay=True)])
    assert send.record.reason == "history"
