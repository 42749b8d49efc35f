"""`tocsin eval` scores labelled articles: topics and events, with intervals, reliability and mistakes."""

import json

from click.testing import CliRunner

from tocsin.service.cli import main

RUNNER = CliRunner()
GOLD = [
    {
        "id": "1",
        "title": "",
        "text": "Poland expelled two Russian diplomats.",
        "topics": ["expulsion", "diplomacy"],
        "events": [
            {
                "type": "expel",
                "actor": "POL",
                "target": "RUS",
                "kind": "diplomats",
                "count": 2,
                "status": "happened",
                "evidence": "Poland expelled two Russian diplomats",
            }
        ],
    },
    {"id": "2", "text": "Rain fell on the hills.", "topics": ["sanctions"], "events": []},
    {"id": "3", "text": "Poland expelled a Russian diplomat.", "topics": []},
]


def evaluate(*options, lines=GOLD):
    return RUNNER.invoke(main, ["eval", "-", *options], input="\n".join(json.dumps(line) for line in lines))


def test_figures_count_what_is_right_given_and_labelled():
    answer = evaluate("--json")
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.output)
    assert found["expulsion"] == {"precision": 0.5, "recall": 1.0, "f1": 2 / 3, "labelled": 1}
    assert found["sanctions"]["recall"] == 0.0
    assert found["expel"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0, "labelled": 1}
    assert found["status"]["f1"] == found["count"]["f1"] == found["object"]["f1"] == found["evidence"]["f1"] == 1.0


def test_the_tables_have_intervals_and_a_curve_of_reliability():
    told = evaluate().output
    assert "| expulsion | 0.500 | 1.000 | 0.667 |" in told
    assert "expected calibration error" in told
    assert "of the events that are right: status 1.000 of 1" in told


def test_mistakes_are_listed_with_the_rules_that_made_them():
    told = evaluate("--errors", "expulsion").output
    assert "false  3" in told
    assert "expulsion.expels" in told
    assert "missed 2" in evaluate("--errors", "sanctions").output


def test_a_line_without_labels_is_named():
    answer = evaluate(lines=[{"id": "9", "text": "x"}])
    assert answer.exit_code == 1
    assert "id 9: nothing is labelled" in answer.output


def test_evidence_that_does_not_stand_in_the_article_is_named():
    event = {"type": "expel", "evidence": "nowhere"}
    answer = evaluate(lines=[{"id": "9", "text": "x", "events": [event]}])
    assert answer.exit_code == 1
    assert "id 9: the evidence 'nowhere' does not stand in the article" in answer.output
