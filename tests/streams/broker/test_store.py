"""The broker's directory: one owner, one version, nothing half made."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.streams.broker.making import batch
from tocsin.streams.broker.catalogue import design
from tocsin.streams.broker.errors import BrokerError, Code, RefusedError
from tocsin.streams.broker.log import WEEK_MS
from tocsin.streams.broker.store import Store
from tocsin.streams.broker.sync import Syncer, durable


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "log"


def opened(directory: Path) -> Store:
    store = Store(directory, Syncer(lambda error: None))
    store.open()
    return store


async def closed(store: Store) -> None:
    await store.syncer.close()
    store.close(checkpoint=True)


async def test_topics_and_records_outlast_a_restart(directory: Path) -> None:
    """Topics keep their id, partitions and settings; a partition keeps its records."""
    store = opened(directory)
    await store.create(design("a.v1", 3, {"cleanup.policy": "compact"}))
    await store.create(design("b.v1", -1, {}))
    partition = store.partition("a.v1", 2)
    partition.append(batch())
    assert await durable(store.syncer.request(partition))
    first = store.catalogue.topics["a.v1"]
    await closed(store)
    again = opened(directory)
    assert again.catalogue.topics["a.v1"] == first
    assert [len(again.topics[name]) for name in ("a.v1", "b.v1")] == [3, 12]
    assert again.partition("a.v1", 2).durable == 1
    with pytest.raises(RefusedError):
        again.partition("a.v1", 3)
    await closed(again)


async def test_a_topic_made_again_is_another(directory: Path) -> None:
    """After a deletion nothing of the old topic shows: no record, no committed offset, no file."""
    from tocsin.streams.broker.offsets import Committed

    store = opened(directory)
    await store.create(design("t", 1, {}))
    store.partition("t", 0).append(batch())
    await durable(store.syncer.request(store.partition("t", 0)))
    store.offsets.commit("g", {("t", 0): Committed(1)})
    old = store.partition("t", 0)
    await store.delete("t")
    assert old.gone
    with pytest.raises(RefusedError):
        await store.delete("t")
    await store.create(design("t", 1, {}))
    assert store.partition("t", 0).end == 0
    assert dict(store.offsets.of("g")) == {}
    assert len(list((directory / "topics").iterdir())) == 1
    await closed(store)


async def test_deletion_cut_short_is_finished(directory: Path) -> None:
    """Files of a topic that the catalogue doesn't know are removed at the next start."""
    store = opened(directory)
    await store.create(design("t", 1, {}))
    await closed(store)
    orphan = directory / "topics" / "gone.0123456789ab"
    orphan.mkdir()
    (orphan / "0-00000000000000000000.log").write_bytes(b"x")
    again = opened(directory)
    assert not orphan.exists()
    assert "t" in again.topics
    await closed(again)


def test_second_owner_is_refused(directory: Path) -> None:
    """Two brokers on one directory would destroy it: the second is told so, in another process and in the same."""
    store = opened(directory)
    with pytest.raises(BrokerError, match="in use by another broker: stop that one"):
        opened(directory)
    code = (
        "import sys, pathlib\n"
        "from tocsin.streams.broker.store import Store\n"
        "from tocsin.streams.broker.sync import Syncer\n"
        "Store(pathlib.Path(sys.argv[1]), Syncer(print)).open()\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(directory)], capture_output=True, text=True, check=False)
    assert "in use by another broker" in done.stderr
    store.close(checkpoint=False)
    opened(directory).close(checkpoint=False)


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("VERSION", "2\n", "written by a newer Tocsin .form 2, this one knows 1."),
        ("VERSION", "one\n", "should say 1"),
        ("VERSION", None, "VERSION is missing: restore it"),
        ("topics.json", "{", "list of topics can't be read"),
        ("topics.json", '{"cluster": "c", "topics": 3}', "list of topics can't be read"),
        ("topics.json", None, "topics.json is missing although there are topics"),
        ("ids", "many", "restore it from a backup"),
    ],
)
async def test_what_cannot_be_understood_is_left_alone(
    directory: Path, name: str, content: str | None, match: str
) -> None:
    """A directory of another form, or damaged, is not touched; the error names it and the mend, and frees the lock."""
    store = opened(directory)
    await store.create(design("t", 1, {}))
    await store.producer_id()
    await closed(store)
    copy = directory.with_name("copy")
    shutil.copytree(directory, copy)
    if content is None:
        (directory / name).unlink()
    else:
        (directory / name).write_text(content)
    with pytest.raises(BrokerError, match=match) as error:
        opened(directory)
    assert "\n" not in str(error.value)
    shutil.copy(copy / name, directory / name)
    again = opened(directory)
    assert "t" in again.topics
    again.close(checkpoint=False)


