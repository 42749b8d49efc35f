"""`tocsin eval`: how well this installation reads the articles that somebody labelled."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

from tocsin.agents.annotate.scores import (
    MAIN_EVENTS,
    Row,
    Tally,
    calibration_error,
    events_row,
    interval,
    macro,
    reliability,
    topics_row,
    total,
)
from tocsin.service.programs import FILE, annotated_lines, lines_of

Scored = list[tuple[dict[str, Any], dict[str, Any]]]
"""Labelled articles, each with its annotation in the line form, labels of every score among it."""


def labelled(file: str) -> list[dict[str, Any]]:
    """Read labelled articles; ClickException names the one that is labelled in no known form."""
    items = list(lines_of(file))
    for item in items:
        if not {"topics", "events"} & item.keys():
            raise click.ClickException(f'{file}, id {item["id"]}: nothing is labelled; give "topics" or "events"')
        for event in item.get("events", ()):
            _with_place(event, item, f"{file}, id {item['id']}")
    return items


def _with_place(event: dict[str, Any], item: Mapping[str, Any], where: str) -> None:
    """Give an event that quotes its evidence the offsets of it in the reading text."""
    if "type" not in event:
        raise click.ClickException(f'{where}: an event without "type"')
    event.setdefault("status", "happened")
    if "start" not in event and event.get("evidence"):
        title = item.get("title") or ""
        reading = f"{title}\n\n{item.get('text') or ''}" if title else item.get("text") or ""
        event["start"] = reading.find(event["evidence"])
        if event["start"] < 0:
            raise click.ClickException(
                f"{where}: the evidence {event['evidence'][:60]!r} does not stand in the article"
            )
        event["end"] = event["start"] + len(event["evidence"])


def topic_rows(scored: Scored, names: Sequence[str], threshold: Callable[[str], float]) -> list[Row]:
    """Return the tallies of topics that reach their threshold, an article each."""
    return [
        topics_row(
            item.get("topics", ()),
            (one["topic"] for one in found["topics"] if one["score"] >= threshold(one["topic"])),
            names,
        )
        for item, found in scored
    ]


def table(rows: Sequence[Row], measures: Iterable[str]) -> list[str]:
    """Return the figures of some measures as the lines of a table."""
    summed = total(rows)
    lines = ["| measure | precision | recall | F1 | 95 % of F1 | labelled |", "|---|---|---|---|---|---|"]
    for name in measures:
        tally = summed.get(name, Tally())
        if tally.labelled or tally.given:
            low, high = interval(rows, lambda row, name=name: row.get(name, Tally()).f1)  # type: ignore[misc]
            figures = f"{tally.precision:.3f} | {tally.recall:.3f} | {tally.f1:.3f} | {low:.3f}-{high:.3f}"
            lines.append(f"| {name} | {figures} | {tally.labelled} |")
    return lines


def mistakes(scored: Scored, wanted: str, threshold: Callable[[str], float]) -> list[str]:
    """Return, a line each, the articles in which a topic is missed or given in error, with the rules that gave it."""
    lines = []
    for item, found in scored:
        label = next((one for one in found["topics"] if one["topic"] == wanted), None)
        given, gold = label is not None and label["score"] >= threshold(wanted), wanted in item.get("topics", ())
        if given != gold:
            told = f" {label['score']:.2f} {' '.join(label['rules'])}" if label else ""
            text = " ".join(f"{item.get('title') or ''} {item.get('text') or ''}".split())
            lines.append(f"{'missed' if gold else 'false '} {item['id']}{told} | {text[:160]}")
    return lines


@click.command(name="eval")
@FILE
@click.option(
    "--at", "point", type=click.Choice(["precise", "wide"]), default="precise", help="Operating point of the topics."
)
@click.option("--errors", metavar="TOPIC", help="List what is missed and what is false of a topic, with the rules.")
@click.option("--json", "as_json", is_flag=True, help="Figures as one JSON object.")
@click.option("--config", metavar="FILE", help="Settings file, for topics and watch lists of your own.")
def evaluate(file: str, point: str, errors: str | None, as_json: bool, config: str | None) -> None:
    """Score labelled articles: {"id","title","text","topics":[...],"events":[...]} -> precision, recall, F1."""
    from tocsin.service.knowledge import known

    items = labelled(file)
    vocabulary = known(config)
    scored = list(zip(items, annotated_lines(items, file, vocabulary), strict=True))
    names = tuple(vocabulary.topics)

    def threshold(topic: str) -> float:
        return getattr(vocabulary.topics[topic], point)  # type: ignore[no-any-return]

    topics = [pair for pair in scored if "topics" in pair[0]]
    events = [pair for pair in scored if "events" in pair[0]]
    rows = topic_rows(topics, names, threshold)
    event_rows = [events_row(item["events"], found["events"]) for item, found in events]
    if as_json:
        click.echo(json.dumps(_as_object(rows, event_rows)))
        return
    if topics:
        _print_topics(topics, rows, names)
    if events:
        _print_events(event_rows)
    for line in mistakes(topics, errors, threshold) if errors else ():
        click.echo(line)


def _as_object(*parts: Sequence[Row]) -> dict[str, Any]:
    return {
        name: {"precision": tally.precision, "recall": tally.recall, "f1": tally.f1, "labelled": tally.labelled}
        for rows in parts
        for name, tally in total(rows).items()
    }


def _print_topics(scored: Scored, rows: Sequence[Row], names: Sequence[str]) -> None:
    click.echo(f"{len(rows)} articles with labelled topics")
    for line in table(rows, names):
        click.echo(line)
    low, high = interval(rows, lambda row: macro(row, names))
    click.echo(f"macro-F1 {macro(total(rows), names):.3f} ({low:.3f}-{high:.3f})")
    points = [(one["score"], one["topic"] in item["topics"]) for item, found in scored for one in found["topics"]]
    click.echo("| score | right | labels |\n|---|---|---|")
    for mean, share, count in reliability(points):
        click.echo(f"| {mean:.2f} | {share:.2f} | {count} |")
    click.echo(f"expected calibration error {calibration_error(points):.3f}")


def _print_events(rows: Sequence[Row]) -> None:
    click.echo(f"{len(rows)} articles with labelled events")
    types = sorted({name for row in rows for name in row} - {"main", "all", *_DETAILS})
    for line in table(rows, ("main", "all", *MAIN_EVENTS, *(name for name in types if name not in MAIN_EVENTS))):
        click.echo(line)
    summed = total(rows)
    told = [f"{name} {summed[name].precision:.3f} of {summed[name].given}" for name in _DETAILS if name in summed]
    click.echo(f"of the events that are right: {', '.join(told)}")


_DETAILS = ("status", "count", "object", "evidence")

COMMANDS: Iterable[click.Command] = (evaluate,)
