"""`tocsin topics` lists, tries, checks and teaches topics, and says what is wrong with a file and where."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tocsin.service.cli import main

RUNNER = CliRunner()
OWN = """
topic = "floods"
about = "Rivers over their banks."
terms = ["burst its banks", "river level"]

[examples]
positive = ["The Elbe burst its banks near Riesa.", "The river level rose to nine metres."]
negative = ["The level of the river fell back to normal."]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "tocsin.toml"
    file.write_text(f'data = "{tmp_path / "data"}"\n', encoding="utf-8")
    (tmp_path / "data" / "topics").mkdir(parents=True)
    return file


def add(settings: Path, text: str = OWN, name: str = "floods.toml") -> Path:
    file = settings.parent / "data" / "topics" / name
    file.write_text(text, encoding="utf-8")
    return file


def run(*words: str, settings: Path) -> str:
    answer = RUNNER.invoke(main, [*words, "--config", str(settings)])
    assert answer.exit_code == 0, answer.output
    return answer.output


def test_a_topic_of_ones_own_stands_in_the_list(settings):
    add(settings)
    line = next(line for line in run("topics", "list", settings=settings).splitlines() if line.startswith("floods"))
    assert "own" in line
    assert "Rivers over their banks." in line


def test_try_tells_topics_events_rules_and_words(settings):
    add(settings)
    told = run("topics", "try", "The Oder burst its banks. Poland expelled two Russian diplomats.", settings=settings)
    assert "floods" in told
    assert "'burst its banks'" in told
    assert "expel POL RUS happened 2 diplomats" in told
    assert "expulsion.expels" in told


def test_try_says_that_nothing_fires(settings):
    assert "no rule" in run("topics", "try", "A quiet day.", settings=settings)


def test_check_names_examples_that_come_out_wrong(settings):
    add(settings, OWN.replace("positive = [", 'positive = ["Rain fell.", '))
    answer = RUNNER.invoke(main, ["topics", "check", "--config", str(settings)])
    assert answer.exit_code == 1
    assert "floods: not found (no rule fires): Rain fell." in answer.output


def test_check_passes_a_good_file(settings):
    told = run("topics", "check", str(add(settings)), settings=settings)
    assert told == "floods: 2 positive and 1 negative examples\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('topic = "sanctions"\nabout = "x"\nterms = ["a"]', "sanctions is taken"),
        ('topic = "Big News"\nabout = "x"\nterms = ["a"]', "is no name"),
        ('topic = "x"\nabout = "x"', "shows nothing"),
        ('topic = "x"\nabout = "x"\nterms = ["!!"]', "can't be found in a text"),
        ('topic = "x"\nabout = "x"\n[rules.r]\nat = ["a"]\nafter = "("', "rules.r.after"),
        ('topic = "x"\nabout = "x"\n[rules.r]\nat = ["a"]\nafter = "{NATION}"', "{NATION}"),
        ('topic = "x"\nabout = "x"\n[rules.r]\nat = ["a"]\nneed = "party"', "rules"),
        ("topic = ", "x.toml"),
    ],
)
def test_a_file_that_can_not_be_used_is_named_with_the_mend(settings, text, told):
    add(settings, text, "x.toml")
    for words in (["topics", "check"], ["annotate"], ["check-query", "topic:x"]):
        answer = RUNNER.invoke(main, [*words, "--config", str(settings)], input="")
        assert answer.exit_code == 1
        assert told in answer.output


def test_a_query_may_ask_for_a_topic_of_ones_own(settings):
    assert RUNNER.invoke(main, ["check-query", "topic:floods", "--config", str(settings)]).exit_code == 1
    add(settings)
    assert "topic:floods" in run("check-query", "topic:floods", settings=settings)


def examples(tmp_path: Path, lines: list[dict]) -> str:
    file = tmp_path / "examples.jsonl"
    file.write_text("".join(json.dumps({"id": str(number), **line}) + "\n" for number, line in enumerate(lines)))
    return str(file)


def test_learn_keeps_what_helps_and_says_so(settings, tmp_path):
    add(settings)
    wrong = [{"text": f"Talk number {n} of the river level and no more.", "topics": []} for n in range(20)]
    right = [{"text": f"The river burst its banks again, day {n}.", "topics": ["floods"]} for n in range(20)]
    file = examples(tmp_path, wrong + right)
    before = run("topics", "try", "The river level.", settings=settings)
    told = run("topics", "learn", file, settings=settings)
    assert "kept" in told
    assert "learnt.json written" in told
    after = run("topics", "try", "The river level.", settings=settings)
    assert float(after.split()[1]) < float(before.split()[1])


def test_learn_without_keeping_writes_nothing(settings, tmp_path):
    add(settings)
    file = examples(tmp_path, [{"text": "The river burst its banks.", "topics": ["floods"]}] * 5)
    run("topics", "learn", file, "--dry-run", settings=settings)
    assert not (settings.parent / "data" / "topics" / "learnt.json").exists()


def test_learn_names_the_line_that_has_no_such_topic(settings, tmp_path):
    file = examples(tmp_path, [{"text": "x", "topics": ["flods"]}])
    answer = RUNNER.invoke(main, ["topics", "learn", file, "--config", str(settings)])
    assert answer.exit_code == 1
    assert "id 0: no topic 'flods'" in answer.output


def test_what_was_learnt_and_is_damaged_is_named(settings):
    (settings.parent / "data" / "topics" / "learnt.json").write_text("{")
    answer = RUNNER.invoke(main, ["topics", "list", "--config", str(settings)])
    assert answer.exit_code == 1
    assert "learnt.json" in answer.output


def test_wide_gives_a_topic_from_its_wide_point_on(settings):
    add(settings, OWN.replace("terms = [", "precise = 0.9\nwide = 0.3\nterms = ["))
    line = json.dumps({"id": "1", "text": "The river level rose."})
    narrow = RUNNER.invoke(main, ["annotate", "--config", str(settings)], input=line)
    assert json.loads(narrow.output)["topics"] == []
    settings.write_text(settings.read_text() + 'wide = ["floods"]\n')
    wide = RUNNER.invoke(main, ["annotate", "--config", str(settings)], input=line)
    assert [one["topic"] for one in json.loads(wide.output)["topics"]] == ["floods"]


def test_wide_names_a_topic_that_there_is(settings):
    settings.write_text(settings.read_text() + 'wide = ["flods"]\n')
    answer = RUNNER.invoke(main, ["annotate", "--config", str(settings)], input="")
    assert answer.exit_code == 1
    assert "'flods' is no topic" in answer.output
