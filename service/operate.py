"""Commands that look after a running log: audit, lag, dead letters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from tocsin.service.options import places, settings_from

T = TypeVar("T")


def _with_log(options: dict[str, Any], work: Callable[[str], T]) -> T:
    from kafka.errors import KafkaError

    from tocsin.service.run import bootstrap_of
    from tocsin.streams.admin import LogAwayError, LogError

    bootstrap = bootstrap_of(settings_from(options))
    try:
        return work(bootstrap)
    except LogError as error:
        raise click.ClickException(str(error)) from None
    except KafkaError as error:  # it went away between two answers
        raise click.ClickException(str(LogAwayError(bootstrap, error))) from None


@click.command()
@places
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def audit(as_json: bool, **options: Any) -> None:
    """Prove that nothing is lost: every committed input led to an output, a note or a dead letter; else exit with 1."""
    from tocsin.streams.audit import audit as audit_log

    found = _with_log(options, audit_log)
    if as_json:
        click.echo(msgspec.json.encode(found))
    else:
        click.echo(f"{'stage':<10}{'committed':>10}{'waiting':>9}{'outputs':>9}{'notes':>8}{'dead':>6}{'missing':>9}")
        for stage in found.stages:
            click.echo(
                f"{stage.stage:<10}{stage.committed:>10}{stage.waiting:>9}{stage.outputs:>9}"
                f"{stage.notes:>8}{stage.dead_letters:>6}{stage.missing:>9}"
            )
            for origin in stage.missing_origins:
                click.echo(f"  missing: {origin}")
        states = ", ".join(f"{count} {outcome}" for outcome, count in sorted(found.deliveries.items())) or "none"
        click.echo(f"deliveries: {states}")
        click.echo("balanced: nothing is lost" if found.balanced else "NOT balanced: the origins above have no outcome")
    if not found.balanced:
        raise SystemExit(1)


@click.command()
@places
def lag(**options: Any) -> None:
    """Show how many records wait for each stage."""
    from tocsin.streams.admin import lags

    for one in _with_log(options, lags):
        click.echo(f"{one.stage:<10}{one.waiting:>9} waiting of {one.end:>9} in {one.topic}")


@click.group()
def deadletters() -> None:
    """List, show and replay records that could not be processed."""


@deadletters.command("list")
@places
@click.option("--all", "everything", is_flag=True, help="Those that were replayed already, too.")
def list_letters(everything: bool, **options: Any) -> None:
    """List dead letters: origin, stage, reason."""
    from tocsin.streams.admin import dead_letters

    shown = 0
    for letter in _with_log(options, dead_letters):
        if letter.replayed and not everything:
            continue
        shown += 1
        mark = "  (replayed)" if letter.replayed else ""
        click.echo(
            f"{letter.at:%Y-%m-%d %H:%M:%S}  {letter.origin}  {letter.stage}  {letter.reason}  {letter.error}{mark}"
        )
    if not shown:
        click.echo("no dead letters")


@deadletters.command("show")
@places
@click.argument("origin")
def show_letter(origin: str, **options: Any) -> None:
    """Show one dead letter whole: its reason, and the record as the log held it."""
    from tocsin.streams.admin import dead_letters

    for letter in _with_log(options, dead_letters):
        if letter.origin == origin:
            click.echo(f"origin    {letter.origin}\nstage     {letter.stage}\nreason    {letter.reason}")
            click.echo(f"error     {letter.error}\nattempts  {letter.attempts}\nkey       {letter.key}\n")
            click.echo(letter.value.decode("utf-8", "backslashreplace"))
            return
    raise click.ClickException(f"{origin}: no such dead letter; 'tocsin deadletters list' shows them")


@deadletters.command("replay")
@places
@click.argument("origins", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All that were not replayed yet.")
def replay_letters(origins: tuple[str, ...], everything: bool, **options: Any) -> None:
    """Put dead letters back where they came from, once what failed is mended."""
    from tocsin.streams.admin import dead_letters, replay_dead_letters

    if everything == bool(origins):
        raise click.ClickException("name the origins to replay, or --all")

    def work(bootstrap: str) -> int:
        letters = [one for one in dead_letters(bootstrap) if one.origin in origins or (everything and not one.replayed)]
        missing = set(origins) - {one.origin for one in letters}
        if missing:
            raise click.ClickException(f"{', '.join(sorted(missing))}: no such dead letter")
        return replay_dead_letters(bootstrap, letters)

    click.echo(f"{_with_log(options, work)} replayed")


COMMANDS: tuple[click.Command, ...] = (audit, lag, deadletters)
