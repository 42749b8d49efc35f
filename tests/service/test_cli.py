"""The command line: every command documented, every fault one line."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from tocsin.service.cli import main

RUNNER = CliRunner()


def commands(group: click.Group, prefix: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        found.append((*prefix, name))
        if isinstance(command, click.Group):
            found += commands(command, (*prefix, name))
    return found


@pytest.mark.parametrize("path", commands(main), ids=" ".join)
def test_every_command_says_what_it_does(path: tuple[str, ...]) -> None:
    answer = RUNNER.invoke(main, [*path, "--help"])
    assert answer.exit_code == 0
    assert len(answer.output.splitlines()) > 3


@pytest.mark.parametrize("path", [path for path in commands(main) if len(path) == 1], ids=" ".join)
def test_every_command_is_in_the_readme_or_the_contributors_guide(path: tuple[str, ...]) -> None:
    root = Path(__file__).parents[2]
    told = (root / "README.md").read_text() + (root / "CONTRIBUTING.md").read_text()
    assert path[0] in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "--listen", "here"], "listen: 'here' is no address"),
        (["run", "--webhook-secret", "whsec_x"], "there is no --webhook"),
        (["worker", "--data", "{tmp}"], "no Tocsin runs on {tmp}: start 'tocsin run'"),
        (["audit", "--data", "{tmp}"], "no Tocsin runs on {tmp}"),
        (["audit", "--broker", "127.0.0.1:1"], "no broker answers at 127.0.0.1:1"),
        (["doctor", "--config", "{tmp}/none.toml"], "{tmp}/none.toml: can't be read"),
        (["deadletters", "replay", "--broker", "127.0.0.1:1"], "name the origins to replay, or --all"),
        (["check-query", "topic:expulsoin"], "expulsion"),
        (["check-query", "(a OR"], "character"),
    ],
)
def test_a_fault_is_one_line_and_exit_code_1(tmp_path: Path, arguments: list[str], said: str) -> None:
    filled = [argument.replace("{tmp}", str(tmp_path)) for argument in arguments]
    answer = RUNNER.invoke(main, filled)
    assert answer.exit_code == 1, answer.output
    lines = answer.output.strip().splitlines()
    assert len(lines) == 1, answer.output
    assert said.replace("{tmp}", str(tmp_path)) in lines[0]


def test_init_writes_a_file_once_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    assert RUNNER.invoke(main, ["init", str(path)]).exit_code == 0
    path.write_text("mine")
    answer = RUNNER.invoke(main, ["init", str(path)])
    assert (answer.exit_code, path.read_text()) == (1, "mine")


ARTICLE = {
    "id": "1",
    "title": "Norland expels diplomats",
    "text": "France expelled three Russian diplomats on Monday over spying, the ministry in Paris said.",
}


def test_annotate_keeps_order_and_ids_and_points_at_the_text(tmp_path: Path) -> None:
    lines = [json.dumps(ARTICLE), json.dumps({**ARTICLE, "id": "2", "title": "", "text": "Rain fell on the hills."})]
    answer = RUNNER.invoke(main, ["annotate"], input="\n".join(lines))
    assert answer.exit_code == 0, answer.output
    first, second = (json.loads(line) for line in answer.output.splitlines())
    assert (first["id"], second["id"], second["topics"]) == ("1", "2", [])
    assert [topic["topic"] for topic in first["topics"]] == ["diplomacy", "expulsion"]
    text = f"{ARTICLE['title']}\n\n{ARTICLE['text']}"
    for entity in first["entities"]:
        assert text[entity["start"] : entity["end"]] == entity["surface"]
    assert {(e["actor"], e["target"], e["count"]) for e in first["events"] if e["type"] == "expel"} == {
        ("FRA", "RUS", 3)
    }


def test_a_broken_line_is_named_by_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps(ARTICLE) + "\n{no json\n")
    answer = RUNNER.invoke(main, ["annotate", str(path)])
    assert answer.exit_code == 1
    assert f"{path}, line 2: no JSON" in answer.output


def test_match_finds_what_annotate_wrote_and_what_it_did_not(tmp_path: Path) -> None:
    subscriptions = tmp_path / "subs.jsonl"
    queries = {"s1": "topic:expulsion AND country:RUS", "s2": "topic:summit", "s3": "rain"}
    subscriptions.write_text("\n".join(json.dumps({"id": key, "query": query}) for key, query in queries.items()))
    annotated = RUNNER.invoke(main, ["annotate"], input=json.dumps(ARTICLE)).output
    merged = {**ARTICLE, **json.loads(annotated)}
    for line in (ARTICLE, merged):
        answer = RUNNER.invoke(
            main, ["match", "--subscriptions", str(subscriptions), "--explain"], input=json.dumps(line)
        )
        found = [json.loads(one) for one in answer.output.splitlines()]
        assert [(one["article"], one["subscription"]) for one in found] == [("1", "s1")]
        assert any("expelled three" in reason["sentence"] for reason in found[0]["reasons"])


def test_stories_folds_a_copy_and_keeps_others_apart() -> None:
    other = {
        "id": "3",
        "title": "Harbour opens",
        "text": "The new harbour of Porto opened with a concert by the navy band.",
    }
    lines = [ARTICLE, {**ARTICLE, "id": "2"}, other]
    answer = RUNNER.invoke(main, ["stories"], input="\n".join(map(json.dumps, lines)))
    found = {one["id"]: one["story"] for one in map(json.loads, answer.output.splitlines())}
    assert found["1"] == found["2"] != found["3"]


def test_a_feed_is_parsed_into_one_object_and_no_feed_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feed.xml"
    path.write_text(
        '<rss version="2.0"><channel><title>T</title><link>https://n.example/</link><description/>'
        "<item><title>One</title><link>https://n.example/1</link></item></channel></rss>"
    )
    answer = RUNNER.invoke(main, ["feed", "parse", str(path)])
    found = json.loads(answer.output)
    assert [entry["title"] for entry in found["entries"]] == ["One"]
    path.write_text("plainly no feed")
    refused = RUNNER.invoke(main, ["feed", "parse", str(path)])
    assert refused.exit_code == 1
    assert len(refused.output.strip().splitlines()) == 1


def test_clean_marks_the_furniture_of_a_flattened_page(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    story = "The minister opened the fair on Monday and spoke of better times. Crowds cheered in the rain."
    tail = "Read More Leave a comment Your email address will not be published. Required fields are marked *"
    path.write_text(f"{story} {tail}")
    found = json.loads(RUNNER.invoke(main, ["clean", str(path)]).output)
    marked = " ".join(found["text"][start:end] for start, end in found["furniture"])
    assert "Required fields" in marked
    assert "minister" not in marked
