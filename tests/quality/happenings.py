"""Scores topics and events on the project's own labelled articles, and publishes the figures.

    python -m tests.quality.happenings [--publish] [--curve]

What is scored, and how, is that of `tocsin eval`. --publish puts the figures into docs/quality.md, from which
test_happenings.py takes what must not be lost. --curve fits on these articles what turns scores into probabilities, one
slope for all topics, and keeps it in agents/lexicon/learnt.json.
"""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from tests.quality.scoring import publish
from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.annotate.scores import MAIN_EVENTS, Row, calibration_error, events_row, macro, reliability, total
from tocsin.agents.lexicon.learning import Curve, Learnt, predicted, steepness
from tocsin.agents.lexicon.load import load
from tocsin.agents.lexicon.packs import TOPICS
from tocsin.service.evaluate import labelled, table, topic_rows
from tocsin.service.programs import annotated_lines

GOLD = Path(__file__).with_name("happenings.jsonl")
LEARNT = Path(__file__).parents[2] / "agents" / "lexicon" / "learnt.json"
DETAILS = ("status", "count", "object", "evidence")


def scored() -> tuple[list[Row], list[Row], list[tuple[float, bool]]]:
    """Return the rows of topics and of events, an article each, and the labels with whether they are right."""
    items = labelled(str(GOLD))
    vocabulary = load()
    found = list(zip(items, annotated_lines(items, GOLD.name, vocabulary), strict=True))
    rows = topic_rows(found, TOPICS, lambda topic: vocabulary.topics[topic].precise)
    points = [(one["score"], one["topic"] in item["topics"]) for item, told in found for one in told["topics"]]
    return rows, [events_row(item["events"], told["events"]) for item, told in found], points


def tables() -> dict[str, list[str]]:
    """Return the tables that are published, by name."""
    topics, events, points = scored()
    types = sorted({name for row in events for name in row} - {"main", "all", *DETAILS, *MAIN_EVENTS})
    curve = [f"| {mean:.2f} | {share:.2f} | {count} |" for mean, share, count in reliability(points)]
    return {
        "topics": table(topics, TOPICS),
        "events": table(events, ("main", "all", *MAIN_EVENTS, *types, *DETAILS)),
        "reliability": [
            "| score | right | labels |",
            "|---|---|---|",
            *curve,
            "",
            f"Macro-F1 over the thirteen {macro(total(topics), TOPICS):.3f}; "
            f"expected calibration error {calibration_error(points):.3f}.",
        ],
    }


def keep_curve() -> None:
    """Fit the slope on the articles and keep it for every topic."""
    vocabulary = load()
    annotator = Annotator(vocabulary, threshold=0.0)
    points = []
    for item in labelled(str(GOLD)):
        line = {"id": item["id"], "title": item["title"], "text": item["text"], "published": item["date"], "lang": "en"}
        seen = annotator.seen(article_of(line), frozenset(item["topics"]), frozenset(TOPICS))
        raw = ((predicted(seen, topic, vocabulary.scores, Curve()), topic in seen.topics) for topic in TOPICS)
        points += [(score, right) for score, right in raw if score]
    curves = dict.fromkeys(TOPICS, Curve(steepness(points)))
    LEARNT.write_bytes(msgspec.json.format(msgspec.json.encode(Learnt(curves=curves)), indent=1) + b"\n")
    print(f"slope {steepness(points)} of {len(points)} scores; {LEARNT} written")


def main() -> None:
    """Print the tables, and publish them where that is asked for."""
    if "--curve" in sys.argv[1:]:
        keep_curve()
        return
    for name, lines in tables().items():
        print("\n".join([name, *lines, ""]))
        if "--publish" in sys.argv[1:]:
            publish(name, "\n".join(lines))


if __name__ == "__main__":
    main()