def test_a_file_in_the_place_of_the_directory(tmp_path: Path) -> None:
    """What is no directory is named."""
    path = tmp_path / "file"
    path.write_text("")
    with pytest.raises(BrokerError, match="is no directory: choose another"):
        opened(path)


async def test_full_disk_makes_no_topic(directory: Path, full_disk) -> None:
    """A topic that can't be written down does not exist, before and after a restart."""
    store = opened(directory)
    with full_disk(10) as refused, refused:
        await store.create(design("t", 1, {}))
    assert store.topics == {}
    await store.create(design("u", 1, {}))
    await closed(store)
    again = opened(directory)
    assert list(again.topics) == ["u"]
    await closed(again)


async def test_full_disk_is_said_at_the_start(directory: Path, full_disk) -> None:
    """Without room for the first files the error says so."""
    with full_disk(0), pytest.raises(BrokerError, match="the disk is full: make room"):
        opened(directory)


async def test_producer_ids_are_never_issued_twice(directory: Path) -> None:
    """Ids go on after a crash; some are skipped, none comes again."""
    issued: list[int] = []
    for _ in range(3):
        store = opened(directory)
        issued += [await store.producer_id() for _ in range(1500)]
        store.close(checkpoint=False)  # no word of where it was
    assert len(set(issued)) == len(issued)
    assert min(issued) >= 0


@pytest.mark.parametrize(
    ("name", "partitions", "config", "code"),
    [
        ("", 1, {}, Code.INVALID_TOPIC_EXCEPTION),
        ("..", 1, {}, Code.INVALID_TOPIC_EXCEPTION),
        ("a/b", 1, {}, Code.INVALID_TOPIC_EXCEPTION),
        ("x" * 250, 1, {}, Code.INVALID_TOPIC_EXCEPTION),
        ("t", 0, {}, Code.INVALID_PARTITIONS),
        ("t", 100_000, {}, Code.INVALID_PARTITIONS),
        ("t", 1, {"retention.hours": "5"}, Code.INVALID_CONFIG),
        ("t", 1, {"retention.ms": "long"}, Code.INVALID_CONFIG),
        ("t", 1, {"retention.ms": "-2"}, Code.INVALID_CONFIG),
        ("t", 1, {"cleanup.policy": "burn"}, Code.INVALID_CONFIG),
        ("t", 1, {"cleanup.policy": ""}, Code.INVALID_CONFIG),
    ],
)
def test_wrong_topics_are_refused(name: str, partitions: int, config: dict[str, str | None], code: Code) -> None:
    """A name that is no file name, a setting without effect: each has its code and a reason in words."""
    with pytest.raises(RefusedError) as error:
        design(name, partitions, config)
    assert error.value.code is code
    assert error.value.why


def test_settings_mean_what_they_say() -> None:
    """Compacted topics keep everything by time, others a week unless told otherwise."""
    assert design("t", 1, {"cleanup.policy": "compact", "retention.ms": "5"}).limits.retention_ms == -1
    assert design("t", 1, {"cleanup.policy": "compact,delete", "retention.ms": "5"}).limits.retention_ms == 5
    assert design("t", 1, {}).limits.retention_ms == WEEK_MS
    assert design("t", 1, {"segment.bytes": "2048", "max.message.bytes": None}).limits.segment_bytes == 2048
