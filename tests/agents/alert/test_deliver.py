from datetime import timedelta

import pytest

from tocsin.agents.alert.agent import deliver_agent
from tocsin.agents.alert.channels import Sent
from tocsin.agents.alert.deliver import ATTEMPTS, DELAYS, Outcome, Work, failing_key, next_try
from tocsin.agents.alert.lanes import Lanes
from tocsin.streams.codec import decode, encode
from tocsin.streams.records import Notice
from tocsin.streams.topics import DELIVERIES, NOTES, RECEIPTS

ACCEPTED = Sent(outcome="accepted", reason="ok", status=200)
RETRY = Sent(outcome="retry", reason="http-503", status=503)
GONE = Sent(outcome="failed", reason="gone", status=410)


class Depot:
    """A deliver stage in memory, with the state written and read as the log does it."""

    def __init__(self, operator=""):
        self.agent = deliver_agent(Lanes(lambda _endpoint: None), operator)
        self.memory = self.agent.memory()

    def _apply(self, result):
        stored = {key: decode(Work, encode(work)) if work else None for key, work in result.changes.items()}
        self.memory.apply(stored)
        return result.sends

    def take(self, *items):
        return self._apply(self.agent.handle(items, self.memory, items[-1].time))

    def settle(self, *outcomes):
        return self._apply(self.agent.settle(self.memory, outcomes))

    def outcome(self, sent, key="d1", after=1.0):
        work = self.memory.get(key)
        ended = work.due + timedelta(seconds=after)
        began = ended - timedelta(milliseconds=250)
        return Outcome(
            delivery=key, sequence=work.sequence, attempt=work.attempt + 1, sent=sent, began=began, ended=ended
        )

    def fail_until_the_end(self, sent=RETRY, key="d1"):
        sends = []
        while self.memory.get(key).status == "pending":
            sends += self.settle(self.outcome(sent, key))
        return sends


def receipts(sends):
    return [(send.record.outcome, send.record.attempt) for send in sends if send.topic is RECEIPTS]


def test_a_new_delivery_waits_durably_and_has_a_receipt_under_the_alerts_id(make):
    depot, item = Depot(), make.item(make.delivery())
    (send,) = depot.take(item)
    assert (send.topic, send.key, send.cause) == (RECEIPTS, "alert1", item.cause)
    assert (send.record.outcome, send.record.attempt, send.record.at) == ("queued", 0, item.time)
    work = depot.memory.get("d1")
    assert (work.status, work.attempt, work.due, work.cause) == ("pending", 0, item.time, item.cause)
    assert work.delivery.alert.stamps.queued == item.time


def test_a_known_delivery_is_a_repeat_whether_it_waits_or_has_ended(make):
    depot = Depot()
    assert receipts(depot.take(make.item(make.delivery()), make.item(make.delivery()))) == [
        ("queued", 0),
        ("repeat", 0),
    ]
    depot.settle(depot.outcome(ACCEPTED))
    assert receipts(depot.take(make.item(make.delivery()))) == [("repeat", 0)]


def test_every_input_leads_to_an_output_with_its_cause(make):
    items = [
        make.item(make.delivery()),
        make.item(make.delivery()),
        make.item(make.delivery(2, alert=None)),
        make.item(make.delivery(3), replay=True),
        make.item(make.delivery(4, alert=None, notice=Notice(id="n", what="w", text="t", at=make.noon))),
    ]
    sends = Depot().take(*items)
    assert [send.cause for send in sends] == [item.cause for item in items]
    assert [send.record.reason for send in sends if send.topic is NOTES] == ["empty-delivery", "history"]
    assert sends[-1].key == "n"


def test_an_accepted_delivery_leaves_a_mark_without_its_content_for_four_days(make):
    depot, item = Depot(), make.item(make.delivery())
    depot.take(item)
    (send,) = depot.settle(depot.outcome(ACCEPTED))
    assert (send.record.outcome, send.record.status, send.record.milliseconds) == ("accepted", 200, 250)
    assert send.cause == item.cause
    work = depot.memory.get("d1")
    assert (work.status, work.delivery) == ("accepted", None)
    due = depot.agent.due(depot.memory)
    assert timedelta(days=4) <= due - work.at <= timedelta(days=4, hours=1)
    depot.memory.apply(depot.agent.on_time(depot.memory, due).changes)
    assert len(depot.memory) == 0


def test_a_pending_delivery_is_never_forgotten(make):
    depot = Depot()
    depot.take(make.item(make.delivery()))
    assert depot.agent.due(depot.memory) is None


def test_a_retry_waits_for_its_next_try_and_keeps_when_it_was_first_tried(make):
    depot = Depot()
    depot.take(make.item(make.delivery()))
    (first,) = depot.settle(depot.outcome(RETRY))
    began = depot.memory.get("d1").first_tried
    (second,) = depot.settle(depot.outcome(RETRY))
    assert [s.record.outcome for s in (first, second)] == ["retry", "retry"]
    work = depot.memory.get("d1")
    assert (work.attempt, work.first_tried) == (2, began)
    assert second.record.next_try == work.due > second.record.at


