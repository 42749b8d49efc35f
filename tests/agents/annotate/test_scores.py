"""The scores of an annotation say what was right, given and labelled, and how sure the figures are."""

import pytest

from tocsin.agents.annotate.scores import (
    Tally,
    calibration_error,
    events_row,
    interval,
    macro,
    on_evidence,
    reliability,
    topics_row,
    total,
)


def event(kind="expel", actor="POL", target="BLR", **more):
    return {"type": kind, "actor": actor, "target": target, "status": "happened", "start": 0, "end": 40, **more}


def test_precision_and_recall_count_what_is_given_and_what_is_labelled():
    rows = [topics_row(["a"], ["a", "b"], "ab"), topics_row(["a", "b"], [], "ab")]
    summed = total(rows)
    assert summed == {"a": Tally(1, 1, 2), "b": Tally(0, 1, 1)}
    assert (summed["a"].precision, summed["a"].recall) == (1.0, 0.5)
    assert summed["a"].f1 == pytest.approx(2 / 3)
    assert macro(summed, "ab") == pytest.approx(1 / 3)


def test_nothing_given_where_nothing_is_labelled_is_right():
    assert (Tally().precision, Tally().recall, Tally().f1) == (1.0, 1.0, 1.0)


def test_an_event_is_right_when_type_and_parties_are():
    gold = [event(), event(kind="sanction")]
    row = events_row(gold, [event(), event(actor="LTU"), event(kind="sanction", target=None)])
    assert row["expel"] == Tally(1, 2, 1)
    assert row["sanction"] == Tally(0, 1, 1)
    assert row["main"] == Tally(1, 3, 2)


def test_a_meeting_has_no_order_and_other_acts_have_one():
    assert events_row([event("host_or_meet")], [event("host_or_meet", "BLR", "POL")])["main"].right == 1
    assert events_row([event()], [event(actor="BLR", target="POL")])["main"].right == 0


def test_of_two_equal_events_each_finds_its_own():
    gold = [event(count=3), event(count=5, start=100, end=140)]
    given = [event(count=5, spans=[[100, 140]]), event(count=3, spans=[[0, 40]])]
    assert events_row(gold, given)["count"] == Tally(2, 2, 2)


def test_announced_counts_as_planned_and_reversed_as_denied():
    gold = [event(status="planned"), event("sanction", status="denied")]
    given = [event(status="announced"), event("sanction", status="reversed")]
    assert events_row(gold, given)["status"] == Tally(2, 2, 2)


def test_evidence_must_share_half_of_the_shorter_and_be_short():
    assert on_evidence(event(), event(spans=[[20, 60]]))
    assert not on_evidence(event(), event(spans=[[21, 61]]))
    assert not on_evidence(event(end=900), event(spans=[[0, 401]]))


def test_intervals_hold_the_figure_and_are_the_same_each_time():
    rows = [topics_row(["a"], ["a"] if number % 3 else [], "a") for number in range(60)]
    low, high = interval(rows, lambda row: row["a"].f1)
    assert low < total(rows)["a"].f1 < high
    assert (low, high) == interval(rows, lambda row: row["a"].f1)


def test_reliability_compares_what_is_said_with_what_is_right():
    points = [(0.95, True)] * 9 + [(0.95, False)] + [(0.35, False)] * 4
    assert [(round(mean, 2), round(share, 2), count) for mean, share, count in reliability(points)] == [
        (0.35, 0.0, 4),
        (0.95, 0.9, 10),
    ]
    assert calibration_error(points) == pytest.approx((0.05 * 10 + 0.35 * 4) / 14)
