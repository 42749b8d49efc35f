"""Faults and bad input on the embedded broker, with real process trees: told, waited for, and nothing lost."""

from __future__ import annotations

import json
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from kafka import KafkaProducer

from tests.chain import cases
from tests.chain.articles import BULGARIA, COUNTRIES, EXPULSION, expulsion_by
from tests.chain.newsroom import SECRET, Newsroom, item
from tests.chain.tree import Tree, tocsin

pytestmark = [pytest.mark.chain, pytest.mark.timeout(240)]


@pytest.fixture
def trees() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def begin(trees: ExitStack, *arguments: str) -> Tree:
    tree = Tree(*arguments)
    trees.callback(tree.close)
    return tree


def run(trees: ExitStack, room: Newsroom, directory: Path, paths: Sequence[str], *more: str) -> Tree:
    for path in paths:
        room.feeds.setdefault(path, [])
    data = ["--data", str(directory), "--listen", "127.0.0.1:0"]
    return begin(trees, "run", *data, *cases.options(room, paths), *more)


def until(true: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert true()


def expulsion(number: int) -> str:
    return item(*expulsion_by(COUNTRIES[number]), f"https://news.example/x/{number}")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def one_line(stderr: str) -> str:
    lines = stderr.strip().splitlines()
    assert len(lines) == 1, stderr
    return lines[0]


def balanced(*log: str) -> None:
    def settled() -> bool:
        stages = json.loads(tocsin("audit", "--json", *log).stdout)["stages"]
        return not any(stage["waiting"] for stage in stages)

    until(settled)
    answer = tocsin("audit", *log)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_broken_feeds_are_told_and_the_others_go_on(room: Newsroom, tmp_path: Path, trees: ExitStack) -> None:
    settings = tmp_path / "tocsin.toml"
    settings.write_text(f'[endpoint.operator]\nchannel = "webhook"\nurl = "{room.url}/operator"\n')
    room.raw = {"/html.xml": b"<html><body>No feed lives here</body></html>", "/noise.xml": bytes(range(256)) * 20}
    room.mute = {"/mute.xml"}
    room.feeds["/good.xml"] = [item(*EXPULSION, "https://news.example/a/1")]
    paths = ["/good.xml", "/none.xml", "/html.xml", "/noise.xml"]
    # A host is asked one thing at a time, so the feed that hangs has to be another host's.
    mute = ["--feed", room.url.replace("127.0.0.1", "localhost") + "/mute.xml"]
    data = ["--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--config", str(settings)]
    tree = begin(trees, "run", *data, *mute, *cases.options(room, paths, every="0.2"))
    room.wait_for(1, 30)
    assert len(room.created()) == 1, "\n".join(tree.lines)

    def told() -> list[str]:
        return [one.body["data"]["text"] for one in room.received if one.body["type"] == "operator.notice"]

    until(lambda: len(told()) >= 3, 120)
    said = " ".join(told())
    assert "not-found" in said, said
    assert said.count("not-a-feed") == 2, said
    assert all(one.path == "/operator" for one in room.received if one.body["type"] == "operator.notice")
    assert any("feed-failed" in line and "not-found" in line for line in tree.lines), "told at once, too"
    room.feeds["/good.xml"].append(item(*BULGARIA, "https://news.example/a/2"))
    room.wait_for(2, 20)
    assert len(room.created()) == 2


def test_a_record_that_is_none_is_a_dead_letter_that_can_be_shown_and_replayed(
    room: Newsroom, tmp_path: Path, trees: ExitStack
) -> None:
    tree = run(trees, room, tmp_path, ["/a.xml"])
    tree.wait_for("ready")
    bootstrap = (tmp_path / "broker").read_text()
    log = ["--data", str(tmp_path)]
    with closing(KafkaProducer(bootstrap_servers=bootstrap, acks="all")) as producer:
        producer.send("tocsin.articles.v1", key=b"rubbish", value=b"\xff\x00 no record", partition=3).get(10)
    until(lambda: "tocsin.articles.v1" in tocsin("deadletters", "list", *log).stdout)
    listed = tocsin("deadletters", "list", *log).stdout
    assert "annotate" in listed
    origin = next(word for word in listed.split() if word.startswith("tocsin.articles.v1"))
    assert "no record" in tocsin("deadletters", "show", origin, *log).stdout
    assert tocsin("deadletters", "replay", origin, *log).stdout.strip() == "1 replayed"
    until(lambda: len(tocsin("deadletters", "list", "--all", *log).stdout.strip().splitlines()) == 2)
    assert "(replayed)" in tocsin("deadletters", "list", "--all", *log).stdout
    room.feeds["/a.xml"].append(expulsion(0))
    room.wait_for(1, 20)
    assert len(room.created()) == 1, "the stage goes on"
    balanced(*log)


def test_a_webhook_that_refuses_is_asked_again_under_the_same_id(
    room: Newsroom, tmp_path: Path, trees: ExitStack
) -> None:
    room.refuse = 3
    room.feeds["/a.xml"] = [expulsion(0)]
    run(trees, room, tmp_path, ["/a.xml"])
    room.wait_for(1, 150)
    assert len(room.created()) == 1
    assert len(room.tries) == 4, room.tries
    assert len(set(room.tries)) == 1, room.tries


def test_a_webhook_that_hangs_delays_no_other(room: Newsroom, tmp_path: Path, trees: ExitStack) -> None:
    settings = tmp_path / "tocsin.toml"
    settings.write_text(
        f'[endpoint.other]\nchannel = "webhook"\nurl = "{room.url}/other"\nsecrets = ["{SECRET}"]\n', encoding="utf-8"
    )
    room.mute = {"/hook"}
    room.feeds["/a.xml"] = [expulsion(number) for number in range(5)]
    tree = run(trees, room, tmp_path / "data", ["/a.xml"], "--config", str(settings))
    room.wait_for(5, 25)
    assert {one.path for one in room.received} == {"/other"}
    assert len(room.created()) == 5, "\n".join(tree.lines)
    assert len(room.tries) > 5, "the other one was asked, too"


def test_every_role_waits_for_a_broker_that_is_away_and_goes_on_by_itself(
    room: Newsroom, tmp_path: Path, trees: ExitStack
) -> None:
    port = free_port()
    bootstrap = f"127.0.0.1:{port}"
    room.feeds["/a.xml"] = [expulsion(0)]
    common = ["--broker", bootstrap, "--listen", "127.0.0.1:0", *cases.options(room, ["/a.xml"])]
    roles = {role: begin(trees, role, *common, "--data", str(tmp_path / role)) for role in ("poller", "worker", "web")}
    for tree in roles.values():
        assert bootstrap in tree.wait_for("waiting")
    broker = begin(trees, "broker", "--data", str(tmp_path / "log"), "--port", str(port))
    for tree in roles.values():
        tree.wait_for("ready")
    room.wait_for(1, 20)
    assert len(room.created()) == 1
    for number in (1, 2):
        broker.process.send_signal(signal.SIGKILL)
        broker.process.wait()
        room.feeds["/a.xml"].append(expulsion(number))
        time.sleep(5)
        broker.start()
        room.wait_for(1 + number, 60)
        assert len(room.created()) == 1 + number, {role: tree.lines for role, tree in roles.items()}
    balanced("--broker", bootstrap)
    for role, tree in roles.items():
        assert not any("Traceback" in line for line in tree.lines), tree.lines
        print(role, len(tree.lines), "lines")
        assert tree.end() == 0, tree.lines


def test_a_role_that_waits_for_its_broker_can_be_stopped(trees: ExitStack, tmp_path: Path) -> None:
    tree = begin(trees, "web", "--broker", f"127.0.0.1:{free_port()}", "--data", str(tmp_path))
    tree.wait_for("waiting")
    assert tree.end(seconds=5) == 0


TAKEN = "{taken}"
FAULTS = {
    "the page's port is taken": (["--listen", f"127.0.0.1:{TAKEN}"], "", "--listen"),
    "the metrics' port is taken": (["--metrics", f"127.0.0.1:{TAKEN}"], "", "--metrics"),
    "the directory is of a newer version": (["--data", "{tmp}/newer"], "", "newer Tocsin"),
    "the directory is a file": (["--data", "{tmp}/file"], "", "{tmp}/file: can't be made"),
    "the directory can't be made": (["--data", "{tmp}/file/below"], "", "choose another with --data"),
    "a signing secret can't be kept": (
        ["--data", "{tmp}/file", "--webhook", "http://127.0.0.1:1/"],
        "",
        "can't be kept",
    ),
    "a query is wrong": ([], '[[subscription]]\nname = "a"\nquery = "topic:sumit"\n', "line 3: subscription.query"),
    "a query of the command line is wrong": (["--query", "(a OR"], "", "close it with )"),
    "a network is wrong": ([], 'allow_net = ["10.1.2.3/8"]\n', "line 1: allow_net: '10.1.2.3/8' is no network"),
    "a channel is unknown": ([], '[endpoint.desk]\nchannel = "pigeon"\n', "line 2: endpoint.desk.channel"),
    "a secret is none": (
        [],
        '[endpoint.desk]\nchannel = "webhook"\nurl = "https://h.example/T0KEN"\nsecrets = ["whsec_T0KEN"]\n',
        "line 1: endpoint.desk: channel webhook: a signing secret",
    ),
    "a feed is no address": ([], '[[feed]]\nurl = "news.example/feed"\n', "line 2: feed.url"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_set_up_is_one_line_and_exit_code_1(tmp_path: Path, fault: str) -> None:
    arguments, text, said = FAULTS[fault]
    (tmp_path / "newer" / "log").mkdir(parents=True)
    (tmp_path / "newer" / "log" / "VERSION").write_text("99\n")
    (tmp_path / "file").write_text("")
    settings = tmp_path / "tocsin.toml"
    settings.write_text(text)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        filled = [one.replace("{tmp}", str(tmp_path)).replace(TAKEN, port) for one in arguments]
        usual = ["--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--config", str(settings)]
        answer = tocsin("run", *usual, *filled)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    line = one_line(answer.stderr)
    assert said.replace("{tmp}", str(tmp_path)) in line
    assert "Traceback" not in answer.stdout + answer.stderr
    assert "T0KEN" not in answer.stdout + answer.stderr


def test_a_taken_broker_port_is_one_line(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        answer = tocsin("broker", "--data", str(tmp_path), "--port", str(taken.getsockname()[1]))
    assert answer.returncode == 1
    assert "is taken" in one_line(answer.stderr)


def test_a_full_disk_ends_the_run_in_one_line_and_loses_nothing_accepted(
    room: Newsroom, tmp_path: Path, trees: ExitStack
) -> None:
    room.feeds["/a.xml"] = [expulsion(0)]
    tree = run(trees, room, tmp_path, ["/a.xml"])
    room.wait_for(1, 30)
    assert tree.end() == 0
    largest = max(path.stat().st_size for path in (tmp_path / "log").rglob("*") if path.is_file())
    room.feeds["/a.xml"] += [expulsion(number) for number in range(1, 6)]
    limited = Tree("run", *tree.arguments[1:], file_limit=largest + 8000)
    trees.callback(limited.close)
    padding = "Rain fell on the hills of the district and the harvest was late again. " * 60
    for number in range(200):
        text = f"{padding} {number}"
        room.feeds["/a.xml"].append(item(f"Notes {number}", text, f"https://news.example/p/{number}"))
    assert limited.process.wait(90) == 1, "\n".join(limited.lines)
    until(lambda: limited.lines and limited.lines[-1].startswith("Error: "), 5)
    print("\n".join(limited.lines))
    assert len([line for line in limited.lines if line.startswith("Error: ")]) == 1
    assert "disk" in limited.lines[-1]
    assert not any("Traceback" in line for line in limited.lines), "\n".join(limited.lines)
    again = run(trees, room, tmp_path, ["/a.xml"])
    again.wait_for("ready")
    room.wait_for(6, 60)
    assert len(room.created()) == 6
    balanced("--data", str(tmp_path))


def get(url: str) -> tuple[int, str]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.status, answer.read().decode()


FAMILIES = {
    "poller": ["tocsin_feed_polls_total", "tocsin_articles_total", "tocsin_outbound_seconds"],
    "worker": [
        "tocsin_stage_latency_seconds_bucket",
        "tocsin_stage_records_total",
        "tocsin_consumer_lag_messages",
        "tocsin_delivery_attempts_total",
        "tocsin_alert_latency_seconds_bucket",
    ],
    "web": ["python_info"],
}


def test_every_role_shows_its_metrics_and_health_and_no_secret_leaves_the_settings(
    room: Newsroom, tmp_path: Path, trees: ExitStack
) -> None:
    token, slack = "T0kenOfTheHook", "T0kenOfSlack"
    settings = tmp_path / "tocsin.toml"
    settings.write_text(
        f'[endpoint.desk]\nchannel = "webhook"\nurl = "{room.url}/{token}"\nsecrets = ["{SECRET}"]\n'
        f'[endpoint.room]\nchannel = "slack"\nurl = "{room.url}/{slack}"\n'
    )
    room.mute = {f"/{slack}"}
    room.feeds["/a.xml"] = [expulsion(0)]
    tree = run(trees, room, tmp_path / "data", ["/a.xml", "/none.xml"], "--config", str(settings))
    del room.feeds["/none.xml"]
    tree.wait_for("ready")
    page = tree.wait_for("page ").split()[-1]
    room.wait_for(1, 20)
    until(lambda: any(one.path == f"/{token}" for one in room.received))
    shown = {line.split("(")[1].rstrip(")"): line.split()[1] for line in tree.lines if line.startswith("metrics ")}
    assert sorted(shown) == ["poller", "web", "worker"]
    texts = {"page": get(page)[1]}
    for role, url in shown.items():
        texts[role] = get(url)[1]
        for family in FAMILIES[role]:
            assert family in texts[role], (role, family)
        for probe in ("live", "ready"):
            status, answer = get(url.replace("/metrics", f"/health/{probe}"))
            assert (status, json.loads(answer)["ok"]) == (200, True), answer
    checked = tocsin("doctor", "--data", str(tmp_path / "data"), "--config", str(settings))
    tree.end()
    texts["output"] = "\n".join(tree.lines)
    texts["doctor"] = checked.stdout + checked.stderr
    secrets = [token, slack, SECRET, SECRET.removeprefix("whsec_")]
    for place, text in texts.items():
        assert not any(secret in text for secret in secrets), place
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file() and not path.name.endswith("-secret")]
    assert any(path.stat().st_size for path in files)
    for path in files:
        held = path.read_bytes()
        assert not any(secret.encode() in held for secret in secrets), path


def test_doctor_passes_a_good_set_up_and_names_the_mend_of_a_bad_one(room: Newsroom, tmp_path: Path) -> None:
    room.feeds["/a.xml"] = [expulsion(0)]
    good = tocsin("doctor", "--data", str(tmp_path), *cases.options(room, ["/a.xml"]))
    assert good.returncode == 0, good.stdout + good.stderr
    settings = tmp_path / "bad.toml"
    settings.write_text('[endpoint.desk]\nchannel = "pigeon"\n[[subscription]]\nquery = "topic:sumit"\n')
    feeds = ["--feed", f"{room.url}/none.xml", "--allow-net", "127.0.0.0/8"]
    away = f"127.0.0.1:{free_port()}"
    bad = tocsin("doctor", "--data", str(tmp_path), "--config", str(settings), "--broker", away, *feeds)
    assert bad.returncode == 1
    failed = [line for line in bad.stdout.splitlines() if line.startswith("FAIL")]
    assert [line.split()[1] for line in failed] == ["broker:", "query:", "channel:", "feed:"], bad.stdout
    assert not bad.stderr


def seconds_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def test_an_idle_tree_is_looked_at(room: Newsroom, tmp_path: Path, trees: ExitStack) -> None:
    """Prints what each role uses while nothing happens; asserts only that the tree lives on."""
    for path in (f"/f{number}.xml" for number in range(20)):
        room.feeds[path] = []
    data = ["--data", str(tmp_path), "--listen", "127.0.0.1:0"]
    tree = begin(trees, "run", *data, *cases.options(room, list(room.feeds), every="300"))
    tree.wait_for("ready")
    time.sleep(5)
    pids = {**tree.children(), tree.process.pid: "supervisor and broker"}
    before = {pid: seconds_of(pid) for pid in pids}
    time.sleep(20)
    for pid, role in pids.items():
        print(f"{role}: {(seconds_of(pid) - before[pid]) / 20:.1%} of a core")
    assert tree.process.poll() is None
