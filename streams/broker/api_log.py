"""Requests about the log: Produce, Fetch, ListOffsets, InitProducerId."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from kafka.record.default_records import DefaultRecordBatch

from tocsin.streams.broker.batch import Batch
from tocsin.streams.broker.errors import Code, RefusedError
from tocsin.streams.broker.log import Partition
from tocsin.streams.broker.store import Store
from tocsin.streams.broker.sync import Syncer, durable
from tocsin.streams.broker.wire import Fields, Request

FETCH_BYTES = 8 * 1024 * 1024
"""Most that one answer carries, whatever a client asks for: it bounds memory and the time that others wait."""
LATEST = -1
EARLIEST = -2
_ALL = -1


class LogApi:
    """Writes and reads partitions. `broken(error)` hears of a disk that fails otherwise than by being full."""

    def __init__(self, store: Store, syncer: Syncer, broken: Callable[[OSError], None]) -> None:
        self._store = store
        self._syncer = syncer
        self._broken = broken

    def produce(self, request: Request) -> Fields | Awaitable[Fields] | None:
        """Append batches now; answer when they are durable (acks=all), at once (1), or not at all (0)."""
        body = request.body
        refused = Code.NONE
        if body.transactional_id is not None:
            refused = Code.INVALID_TXN_STATE
        elif body.acks not in {_ALL, 0, 1}:
            refused = Code.INVALID_REQUIRED_ACKS
        written: list[dict[str, Any]] = []
        round_ended: asyncio.Future[bool] | None = None
        topics = []
        for topic in body.topic_data:
            answers = []
            for part in topic.partition_data:
                answer = self._append(topic.name, part, refused)
                answers.append(answer)
                if not answer["error_code"]:
                    round_ended = self._syncer.request(self._store.partition(topic.name, part.index))
                    written.append(answer)
            topics.append({"name": topic.name, "partition_responses": answers})
        if body.acks == 0:
            return None
        response = {"responses": topics}
        if round_ended is None or body.acks == 1:
            return response
        return _confirmed(response, written, round_ended)

    def fetch(self, request: Request) -> Fields | Awaitable[Fields]:
        """Answer with what is there, or wait for it as long as the client wishes."""
        body = request.body
        if body.session_id:
            return {"error_code": Code.FETCH_SESSION_ID_NOT_FOUND, "session_id": 0, "responses": []}
        response, enough = self._collect(body)
        if enough or body.max_wait_ms <= 0:
            return response
        return self._wait(body)

    def list_offsets(self, request: Request) -> Fields:
        """Answer with the first offset, the high watermark, or the first record that reaches a time."""
        topics = []
        for topic in request.body.topics:
            answers = []
            for part in topic.partitions:
                answer = {"partition_index": part.partition_index, "error_code": Code.NONE}
                try:
                    partition = self._store.partition(topic.name, part.partition_index)
                    offset, time_ms = _offset_at(partition, part.timestamp)
                    answer |= {"offset": offset, "timestamp": time_ms}
                except RefusedError as error:
                    answer["error_code"] = error.code
                except OSError as error:
                    answer["error_code"] = self._disk(error)
                answers.append(answer)
            topics.append({"name": topic.name, "partitions": answers})
        return {"topics": topics}

    async def init_producer_id(self, request: Request) -> Fields:
        """Give a producer an id that nobody had before."""
        if request.body.transactional_id is not None:
            code = Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
            return {"error_code": code, "producer_id": -1, "producer_epoch": -1}
        try:
            return {"error_code": Code.NONE, "producer_id": await self._store.producer_id(), "producer_epoch": 0}
        except OSError as error:
            return {"error_code": self._disk(error), "producer_id": -1, "producer_epoch": -1}

    def _append(self, topic: str, part: Any, refused: Code) -> dict[str, Any]:
        answer: dict[str, Any] = {"index": part.index, "error_code": refused, "base_offset": -1}
        if refused:
            return answer
        try:
            partition = self._store.partition(topic, part.index)
            found = partition.append(part.records or b"")
            answer |= {"base_offset": found.base, "log_start_offset": partition.start}
        except RefusedError as error:
            answer |= {"error_code": error.code, "error_message": error.why}
        except OSError as error:
            answer["error_code"] = self._disk(error)
        return answer

    def _collect(self, body: Any) -> tuple[Fields, bool]:
        left = min(max(body.max_bytes, 1), FETCH_BYTES)
        found = 0
        at_once = False
        topics = []
        for topic in body.topics:
            answers = []
            for part in topic.partitions:
                answer = self._read(topic.topic, part, left - found)
                found += len(answer["records"])
                at_once = at_once or bool(answer["error_code"])
                answers.append(answer)
            topics.append({"topic": topic.topic, "partitions": answers})
        # Without a partition there is nothing to wait for.
        return {"responses": topics}, at_once or found >= body.min_bytes or not topics

    def _read(self, topic: str, part: Any, left: int) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "partition_index": part.partition,
            "error_code": Code.NONE,
            "high_watermark": -1,
            "aborted_transactions": None,
            "records": b"",
        }
        try:
            partition = self._store.partition(topic, part.partition)
            if left > 0:
                answer["records"] = partition.read(part.fetch_offset, min(part.partition_max_bytes, left))
            mark = partition.durable
            answer |= {"high_watermark": mark, "last_stable_offset": mark, "log_start_offset": partition.start}
        except RefusedError as error:
            answer["error_code"] = error.code
        except OSError as error:
            answer["error_code"] = self._disk(error)
        return answer

    async def _wait(self, body: Any) -> Fields:
        loop = asyncio.get_running_loop()
        until = loop.time() + body.max_wait_ms / 1000
        grown = asyncio.Event()
        watched = list(self._named(body))
        for partition in watched:
            partition.watchers.add(grown.set)
        try:
            while True:
                try:
                    async with asyncio.timeout_at(until):
                        await grown.wait()
                except TimeoutError:
                    return self._collect(body)[0]
                grown.clear()
                response, enough = self._collect(body)
                if enough:
                    return response
        finally:
            for partition in watched:
                partition.watchers.discard(grown.set)

    def _named(self, body: Any) -> Iterable[Partition]:
        for topic in body.topics:
            for part in topic.partitions:
                yield self._store.partition(topic.topic, part.partition)

    def _disk(self, error: OSError) -> Code:
        self._broken(error)
        return Code.KAFKA_STORAGE_ERROR


async def _confirmed(response: Fields, written: list[dict[str, Any]], round_ended: asyncio.Future[bool]) -> Fields:
    if not await durable(round_ended):
        for answer in written:
            answer |= {"error_code": Code.KAFKA_STORAGE_ERROR, "base_offset": -1}
    return response


def _offset_at(partition: Partition, time_ms: int) -> tuple[int, int]:
    if time_ms == LATEST:
        return partition.durable, -1
    if time_ms == EARLIEST:
        return partition.start, -1
    if time_ms < 0:
        raise RefusedError(Code.INVALID_REQUEST)
    found = partition.find_time(time_ms)
    return _record_at(*found, time_ms) if found else (-1, -1)


def _record_at(batch: Batch, data: bytes, time_ms: int) -> tuple[int, int]:
    try:
        for record in DefaultRecordBatch(data):
            if record.timestamp >= time_ms:
                return record.offset, record.timestamp
    # A batch in a compression that this process can't read, or wrong inside: its first record stands for it.
    except Exception:
        return batch.base, batch.first_time
    return batch.base, batch.first_time
