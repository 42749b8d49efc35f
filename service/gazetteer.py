"""`tocsin gazetteer`: what is known of names, why one means what it means, and how to add to it. Needs no service."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections import Counter
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click
import msgspec

from tocsin.service.knowledge import known, people_file
from tocsin.service.options import settings_from

if TYPE_CHECKING:
    from tocsin.agents.lexicon.offices import Person

config = click.option("--config", metavar="FILE", help="Settings file, for its watch lists.")


@click.group()
def gazetteer() -> None:
    """Look into the names that are known, and add to them."""


@gazetteer.command()
@click.argument("text")
@click.option("--title", default="", help="The article's title.")
@click.option("--date", default="", metavar="YYYY[-MM[-DD]]", help="Its date: it decides between office-holders.")
@click.option("--lang", default="en", show_default=True, help="Its language.")
@config
def why(text: str, title: str, date: str, lang: str, config: str | None) -> None:
    """Say for every known spelling in TEXT what it means there, or that it means nothing, and by which rule."""
    from tocsin.agents.annotate.annotate import Annotator
    from tocsin.agents.annotate.cli_form import article_of

    annotator = Annotator(known(config))
    line = {"id": "why", "title": title, "text": text, "published": date, "lang": lang}
    try:
        article = article_of(line)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    found = annotator.explain_names(article)
    if not found:
        click.echo("no name that is known")
    for one in found:
        click.echo(f"{one.surface:<24} {one.kind or '-':<12} {one.id or '-':<28} {one.rule}")
        if not one.kind and one.meanings:
            click.echo(f"{'':<24} could be: {', '.join(one.meanings[:6])}")


@gazetteer.command()
@config
def stats(config: str | None) -> None:
    """Count what is known, by kind."""
    from tocsin.agents.lexicon.load import languages

    read = known(config)
    spellings: Counter[str] = Counter()
    things: dict[str, set[str]] = {}
    for names in read.all_names():
        for kind, id_ in {(str(name.kind), name.id) for name in names}:
            spellings[kind] += 1
            things.setdefault(kind, set()).add(id_)
    for kind in sorted(things):
        click.echo(f"{kind:<12} {len(things[kind]):>7,} with {spellings[kind]:>7,} spellings")
    terms = [term for person in read.people.values() for term in person.terms]
    click.echo(f"{'offices':<12} {len(terms):>7,} terms of office, {min(t.first for t in terms)[:4]} to today")
    click.echo(f"languages    en, {', '.join(languages())} (beta)")


@gazetteer.command()
@click.argument("name")
@click.option("--alias", "aliases", multiple=True, help="Another spelling; repeat for more.")
@click.option("--id", "id_", default="", help="Its id in queries; without one it is made from the name.")
@click.option("--config", default="tocsin.toml", show_default=True, help="The settings file that gets it.")
def add(name: str, aliases: tuple[str, ...], id_: str, config: str) -> None:
    """Watch for NAME: add it to the watch list of the settings."""
    from tocsin.agents.lexicon.entity_packs import WatchEntry

    path = Path(config)
    if not path.exists():
        raise click.ClickException(f"{path}: there is no such file; 'tocsin init' writes one")
    key = WatchEntry(name=name, id=id_).key
    if any(entry.key == key for entry in settings_from({"config": config}).watch):
        raise click.ClickException(f"{path}: {key} is watched for already; change its entry there")
    lines = ["", "[[watch]]", f"name = {_quoted(name)}"]
    if aliases:
        lines.append(f"aliases = [{', '.join(map(_quoted, aliases))}]")
    if id_:
        lines.append(f"id = {_quoted(id_)}")
    _append(path, lines)
    click.echo(f"{path}: watches for {name}; ask for it with entity:{key}")


def _append(path: Path, lines: list[str]) -> None:
    """Add lines to a settings file, whole or not at all; ClickException where it could not be read with them."""
    new = path.with_name(f"{path.name}.new")
    try:
        before = path.read_text(encoding="utf-8")
        new.write_text(before.rstrip("\n") + "\n" + "\n".join(lines) + "\n", encoding="utf-8")
        settings_from({"config": str(new)})
        new.replace(path)
    except click.ClickException as error:
        raise click.ClickException(f"nothing was added: {error.message.replace(str(new), str(path))}") from None
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}; nothing was added") from None
    finally:
        new.unlink(missing_ok=True)


def _quoted(text: str) -> str:
    import json

    return json.dumps(text, ensure_ascii=False)


@gazetteer.command()
@click.option(
    "--dump",
    required=True,
    type=click.Path(exists=True, dir_okay=False),
    help="A Wikidata JSON dump; .gz, .bz2 or plain.",
)
@click.option("--data", default=None, metavar="DIR", help="Data directory (default: ./tocsin-data).")
@click.option("--config", metavar="FILE", help="Settings file.")
def refresh(dump: str, data: str | None, config: str | None) -> None:
    """Rebuild the dated office-holders from a Wikidata dump, offline; what it lacks stays as it came with Tocsin."""
    from tocsin.agents.lexicon import wikidata
    from tocsin.agents.lexicon.load import organisations
    from tocsin.agents.lexicon.names import organisation_names

    target = people_file(settings_from({"config": config, "data": data}))
    bodies = {name.text: name.id for name in organisation_names(organisations())}
    try:
        with _opened(dump) as lines:
            posts = wikidata.posts(wikidata.entities(lines), bodies)
        if not posts:
            raise click.ClickException(f"{dump}: no office of a state or a body in it; is it a Wikidata JSON dump?")
        with _opened(dump) as lines:
            found = _told_apart(wikidata.people(wikidata.entities(lines), posts))
        if not found:
            raise click.ClickException(f"{dump}: nobody in it holds one of the {len(posts)} offices found")
        _write_people(target, [wikidata.line_of(person) for person in found])
    except (OSError, EOFError, zlib.error) as error:
        place = getattr(error, "filename", None) or dump
        raise click.ClickException(f"{place}: {getattr(error, 'strerror', None) or error}; nothing changed") from None
    terms = sum(len(person.terms) for person in found)
    click.echo(f"{target}: {len(found):,} people, {terms:,} terms of office; in force at the next start")


def _told_apart(found: Iterable[Person]) -> list[Person]:
    """Return people in order of their ids; namesakes get their state or body into the id, then a number."""
    people: dict[str, Person] = {}
    for person in found:
        scope = person.terms[0].scope.lower()
        numbered = (f"{person.id}-{scope}-{number}" for number in count(2))
        id_ = next(one for one in chain((person.id, f"{person.id}-{scope}"), numbered) if one not in people)
        people[id_] = msgspec.structs.replace(person, id=id_)
    return [people[id_] for id_ in sorted(people)]


def _write_people(target: Path, lines: list[str]) -> None:
    """Write a file of people in one step, once it is known that it can be read."""
    from tocsin.agents.lexicon.load import people_of
    from tocsin.streams.broker.files import replace

    text = "\n".join(lines) + "\n"
    people_of([(str(target), text)])
    target.parent.mkdir(parents=True, exist_ok=True)
    replace(target, text.encode())


def _opened(dump: str) -> IO[bytes]:
    if dump.endswith(".gz"):
        return gzip.open(dump, "rb")  # type: ignore[return-value]
    return bz2.open(dump, "rb") if dump.endswith(".bz2") else Path(dump).open("rb")


COMMANDS: Iterable[click.Command] = (gazetteer,)
