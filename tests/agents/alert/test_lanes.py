import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from tocsin.agents.alert.agent import deliver_agent
from tocsin.agents.alert.channels import Sent
from tocsin.agents.alert.deliver import Work
from tocsin.agents.alert.lanes import Lanes
from tocsin.streams import metrics

ACCEPTED = Sent(outcome="accepted", reason="ok")


class Channel:
    """Answers with what it is given, and remembers what it was asked to send."""

    name = "fake"

    def __init__(self, *answers, gate=None):
        self.answers = list(answers)
        self.gate = gate
        self.begun = []
        self.ended = []

    async def send(self, delivery, _now):
        self.begun.append(delivery.id)
        if self.gate:
            await self.gate.wait()
        self.ended.append(delivery.id)
        answer = self.answers.pop(0) if self.answers else ACCEPTED
        if isinstance(answer, Exception):
            raise answer
        return answer


class Stage:
    """The settling half of a stage: results, state, and the offer of what changed."""

    def __init__(self, make, **channels):
        self.make = make
        self.channels = channels
        self.lanes = Lanes(channels.get)
        self.agent = deliver_agent(self.lanes)
        self.memory = self.agent.memory()
        self.receipts = []

    def take(self, *deliveries):
        items = [self.make.item(delivery) for delivery in deliveries]
        self._apply(self.agent.handle(items, self.memory, items[-1].time))

    def _apply(self, result):
        self.memory.apply(result.changes)
        self.receipts += [(send.record.delivery, send.record.outcome, send.record.reason) for send in result.sends]
        self.lanes.offer(0, result.changes)

    async def settle(self):
        found = await asyncio.wait_for(self.lanes.results(), 10)
        self._apply(self.agent.settle(self.memory, [outcome for _, outcome in found]))

    async def until(self, **statuses):
        while any(self.memory.get(key).status != status for key, status in statuses.items()):
            await self.settle()


@pytest.fixture
async def stage(make):
    made = []

    def build(**channels):
        made.append(Stage(make, **channels))
        return made[-1]

    yield build
    for one in made:
        for number in range(2):
            one.lanes.drop(number)


async def turns(number=20):
    for _ in range(number):
        await asyncio.sleep(0)


async def test_deliveries_of_an_endpoint_go_out_in_order_of_due_one_at_a_time(stage, make):
    hook = Channel()
    one = stage(hook=hook)
    one.take(make.delivery(1), make.delivery(2), make.delivery(3))
    await one.until(d1="accepted", d2="accepted", d3="accepted")
    assert hook.begun == hook.ended == ["d1", "d2", "d3"]


async def test_an_earlier_due_goes_first_whatever_was_offered_first(stage, make):
    hook = Channel()
    one = stage(hook=hook)
    work = {
        f"d{n}": Work(status="pending", endpoint="hook", at=make.noon, due=past(n), delivery=make.delivery(n))
        for n in (1, 3, 2)
    }
    one.memory.apply(work)
    one.lanes.offer(0, work)
    await one.until(d1="accepted", d2="accepted", d3="accepted")
    assert hook.begun == ["d3", "d2", "d1"]


def past(hours):
    return datetime.now(UTC) - timedelta(hours=hours)


async def test_an_endpoint_that_hangs_delays_no_other(stage, make):
    gate = asyncio.Event()
    slow, quick = Channel(gate=gate), Channel()
    one = stage(slow=slow, quick=quick)
    one.take(make.delivery(1, "slow"), *(make.delivery(n, "quick") for n in range(2, 50)))
    await one.until(**{f"d{n}": "accepted" for n in range(2, 50)})
    assert (slow.begun, slow.ended) == (["d1"], [])
    gate.set()
    await one.until(d1="accepted")


async def test_a_delivery_in_doubt_is_tried_again_when_it_is_due(stage, make):
    hook = Channel(Sent(outcome="retry", reason="timeout"))
    one = stage(hook=hook)
    one.take(make.delivery())
    await one.until(d1="accepted")
    assert hook.begun == ["d1", "d1"]
    assert [outcome for _, outcome, _ in one.receipts] == ["queued", "retry", "accepted"]


async def test_retry_after_holds_the_whole_lane_and_no_other(stage, make):
    limited, free = Channel(Sent(outcome="retry", reason="http-429", retry_after=3600.0)), Channel()
    one = stage(limited=limited, free=free)
    one.take(make.delivery(1, "limited"), make.delivery(2, "limited"), make.delivery(3, "free"))
    await one.until(d3="accepted")
    while one.memory.get("d1").attempt == 0:
        await one.settle()
    await turns()
    assert limited.begun == ["d1"]
    assert one.memory.get("d2").status == "pending"


async def test_a_channel_that_raises_is_a_retry_and_its_error_text_goes_nowhere(stage, make, capfd):
    one = stage(hook=Channel(RuntimeError("https://hooks.example/planted-secret")))
    one.take(make.delivery(1), make.delivery(2))
    await one.until(d2="accepted")
    assert ("d1", "retry", "channel-raised") in one.receipts
    shown = "".join(capfd.readouterr()) + repr(one.receipts)
    assert "planted-secret" not in shown
    assert "RuntimeError" in shown


