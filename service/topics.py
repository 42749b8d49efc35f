"""`tocsin topics`: which topics there are, why a text has one, and how to add or teach one. Needs no service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tocsin.service.knowledge import checked, known, learnt_file, topics_folder
from tocsin.service.programs import lines_of

if TYPE_CHECKING:
    from tocsin.agents.annotate.annotate import Annotator
    from tocsin.agents.lexicon.learning import Learnt, Seen
    from tocsin.agents.lexicon.packs import TopicFile

config = click.option("--config", metavar="FILE", help="Settings file: its data directory holds your own topics.")


@click.group()
def topics() -> None:
    """Look into the topics, try them on a text, add and teach them."""


@topics.command(name="list")
@config
def list_(config: str | None) -> None:
    """List every topic, and where files of your own are looked for."""
    own = topics_folder(checked(config))
    for topic in known(config).topics.values():
        click.echo(f"{topic.name:<20} {'own' if topic.own else '   '}  from {topic.precise:.2f}  {topic.about}")
    click.echo(f"topics of your own: {own}{'/*.toml' if own.is_dir() else ' (make it, with one file a topic)'}")


@topics.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False))
@config
def check(files: tuple[str, ...], config: str | None) -> None:
    """Check topic FILES, or all of your own: their form, and every example in them. Exit code 1 where one is wrong."""
    from tocsin.agents.lexicon.load_topics import own_files, packs_of
    from tocsin.agents.lexicon.packs import PackError

    try:
        packs = packs_of(map(Path, files)) if files else own_files(str(topics_folder(checked(config))))
        wrong = [line for pack in packs for line in _wrong_examples(pack)]
    except PackError as error:
        raise click.ClickException(str(error)) from None
    for line in wrong:
        click.echo(line)
    for pack in packs:
        examples = pack.examples
        click.echo(f"{pack.topic}: {len(examples.positive)} positive and {len(examples.negative)} negative examples")
    if not packs:
        click.echo("no topic of your own")
    if wrong:
        raise SystemExit(1)


def _wrong_examples(pack: TopicFile) -> list[str]:
    """Return the examples of a pack that do not come out as they should, each with the rules that decided."""
    from tocsin.agents.lexicon.load import with_own

    annotator = _annotator(with_own((pack,)))
    lines = []
    for wanted, sentences in ((True, pack.examples.positive), (False, pack.examples.negative)):
        for sentence in sentences:
            label = _labels(annotator, sentence).get(pack.topic)
            score = label.score if label else 0.0
            if (score >= pack.precise) != wanted:
                told = f"{score:.2f} by {', '.join(label.rules)}" if label else "no rule fires"
                lines.append(f"{pack.topic}: {'not found' if wanted else 'found in error'} ({told}): {sentence}")
    return lines


def _annotator(vocabulary: Any) -> Annotator:
    from tocsin.agents.annotate.annotate import Annotator

    return Annotator(vocabulary, threshold=0.0)


def _labels(annotator: Annotator, text: str) -> dict[str, Any]:
    from tocsin.agents.annotate.cli_form import article_of

    found = annotator.annotate(article_of({"id": "try", "text": text, "lang": "en"}))
    return {label.topic: label for label in found.labels}


@topics.command(name="try")
@click.argument("text")
@config
def try_(text: str, config: str | None) -> None:
    """Say which topics and events TEXT has, how surely, by which rules, and in which words."""
    from tocsin.agents.annotate.cli_form import article_of

    vocabulary = known(config)
    found = _annotator(vocabulary).annotate(article_of({"id": "try", "text": text, "lang": "en"}))
    if not (found.labels or found.events):
        click.echo("no rule of a topic or an event fires")
    for label in sorted(found.labels, key=lambda label: -label.score):
        given = label.score >= vocabulary.topics[label.topic].precise
        click.echo(f"{label.topic:<20} {label.score:.2f} {'given' if given else 'below'}  {', '.join(label.rules)}")
        for start, end in label.spans:
            click.echo(f"{'':<20} {text[start:end]!r}")
    for event in found.events:
        parts = [event.type, event.actor or "-", event.target or "-", event.status]
        parts += [str(part) for part in (event.count, event.object, event.place, event.date) if part is not None]
        click.echo(f"{' '.join(parts)}  {', '.join(event.rules)}")
        click.echo(f"{'':<20} {text[slice(*event.spans[0])]!r}")


@topics.command()
@click.argument("examples", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Show what would be learnt, and keep nothing.")
@config
def learn(examples: str, dry_run: bool, config: str | None) -> None:
    """Learn from labelled EXAMPLES how sure each rule is: {"id","text"[,"title"],"topics":[...]} lines.

    What is learnt is tested on examples that were set aside, and kept for those topics that do not get worse by it.
    "about":[...] names the topics that a line's labels speak of; without it, all that occur in the file.
    """
    from tocsin.agents.lexicon.learning import held_out
    from tocsin.agents.lexicon.learning import learn as learn_from

    vocabulary = known(config)
    curves = {name: topic.curve for name, topic in vocabulary.topics.items()}
    seen = _seen(examples, vocabulary)
    taught = learn_from(seen, vocabulary.scores, curves)
    after = held_out(seen, vocabulary.scores, curves)
    better = []
    for name in sorted({topic for text in seen for topic in text.about}):
        line, keep = _compared(name, seen, vocabulary, after)
        click.echo(f"{line}  {'kept' if keep else 'left as it was'}")
        better += [name] if keep else []
    if not dry_run and better:
        path = learnt_file(checked(config))
        _keep(path, taught, vocabulary, better)
        click.echo(f"{path} written; a running worker reads it when it starts again")


def _seen(examples: str, vocabulary: Any) -> list[Seen]:
    from tocsin.agents.annotate.cli_form import article_of

    lines = list(lines_of(examples))
    for line in lines:
        unknown = sorted({*line.get("topics", ()), *line.get("about", ())} - vocabulary.topics.keys())
        if unknown or "topics" not in line:
            told = f"no topic {unknown[0]!r}; 'tocsin topics list' shows them" if unknown else 'no "topics"'
            raise click.ClickException(f"{examples}, id {line['id']}: {told}")
    everywhere = {topic for line in lines for topic in line["topics"]}
    annotator = _annotator(vocabulary)
    return [
        annotator.seen(
            article_of({"lang": "en", **line}), frozenset(line["topics"]), frozenset(line.get("about", everywhere))
        )
        for line in lines
    ]


def _compared(name: str, seen: Sequence[Seen], vocabulary: Any, after: Sequence[dict[str, float]]) -> tuple[str, bool]:
    """Return a line that tells what learning does to a topic, measured on what was set aside, and whether it helps."""
    from tocsin.agents.annotate.scores import Row, Tally, interval, total
    from tocsin.agents.lexicon.learning import predicted

    topic = vocabulary.topics[name]
    texts = [(text, found) for text, found in zip(seen, after, strict=True) if name in text.about]

    def rows(probabilities: Iterable[float]) -> list[Row]:
        given = [p >= topic.precise for p in probabilities]
        return [
            {name: Tally(one and name in text.topics, one, name in text.topics)}
            for (text, _), one in zip(texts, given, strict=True)
        ]

    before = rows(predicted(text, name, vocabulary.scores, topic.curve) for text, _ in texts)
    now = rows(found[name] for _, found in texts)
    old, new = total(before)[name], total(now)[name]
    low, high = interval(now, lambda row: row[name].f1)
    told = f"F1 {old.f1:.3f} -> {new.f1:.3f} ({low:.3f}-{high:.3f})  P {new.precision:.3f} R {new.recall:.3f}"
    return f"{name:<20} {told}  of {new.labelled} in {len(texts)}", new.f1 >= old.f1


def _keep(path: Path, taught: Learnt, vocabulary: Any, better: Sequence[str]) -> None:
    """Write what was learnt of some topics beside what was known of the others."""
    from tocsin.agents.lexicon.learning import Curve, Learnt

    rules = {name: score for name, score in taught.rules.items() if name.partition(".")[0] in better}
    curves = {name: topic.curve for name, topic in vocabulary.topics.items() if topic.curve != Curve()}
    known_before = {**vocabulary.learnt, **rules}
    content = Learnt(rules=known_before, curves={**curves, **{name: taught.curves[name] for name in better}})
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    new.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))
    new.replace(path)


COMMANDS: Iterable[click.Command] = (topics,)