def test_after_the_last_attempt_it_has_failed_and_is_kept_so_that_it_can_begin_again(make):
    depot = Depot()
    depot.take(make.item(make.delivery()))
    sends = depot.fail_until_the_end()
    assert receipts(sends) == [("retry", n) for n in range(1, ATTEMPTS)] + [("failed", ATTEMPTS)]
    assert sends[-1].record.reason == f"http-503, given up after {ATTEMPTS} attempts"
    assert sends[-1].record.next_try is None
    work = depot.memory.get("d1")
    assert (work.status, work.delivery.alert.id) == ("failed", "alert1")


def test_what_no_retry_can_mend_fails_at_once_with_its_reason(make):
    depot = Depot()
    depot.take(make.item(make.delivery()))
    (send,) = depot.settle(depot.outcome(GONE))
    assert (send.record.outcome, send.record.attempt, send.record.reason, send.record.status) == (
        "failed",
        1,
        "gone",
        410,
    )


def test_a_failed_delivery_begins_again_with_the_same_id_by_a_higher_sequence_only(make):
    depot = Depot()
    depot.take(make.item(make.delivery()))
    depot.settle(depot.outcome(GONE))
    assert receipts(depot.take(make.item(make.delivery()))) == [("repeat", 0)]
    assert receipts(depot.take(make.item(make.delivery(sequence=1), replay=True))) == [("queued", 0)]
    assert receipts(depot.settle(depot.outcome(ACCEPTED))) == [("accepted", 1)]
    assert receipts(depot.take(make.item(make.delivery(sequence=2)))) == [("repeat", 0)]


def test_an_outcome_that_was_settled_before_changes_nothing(make):
    depot = Depot()
    depot.take(make.item(make.delivery()))
    outcome = depot.outcome(RETRY)
    assert len(depot.settle(outcome, outcome)) == 1
    assert depot.settle(outcome) == []
    depot.settle(depot.outcome(ACCEPTED))
    assert depot.settle(outcome) == []


# -- when -----------------------------------------------------------------------------------------------------------


def test_the_tries_span_three_days_and_the_jitter_comes_from_the_id(make):
    assert 72 * 3600 < sum(DELAYS) < 80 * 3600
    for number, delay in enumerate(DELAYS, 1):
        waits = [(next_try(f"d{n}", number, make.noon, None) - make.noon).total_seconds() for n in range(50)]
        assert len(set(waits)) > 40
        assert all(0.8 * delay <= wait <= 1.2 * delay for wait in waits)
        assert next_try("d1", number, make.noon, None) == next_try("d1", number, make.noon, None)
    assert next_try("d1", ATTEMPTS, make.noon, 5.0) is None


@pytest.mark.parametrize(("asked", "waited"), [(90.0, 90.0), (10 * 3600.0, 6 * 3600.0)])
def test_retry_after_is_honoured_up_to_six_hours(make, asked, waited):
    assert (next_try("d1", 1, make.noon, asked) - make.noon).total_seconds() == waited


def test_a_short_retry_after_does_not_shorten_the_wait(make):
    assert next_try("d1", 5, make.noon, 1.0) == next_try("d1", 5, make.noon, None)


# -- the operator ----------------------------------------------------------------------------------------------------


def notices(sends):
    return [send for send in sends if send.topic is DELIVERIES]


def test_the_operator_hears_once_of_an_endpoint_that_fails_ten_times_in_a_row(make):
    depot = Depot(operator="ops")
    item = make.item(make.delivery())
    depot.take(item)
    sends = [depot.settle(depot.outcome(RETRY)) for _ in range(11)]
    assert [len(notices(one)) for one in sends] == [0] * 9 + [1, 0]
    (send,) = notices(sends[9])
    assert (send.key, send.record.endpoint, send.cause) == ("ops", "ops", item.cause)
    assert send.record.alert is None
    assert send.record.notice.what == "endpoint-failing"
    assert "hook" in send.record.notice.text
    assert "http-503" in send.record.notice.text


def test_failures_of_several_deliveries_add_up_and_an_accepted_one_ends_the_incident(make):
    depot = Depot(operator="ops")
    depot.take(*(make.item(make.delivery(n)) for n in range(1, 21)))
    first = depot.settle(*(depot.outcome(RETRY, f"d{n}") for n in range(1, 10)))
    assert notices(first) == []
    depot.settle(depot.outcome(ACCEPTED, "d10"))
    assert failing_key("hook") not in depot.memory
    second = depot.settle(*(depot.outcome(RETRY, f"d{n}") for n in range(1, 10)))
    assert notices(second) == []
    third = depot.settle(*(depot.outcome(RETRY, f"d{n}") for n in range(11, 15)))
    assert len(notices(third)) == 1


def test_a_delivery_given_up_is_told_at_once_and_a_new_incident_has_a_new_id(make):
    depot = Depot(operator="ops")
    depot.take(*(make.item(make.delivery(n), minutes=n) for n in range(1, 4)))
    first = notices(depot.settle(depot.outcome(GONE)))
    depot.settle(depot.outcome(ACCEPTED, "d2"))
    second = notices(depot.settle(depot.outcome(GONE, "d3")))
    assert first[0].record.notice.id != second[0].record.notice.id


@pytest.mark.parametrize("operator", ["", "hook"])
def test_without_another_endpoint_there_is_no_notice_about_it(make, operator):
    depot = Depot(operator=operator)
    depot.take(make.item(make.delivery()))
    assert notices(depot.fail_until_the_end()) == []