async def test_an_endpoint_without_a_channel_is_retried_until_the_settings_are_mended(stage, make):
    one = stage()
    one.take(make.delivery())
    await one.settle()
    assert one.receipts[-1] == ("d1", "retry", "unknown-endpoint")
    one.channels["hook"] = Channel()
    await one.until(d1="accepted")


async def test_a_restart_sends_what_was_not_settled_with_the_same_id(stage, make):
    first = stage(hook=Channel())
    first.take(make.delivery())
    await turns()
    assert first.channels["hook"].ended == ["d1"]
    second = stage(hook=Channel())
    second.memory.apply(dict(first.memory.items()))
    second.lanes.offer(0, dict(second.memory.items()))
    await second.until(d1="accepted")
    assert second.channels["hook"].begun == ["d1"]


async def test_offering_the_state_again_does_not_begin_an_attempt_twice(stage, make):
    gate = asyncio.Event()
    hook = Channel(gate=gate)
    one = stage(hook=hook)
    one.take(make.delivery())
    await turns()
    one.lanes.offer(0, dict(one.memory.items()))
    gate.set()
    await one.until(d1="accepted")
    await turns()
    assert hook.begun == ["d1"]


async def test_offering_the_state_twice_before_a_lane_begins_sends_once(stage, make):
    hook = Channel()
    one = stage(hook=hook)
    one.take(make.delivery())
    one.lanes.offer(0, dict(one.memory.items()))
    await turns()
    assert hook.begun == ["d1"]


async def test_what_ended_before_its_turn_is_not_sent(stage, make):
    hook = Channel()
    one = stage(hook=hook)
    one.take(make.delivery(1), make.delivery(2))
    one.lanes.offer(0, {"d1": Work(status="accepted", endpoint="hook", at=make.noon)})
    await one.until(d2="accepted")
    assert hook.begun == ["d2"]


async def test_an_attempt_that_a_newer_state_put_off_is_not_made_yet(stage, make):
    gate = asyncio.Event()
    hook = Channel(gate=gate)
    one = stage(hook=hook)
    one.take(make.delivery(1), make.delivery(2), make.delivery(3))
    await turns()
    later = msgspec.structs.replace(one.memory.get("d2"), attempt=3, due=datetime.now(UTC) + timedelta(days=1))
    one.lanes.offer(0, {"d2": later})
    gate.set()
    await one.until(d3="accepted")
    await turns()
    assert hook.begun == ["d1", "d3"]


async def test_an_outcome_that_was_lost_in_a_rebalance_leads_to_another_try(stage, make):
    hook = Channel()
    one = stage(hook=hook)
    one.take(make.delivery())
    await one.lanes.results()
    await turns()
    one.lanes.offer(0, dict(one.memory.items()))
    await one.until(d1="accepted")
    assert hook.begun == ["d1", "d1"]


async def test_a_dropped_partition_sends_nothing_more_and_the_others_go_on(stage, make):
    gate = asyncio.Event()
    gone, kept = Channel(gate=gate), Channel()
    one = stage(gone=gone, kept=kept)
    one.take(make.delivery(1, "gone"), make.delivery(2, "gone"))
    await turns()
    one.lanes.drop(0)
    gate.set()
    work = {
        "d3": Work(
            status="pending",
            endpoint="kept",
            at=make.noon,
            due=make.noon - timedelta(days=9999),
            delivery=make.delivery(3, "kept"),
        )
    }
    one.memory.apply(work)
    one.lanes.offer(1, work)
    await one.until(d3="accepted")
    await turns()
    assert (gone.begun, gone.ended) == (["d1"], [])


async def test_closing_ends_what_is_under_way_settles_it_and_begins_nothing(stage, make):
    gate = asyncio.Event()
    hook = Channel(gate=gate)
    one = stage(hook=hook, idle=Channel())
    one.take(make.delivery(1), make.delivery(2))
    await turns()

    async def settle_for_ever():
        while True:
            found = await one.lanes.results()
            await turns()
            one._apply(one.agent.settle(one.memory, [outcome for _, outcome in found]))

    settling = asyncio.create_task(settle_for_ever())
    closing = asyncio.create_task(one.lanes.close())
    await turns()
    assert not closing.done()
    gate.set()
    await closing
    settling.cancel()
    assert [one.memory.get(key).status for key in ("d1", "d2")] == ["accepted", "pending"]
    assert hook.begun == ["d1"]


async def test_the_gauge_counts_what_waits_and_the_counter_what_has_ended(stage, make):
    def value(metric, *labels):
        return metric.labels(*labels)._value.get()

    waiting = value(metrics.DELIVERY_QUEUE, "fake")
    accepted = value(metrics.DELIVERIES, "fake", "accepted")
    gate = asyncio.Event()
    one = stage(hook=Channel(gate=gate))
    one.take(make.delivery(1), make.delivery(2), make.delivery(3))
    assert value(metrics.DELIVERY_QUEUE, "fake") == waiting + 3
    gate.set()
    await one.until(d1="accepted", d2="accepted", d3="accepted")
    one.lanes.offer(0, dict(one.memory.items()))
    assert value(metrics.DELIVERY_QUEUE, "fake") == waiting
    assert value(metrics.DELIVERIES, "fake", "accepted") == accepted + 3
