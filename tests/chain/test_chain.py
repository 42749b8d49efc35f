"""The whole chain on the embedded broker: one process tree, feeds in, signed alerts out."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from tests.chain import cases
from tests.chain.newsroom import Newsroom
from tests.chain.tree import Tree, tocsin

pytestmark = [pytest.mark.chain, pytest.mark.timeout(900)]


def start(room: Newsroom, directory: Path, paths: list[str]) -> Tree:
    for path in paths:
        room.feeds.setdefault(path, [])
    data = ["--data", str(directory), "--listen", "127.0.0.1:0"]
    return Tree("run", *data, *cases.options(room, paths))


def test_one_signed_alert_per_story_with_its_evidence(room: Newsroom, tmp_path: Path) -> None:
    tree = start(room, tmp_path, ["/a.xml", "/b.xml"])
    try:
        cases.one_alert_per_story(room, lambda: tree.wait_for("ready"))
        balanced = tocsin("audit", "--data", str(tmp_path))
        assert balanced.returncode == 0, balanced.stdout + balanced.stderr
    finally:
        tree.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_is_clean_and_leaves_no_process_behind(room: Newsroom, tmp_path: Path, number: signal.Signals) -> None:
    tree = start(room, tmp_path, ["/a.xml"])
    try:
        tree.wait_for("ready")
        children = tree.children()
        assert sorted(children.values()) == ["poller", "web", "worker"]
        assert tree.end(number) == 0, "\n".join(tree.lines)
        assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    finally:
        tree.close()


def test_a_second_instance_on_the_same_data_is_refused_in_one_line(room: Newsroom, tmp_path: Path) -> None:
    tree = start(room, tmp_path, ["/a.xml"])
    try:
        tree.wait_for("ready")
        second = tocsin("run", "--data", str(tmp_path), "--listen", "127.0.0.1:0")
        assert second.returncode == 1
        assert len(second.stderr.strip().splitlines()) == 1, second.stderr
        assert str(tmp_path) in second.stderr
    finally:
        tree.close()


def test_only_articles_that_kill_the_annotator_are_dead_lettered(room: Newsroom, tmp_path: Path) -> None:
    room.feeds["/a.xml"] = []
    killers = str(Path(__file__).with_name("killers"))
    environment = {"TOCSIN_WATCHDOG": "2", "PYTHONPATH": os.pathsep.join([killers, os.environ.get("PYTHONPATH", "")])}
    data = ["--data", str(tmp_path), "--listen", "127.0.0.1:0"]
    tree = Tree("run", *data, *cases.options(room, ["/a.xml"]), environment=environment)
    try:
        cases.only_killers_are_dead_lettered(room, tree, ["--data", str(tmp_path)])
    finally:
        tree.close()


def test_random_kills_of_random_roles_lose_no_alert(room: Newsroom, tmp_path: Path) -> None:
    paths = [f"/f{number}.xml" for number in range(cases.FEEDS)]
    tree = start(room, tmp_path, paths)
    try:
        tree.wait_for("ready")

        def victim(chance: random.Random) -> tuple[str, int, Tree | None]:
            roles = [(role, pid, None) for pid, role in tree.children().items()]
            return chance.choice([("supervisor and broker", tree.process.pid, tree), *roles])

        cases.survives_kills(room, [tree], victim, ["--data", str(tmp_path)])
    finally:
        tree.close()
