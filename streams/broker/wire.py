"""Requests and responses on the wire, with kafka-python's schemas as the codec: the only module that knows it.

A frame is a length of four bytes and a message; a request begins with its api key, version and correlation id (KIP-482
adds tagged fields to later headers). Which versions are served stands here.
"""

from __future__ import annotations

import functools
import importlib
import struct
from collections.abc import Mapping
from typing import Any, NamedTuple

FRAME_BYTES = 16 * 1024 * 1024
"""Largest frame that is taken."""
_FIXED = struct.Struct(">hhi")
_LENGTH = struct.Struct(">h")
API_VERSIONS = 18

# Each range lies within what Apache Kafka 4 serves. The upper ends are where topic ids, transactions or the newer
# group protocol begin, or where this broker would have nothing to say.
_SERVED: dict[str, tuple[str, int, int]] = {
    "Produce": ("producer", 3, 9),
    "Fetch": ("consumer", 4, 12),
    "ListOffsets": ("consumer", 1, 6),
    "Metadata": ("metadata", 0, 12),
    "OffsetCommit": ("consumer", 2, 8),
    "OffsetFetch": ("consumer", 1, 8),
    "FindCoordinator": ("metadata", 0, 4),
    "JoinGroup": ("consumer", 0, 7),
    "Heartbeat": ("consumer", 0, 4),
    "LeaveGroup": ("consumer", 0, 5),
    "SyncGroup": ("consumer", 0, 5),
    "DescribeGroups": ("admin", 0, 5),
    "ListGroups": ("admin", 0, 5),
    "ApiVersions": ("metadata", 0, 4),
    "CreateTopics": ("admin", 2, 7),
    "DeleteTopics": ("admin", 1, 6),
    "InitProducerId": ("producer", 0, 4),
    "DescribeConfigs": ("admin", 1, 4),
    "DeleteGroups": ("admin", 0, 2),
    "DescribeCluster": ("admin", 0, 1),
}


class Api(NamedTuple):
    """One kind of request: its schemas and the versions served."""

    name: str
    key: int
    request: Any
    response: Any
    first: int
    last: int


def _apis() -> dict[int, Api]:
    found = {}
    for name, (part, first, last) in _SERVED.items():
        module = importlib.import_module(f"kafka.protocol.{part}")
        request = getattr(module, f"{name}Request")
        response = getattr(module, f"{name}Response")
        found[request.API_KEY] = Api(name, request.API_KEY, request, response, first, last)
    return found


APIS: dict[int, Api] = _apis()
"""Every request that is served, by its key."""


Fields = Mapping[str, Any]


class Request(NamedTuple):
    """A request's header, and its body where its version is served."""

    api: Api
    version: int
    correlation: int
    client: str
    body: Any


class GarbageError(Exception):
    """What came is no request that this broker serves: the connection is closed."""


def read(frame: bytes | bytearray | memoryview) -> Request:
    """Read a request without its length. `GarbageError` where it is none, or of a version that was not offered.

    `body` is None for an ApiVersions request of an unknown version, which is answered all the same (KIP-511).
    """
    try:
        key, version, correlation = _FIXED.unpack_from(frame)
        api = APIS[key]
        if not api.first <= version <= api.last:
            return _unserved(api, version, correlation)
        client, at = _client(frame, _FIXED.size)
        if api.request.flexible_version_q(version):
            at = _skip_tags(frame, at)
        body = api.request.decode(memoryview(frame)[at:], version=version)
    except GarbageError:
        raise
    # The codec raises whatever its reading stumbles over: each is bytes that are no request.
    except Exception as error:
        raise GarbageError(f"no request of the Kafka protocol ({type(error).__name__})") from None
    return Request(api, version, correlation, client, body)


def _unserved(api: Api, version: int, correlation: int) -> Request:
    if api.key != API_VERSIONS:
        raise GarbageError(f"{api.name} version {version} is not served")
    return Request(api, 0, correlation, "", None)


def write(request: Request, fields: Fields) -> bytearray:
    """Return a response as a frame with its length.

    `fields` are named as kafka-python names them, parts are lists of the same form. What is left out has the schema's
    default; what this version doesn't have is not written.
    """
    response = _shape(request.api.response, request.version, fields)
    response.with_header(request.correlation)
    frame: bytearray = response.encode(header=True, framed=True)
    return frame


def _shape(kind: Any, version: int, fields: Fields) -> Any:
    shaped = dict(fields)
    for name, part, since in _parts(kind):
        if version < since:
            shaped.pop(name, None)
        elif shaped.get(name):
            shaped[name] = [_shape(part, version, one) for one in shaped[name]]
    return kind(version=version, **shaped)


@functools.cache
def _parts(kind: Any) -> tuple[tuple[str, Any, int], ...]:
    return tuple(
        (name, field.data_class, field.min_version) for name, field in kind.fields.items() if field.is_struct_array()
    )


def _client(frame: bytes | bytearray | memoryview, at: int) -> tuple[str, int]:
    (length,) = _LENGTH.unpack_from(frame, at)
    at += _LENGTH.size
    if length < 0:
        return "", at
    return bytes(frame[at : at + length]).decode("utf-8", "replace"), at + length


def _skip_tags(frame: bytes | bytearray | memoryview, at: int) -> int:
    count, at = _varint(frame, at)
    for _ in range(count):
        _, at = _varint(frame, at)
        size, at = _varint(frame, at)
        at += size
    return at


def _varint(frame: bytes | bytearray | memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 35, 7):
        byte = frame[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
    raise GarbageError("a number without end")
