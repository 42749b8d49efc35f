"""Commands for programs: JSON Lines in, JSON Lines out, line by line in order, without a service and without network.

Their forms are contracts: fields are added, never renamed or removed.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")


def lines_of(file: str) -> Iterator[dict[str, Any]]:
    """Read JSON Lines from a file or `-`; ClickException names file and line of what is no object."""
    with contextlib.ExitStack() as stack:
        stream = sys.stdin if file == "-" else stack.enter_context(Path(file).open(encoding="utf-8"))
        yield from _objects(file, stream)


def _objects(file: str, stream: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(stream, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise click.ClickException(f"{file}, line {number}: no JSON ({error})") from None
        if not isinstance(value, dict) or "id" not in value:
            raise click.ClickException(f'{file}, line {number}: no object with an "id"')
        yield value


def write(value: Any) -> None:
    """Write one JSON line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _annotator(*, everything: bool = False, config: str | None = None) -> Any:
    from tocsin.agents.annotate.annotate import Annotator
    from tocsin.service.knowledge import known

    return Annotator(known(config), threshold=0.0) if everything else Annotator(known(config))


def _annotated(annotator: Any, line: dict[str, Any]) -> Any:
    """Annotate one input line; with `html` the text is extracted first."""
    import msgspec

    from tocsin.agents.annotate.cli_form import article_of
    from tocsin.streams.feeds.clean import clean, furniture

    if line.get("html") is not None:
        cleaned = clean(line.get("title") or "", line["html"], html=True, url=line.get("url") or "")
        article = article_of({**line, "title": cleaned.title, "text": cleaned.text})
        spans = cleaned.furniture
    else:
        article = article_of(line)
        spans = furniture(article.title, article.text)
    return annotator.annotate(msgspec.structs.replace(article, furniture=spans))


def annotated_lines(lines: Iterable[dict[str, Any]], file: str, vocabulary: Any) -> Iterator[dict[str, Any]]:
    """Annotate input lines, labels of every score; ClickException names the line that can't be."""
    from tocsin.agents.annotate.annotate import Annotator
    from tocsin.agents.annotate.cli_form import to_line

    annotator = Annotator(vocabulary, threshold=0.0)
    for line in lines:
        try:
            found = _annotated(annotator, {**line, "published": line.get("published") or line.get("date")})
        except ValueError as error:
            raise click.ClickException(f"{file}, id {line['id']}: {error}") from None
        yield to_line(found, line["id"])


@click.command()
@FILE
@click.option("--all", "everything", is_flag=True, help="Also what is below the default threshold.")
@click.option("--config", metavar="FILE", help="Settings file, for its watch lists.")
def annotate(file: str, everything: bool, config: str | None) -> None:
    """Say what articles are about: {"id","title","text"} -> topics, entities, events with their spans."""
    from tocsin.agents.annotate.cli_form import to_line

    annotator = _annotator(everything=everything, config=config)
    for line in lines_of(file):
        try:
            annotated = _annotated(annotator, line)
        except ValueError as error:
            raise click.ClickException(f"{file}, id {line['id']}: {error}") from None
        shown = to_line(annotated, line["id"])
        if line.get("html") is not None:
            shown["text"] = annotated.article.text
        write(shown)


@click.command()
@FILE
def stories(file: str) -> None:
    """Fold articles into stories, in order: {"id","title","text"} -> {"id","story"}."""
    import msgspec

    from tocsin.agents.stories.place import stories_of

    annotator = _annotator()

    def annotated(lines: Iterable[dict[str, Any]]) -> Iterator[Any]:
        for line in lines:
            found = _annotated(annotator, line)
            # The line's own id, and not one made of its address: each line is an article here.
            yield msgspec.structs.replace(found, article=msgspec.structs.replace(found.article, id=str(line["id"])))

    for article, story in stories_of(annotated(lines_of(file))):
        write({"id": article, "story": story})


@click.command()
@click.option(
    "--subscriptions", required=True, type=click.Path(exists=True, dir_okay=False), help='{"id","query"} lines.'
)
@click.option("--explain", "explained", is_flag=True, help="Add the clause and the sentence that satisfied it.")
@FILE
def match(subscriptions: str, file: str, explained: bool) -> None:
    """Match annotated lines (or plain articles) against subscriptions: {"article","subscription"} per match."""
    from tocsin.service.match_lines import Matcher

    try:
        matcher = Matcher(lines_of(subscriptions), _annotator())
    except ValueError as error:
        raise click.ClickException(f"{subscriptions}: {error}") from None
    for line in lines_of(file):
        for found in matcher.match(line, explained=explained):
            write(found)


@click.command("check-query")
@click.argument("query")
@click.option("--config", metavar="FILE", help="Settings file, for topics of your own.")
def check_query(query: str, config: str | None) -> None:
    """Check a query; exit code 1 with the character and the mend where it can't be read."""
    from tocsin.agents.match.query import QueryError, parse
    from tocsin.service.knowledge import checked, topic_names
    from tocsin.service.names import query_names

    try:
        parsed = parse(query, topics=topic_names(checked(config)), names=query_names())
    except QueryError as error:
        raise click.ClickException(str(error)) from None
    click.echo(parsed.canonical)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--url", default="", help="Where the page came from.")
def clean(file: str, url: str) -> None:
    """Mark the page furniture of a page, HTML or flattened text: {"title","text","furniture"}."""
    from tocsin.streams.feeds.clean import clean as clean_text

    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    text = raw.decode("utf-8", "replace")
    head = text[:2000].lower()
    found = clean_text("", text, html="<html" in head or "<body" in head or "<p" in head, url=url)
    write({"title": found.title, "text": found.text, "furniture": [list(span) for span in found.furniture]})


@click.group()
def feed() -> None:
    """Look into feeds."""


@feed.command("parse")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--url", default="", help="Where the feed came from: its links are resolved against it.")
@click.option("--content-type", default="", help="What the server said it is.")
def parse_file(file: str, url: str, content_type: str) -> None:
    """Parse a feed's bytes into one object; exit code 1 with the reason where it is no feed."""
    import msgspec

    from tocsin.streams.feeds.parse import FeedError, parse_feed

    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    try:
        found = parse_feed(raw, url=url, content_type=content_type)
    except FeedError as error:
        raise click.ClickException(f"{file}: {error}") from None
    fields = ("id", "url", "title", "text", "published", "updated", "authors", "language")
    shown = {
        "format": found.format,
        "title": found.title,
        "link": found.link,
        "entries": [{name: getattr(entry, name) for name in fields} for entry in found.entries],
        "warnings": list(found.warnings),
    }
    click.echo(msgspec.json.encode(shown))


COMMANDS: tuple[click.Command, ...] = (annotate, stories, match, check_query, clean, feed)
