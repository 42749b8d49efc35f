"""Committed offsets: there after every crash, and in a file that doesn't grow for ever."""

from __future__ import annotations

from pathlib import Path

from tocsin.streams.broker import offsets as module
from tocsin.streams.broker.offsets import Committed, Offsets


def state(directory: Path) -> dict[str, dict[tuple[str, int], Committed]]:
    """What a start finds; the files are left as they were."""
    found = Offsets(directory)
    result = {group: dict(found.of(group)) for group in found.groups()}
    found.close()
    return result


def sync(offsets: Offsets) -> None:
    offsets.begin_sync()()
    offsets.end_sync()


def test_round_trip(tmp_path: Path) -> None:
    """The last commit of each place counts, with its metadata."""
    offsets = Offsets(tmp_path)
    offsets.commit("g", {("t", 0): Committed(5), ("t", 1): Committed(7, 3, "méta")})
    offsets.commit("g", {("t", 0): Committed(6)})
    offsets.commit("h", {("u", 0): Committed(1)})
    sync(offsets)
    offsets.close()
    assert state(tmp_path) == {
        "g": {("t", 0): Committed(6), ("t", 1): Committed(7, 3, "méta")},
        "h": {("u", 0): Committed(1)},
    }


def test_forgotten_is_forgotten(tmp_path: Path) -> None:
    """A deleted group and a deleted topic leave nothing, also after a start."""
    offsets = Offsets(tmp_path)
    offsets.commit("g", {("t", 0): Committed(5), ("u", 1): Committed(7)})
    offsets.commit("h", {("t", 0): Committed(1)})
    offsets.forget_topic("t")
    assert dict(offsets.of("g")) == {("u", 1): Committed(7)}
    offsets.forget_group("g")
    sync(offsets)
    offsets.close()
    assert state(tmp_path) == {}


def test_torn_at_every_byte(tmp_path: Path) -> None:
    """Cut off anywhere, the journal holds a prefix of the commits, and takes more."""
    offsets = Offsets(tmp_path)
    sizes = [offsets._journal.size]
    for number in range(5):
        offsets.commit("g", {("t", 0): Committed(number)})
        sizes.append(offsets._journal.size)
    sync(offsets)
    path = offsets._journal.path
    offsets.close()
    whole = path.read_bytes()
    for length in range(sizes[0], len(whole) + 1):
        for other in tmp_path.glob("offsets-*"):
            other.unlink()
        path.write_bytes(whole[:length])
        complete = sum(size <= length for size in sizes) - 1
        again = Offsets(tmp_path)
        assert again.of("g").get(("t", 0)) == (Committed(complete - 1) if complete else None)
        again.commit("g", {("t", 0): Committed(99)})
        sync(again)
        again.close()
        assert state(tmp_path)["g"]["t", 0] == Committed(99)


def test_journal_is_written_anew_when_it_has_grown(tmp_path: Path, monkeypatch) -> None:
    """Many commits to the same places don't fill the disk, and nothing is lost on the way."""
    monkeypatch.setattr(module, "_GROWN", 10_000)
    offsets = Offsets(tmp_path)
    for number in range(5000):
        offsets.commit("g", {("t", number % 10): Committed(number)})
        if number % 10 == 0:
            sync(offsets)
    sync(offsets)
    offsets.close()
    files = list(tmp_path.glob("offsets-*.journal"))
    assert len(files) == 1
    assert files[0].stat().st_size < 20_000
    assert state(tmp_path) == {"g": {("t", place): Committed(4990 + place) for place in range(10)}}


def test_crash_between_the_old_journal_and_the_new(tmp_path: Path) -> None:
    """With both files there, or only part of the new one, the start finds what was committed last."""
    offsets = Offsets(tmp_path)
    offsets.commit("gone", {("t", 0): Committed(1)})
    offsets.commit("g", {("t", 0): Committed(2)})
    sync(offsets)
    old = offsets._journal.path
    before = old.read_bytes()
    offsets.forget_group("gone")
    offsets.close()
    again = Offsets(tmp_path)
    again.commit("g", {("t", 0): Committed(3)})
    again.close()
    new = again._journal.path
    assert old.exists()
    assert new.exists()
    after = new.read_bytes()
    for length in range(len(after)):
        for other in tmp_path.glob("offsets-*"):
            other.unlink()
        old.write_bytes(before)
        new.write_bytes(after[:length])
        found = state(tmp_path)["g"]["t", 0]
        assert found == Committed(2)
    for other in tmp_path.glob("offsets-*"):
        other.unlink()
    old.write_bytes(before)
    new.write_bytes(after)
    assert state(tmp_path) == {"g": {("t", 0): Committed(3)}}


def test_full_disk_changes_nothing(tmp_path: Path, full_disk) -> None:
    """A commit that doesn't fit is refused whole; once there is room, commits go on."""
    offsets = Offsets(tmp_path)
    offsets.commit("g", {("t", 0): Committed(1)})
    with full_disk(offsets._journal.size + 10) as refused, refused:
        offsets.commit("g", {("t", 0): Committed(2, -1, "x" * 100)})
    assert offsets.of("g")["t", 0] == Committed(1)
    offsets.commit("g", {("t", 0): Committed(3)})
    sync(offsets)
    offsets.close()
    assert state(tmp_path)["g"]["t", 0] == Committed(3)
