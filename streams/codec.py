"""Record <-> bytes and headers. JSON on the wire, one record type a topic, the major version in the topic's name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from tocsin.streams.contract import Cause, Origin
from tocsin.streams.records import Record
from tocsin.streams.topics import Topic

HeaderList = list[tuple[str, bytes]]

_encoder = msgspec.json.Encoder()


_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
"""Decoders by record type: each takes a while to make, and is the same ever after."""


def encode(record: Record) -> bytes:
    """Return the wire form of a record."""
    return _encoder.encode(record)


def decode(record: type[Any], value: bytes) -> Any:
    """Read a record; msgspec.DecodeError or ValidationError names the place, such as `$.id`."""
    decoder = _decoders.get(record)
    if decoder is None:
        decoder = _decoders[record] = msgspec.json.Decoder(record)
    return decoder.decode(value)


def schema_name(topic: Topic) -> str:
    """Return what the `schema` header says: the record's name and the topic's major version."""
    record = topic.record.__name__ if topic.record else "raw"
    return f"{record}/{topic.name.rsplit('.v', 1)[1]}"


def headers(topic: Topic, cause: Cause | None) -> HeaderList:
    """Return the headers of an output: what it is, and what led to it."""
    found: HeaderList = [("schema", schema_name(topic).encode())]
    if cause is not None:
        found.append(("origin", str(cause.origin).encode()))
        if cause.traceparent:
            found.append(("traceparent", cause.traceparent.encode()))
        if cause.replay:
            found.append(("replay", b"1"))
    return found


def cause_of(origin: Origin, found: Iterable[tuple[str, bytes]]) -> Cause:
    """Return what the outputs of an input inherit, read from that input's own headers."""
    known = dict(found)
    return Cause(
        origin=origin,
        traceparent=(known.get("traceparent") or b"").decode("ascii", "replace"),
        replay="replay" in known,
    )
