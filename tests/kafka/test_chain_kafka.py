"""The whole chain on real Kafka: poller, two workers and page as separate processes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chain import cases
from tests.chain.newsroom import Newsroom
from tests.chain.tree import Tree, tocsin

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]


@pytest.fixture
def apart(room: Newsroom, tmp_path: Path, kafka_node: Callable[[], Any]) -> Iterator[tuple[list[Tree], str]]:
    node = kafka_node()
    paths = ["/a.xml", "/b.xml", *(f"/f{number}.xml" for number in range(cases.FEEDS))]
    for path in paths:
        room.feeds.setdefault(path, [])
    common = ["--broker", node.bootstrap, "--data", str(tmp_path / "data"), *cases.options(room, paths)]
    trees = [
        Tree("poller", *common),
        Tree("worker", *common),
        Tree("worker", *common),
        Tree("web", *common, "--listen", "127.0.0.1:0"),
    ]
    yield trees, node.bootstrap
    for tree in trees:
        tree.close()


def test_one_signed_alert_per_story_with_its_evidence(room: Newsroom, apart: tuple[list[Tree], str]) -> None:
    trees, bootstrap = apart

    def ready() -> None:
        for tree in trees:
            tree.wait_for("ready", 60)

    cases.one_alert_per_story(room, ready)
    balanced = tocsin("audit", "--broker", bootstrap)
    assert balanced.returncode == 0, balanced.stdout + balanced.stderr


def test_random_kills_of_random_roles_lose_no_alert(room: Newsroom, apart: tuple[list[Tree], str]) -> None:
    trees, bootstrap = apart
    for tree in trees:
        tree.wait_for("ready", 60)

    def victim(chance: random.Random) -> tuple[str, int, Tree | None]:
        tree = chance.choice(trees)
        roles = [(role, pid, None) for pid, role in tree.children().items()]
        whole = (f"{tree.arguments[0]}'s supervisor", tree.process.pid, tree)
        return chance.choice([whole, *roles])

    cases.survives_kills(room, trees, victim, ["--broker", bootstrap])
