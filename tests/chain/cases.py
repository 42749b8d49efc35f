"""The chain's promises, as cases that run on the embedded broker and on Apache Kafka."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

from tests.chain.articles import BULGARIA, CLUB, COUNTRIES, EXPULSION, REWORDED, expulsion_by, plain
from tests.chain.newsroom import SECRET, Newsroom, item
from tests.chain.tree import Tree, tocsin

QUERY = "topic:expulsion AND country:RUS"
ARTICLES = 2000
FEEDS = 20


def options(room: Newsroom, paths: Sequence[str], every: str = "0.5") -> list[str]:
    """Return the options that make a chain watch the newsroom."""
    feeds = [part for path in paths for part in ("--feed", room.url + path)]
    hook = ["--webhook", f"{room.url}/hook", "--webhook-secret", SECRET]
    reach = ["--allow-net", "127.0.0.0/8", "--since", "2000-01-01", "--every", every]
    return [*feeds, *hook, "--query", QUERY, *reach]


def one_alert_per_story(room: Newsroom, ready: Callable[[], Any]) -> None:
    """The page with its furniture alerts once, a rewording not again, another expulsion by itself, a club never."""
    room.feeds["/a.xml"] = [item(*EXPULSION, "https://news.example/a/1")]
    room.feeds["/b.xml"] = []
    ready()
    room.wait_for(1, 20)
    first = room.received[0]
    polled = room.polled["/a.xml"]
    assert first.signed, "the signature must verify"
    assert first.body["type"] == "alert.created"
    said = json.dumps(first.body["data"])
    assert "expelled ten" in said, "the expulsion's sentence is quoted"
    assert "Required fields" not in said, "furniture is never quoted"
    assert first.at - polled < 10
    room.feeds["/b.xml"] = [item(*REWORDED, "https://other.example/b/1"), item(*CLUB, "https://other.example/b/2")]
    time.sleep(3)
    assert len(room.created()) == 1, "a rewording of the same expulsions is no second first alert"
    room.feeds["/b.xml"].append(item(*BULGARIA, "https://other.example/b/3"))
    room.wait_for(2, 20)
    time.sleep(2)
    titles = [received[0].body["data"]["headline"] for received in room.created().values()]
    assert len(titles) == 2, titles
    assert any("Bulgaria" in title for title in titles), titles


KILLERS = ("raise", "exit", "loop", "regex")


def only_killers_are_dead_lettered(room: Newsroom, tree: Tree, log: Sequence[str]) -> None:
    """Articles on which the annotator raises, ends the process or hangs: exactly they end as dead letters."""
    tree.wait_for("ready", 60)
    entries = [(*plain(n), f"https://news.example/plain/{n}") for n in range(60)]
    for number, country in enumerate(COUNTRIES[:6]):
        entries.insert(number * 11, (*expulsion_by(country), f"https://news.example/x/{number}"))
    for number, how in enumerate(KILLERS):
        text = f"An article that makes the annotator {how}."
        entries.insert(7 + number * 13, (f"killer: {how}", text, f"https://news.example/k/{how}"))
    room.feeds["/a.xml"] = [item(*entry) for entry in entries]
    room.wait_for(6, 240)
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        found = json.loads(tocsin("audit", "--json", *log).stdout or "{}")
        stages = found.get("stages", [])
        if stages and stages[0]["committed"] >= len(entries) and not any(stage["waiting"] for stage in stages):
            break
        time.sleep(1)
    assert all(stage["missing"] == 0 and stage["waiting"] == 0 for stage in stages), stages
    listed = tocsin("deadletters", "list", *log).stdout.strip().splitlines()
    print("\n".join(listed))
    titles = []
    for line in listed:
        shown = tocsin("deadletters", "show", line.split("  ")[1], *log).stdout
        titles += [how for how in KILLERS if f"killer: {how}" in shown]
    assert sorted(titles) == sorted(KILLERS), listed
    assert len(listed) == len(KILLERS), listed
    assert len(room.created()) == 6


def news() -> tuple[list[tuple[str, str, str]], list[str]]:
    """Return 2,000 articles, expulsions among them, and the headlines that must alert."""
    entries = [(*plain(n), f"https://news.example/plain/{n}") for n in range(ARTICLES - len(COUNTRIES))]
    expected = []
    for number, country in enumerate(COUNTRIES):
        title, text = expulsion_by(country)
        expected.append(title)
        entries.insert(number * 61 % len(entries), (title, text, f"https://news.example/x/{number}"))
    return entries, expected


def survives_kills(
    room: Newsroom,
    trees: Sequence[Tree],
    victims: Callable[[random.Random], tuple[str, int, Tree | None]],
    audit: Sequence[str],
    counts: tuple[int, int] = (30, 30),
) -> None:
    """Random kills and stops of random roles while 2,000 articles flow: every alert, none under two ids, balanced."""
    chance = random.Random(7)
    ends = [signal.SIGKILL] * counts[0] + [signal.SIGTERM] * counts[1]
    chance.shuffle(ends)
    entries, expected = news()
    share = -(-len(entries) // len(ends))
    done: dict[str, int] = {}
    for number, end in enumerate(ends):
        for place, entry in enumerate(entries[number * share : (number + 1) * share]):
            room.feeds[f"/f{place % FEEDS}.xml"].append(item(*entry))
        time.sleep(chance.uniform(0.2, 2.0))
        role, pid, tree = victims(chance)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, end)
        done[f"{role} {end.name}"] = done.get(f"{role} {end.name}", 0) + 1
        if tree is not None:
            tree.process.wait(15)
            tree.start()
    for tree in trees:
        tree.wait_for("ready", 60)
    room.wait_for(len(expected), 180)
    balanced = _settled(audit)
    created = room.created()
    by_headline: dict[str, set[str]] = {}
    for identity, received in created.items():
        by_headline.setdefault(received[0].body["data"]["headline"], set()).add(identity)
    print(f"ends: {done}")
    repeats = sum(len(one) - 1 for one in created.values())
    print(f"articles: {ARTICLES}, expected alerts: {len(expected)}, received: {len(by_headline)}, repeated: {repeats}")
    print(json.dumps(balanced["deliveries"]))
    assert set(by_headline) == set(expected), set(expected) ^ set(by_headline)
    assert all(len(ids) == 1 for ids in by_headline.values()), "an alert came under two ids"
    assert all(one.signed for one in room.received)


def _settled(audit: Sequence[str], seconds: float = 120) -> Any:
    deadline = time.monotonic() + seconds
    while True:
        answer = tocsin("audit", "--json", *audit)
        found = json.loads(answer.stdout) if answer.stdout else None
        if found and not any(stage["waiting"] for stage in found["stages"]):
            break
        if time.monotonic() > deadline:
            break
        time.sleep(1)
    assert found, answer.stderr
    for stage in found["stages"]:
        print(stage)
        assert stage["missing"] == 0, stage
        assert stage["waiting"] == 0, stage
        assert stage["dead_letters"] == 0, stage
    assert found["stages"][0]["committed"] >= ARTICLES
    return found
