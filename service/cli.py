"""The `tocsin` command. Imports stand inside the commands, so that each one pays only for what it uses."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import Any

import click

from tocsin.service.options import chain, places, settings_from


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("tocsin"), prog_name="tocsin")
def main() -> None:
    """Watch the news: feeds in, alerts with evidence out, and nothing lost silently."""


@main.command()
@chain
def run(**options: Any) -> None:
    """Run everything in one process tree: broker, poller, worker, page."""
    _run_roles(["poller", "web", "worker"], options)


@main.command()
@chain
def poller(**options: Any) -> None:
    """Run a poller alone, against a log that runs elsewhere."""
    _run_roles(["poller"], options, needs_log=True)


@main.command()
@chain
def worker(**options: Any) -> None:
    """Run workers alone: annotate, stories, match, decide, schedule, deliver."""
    _run_roles(["worker"], options, needs_log=True)


@main.command()
@chain
def web(**options: Any) -> None:
    """Run the live page alone."""
    _run_roles(["web"], options, needs_log=True)


def _run_roles(roles: list[str], options: dict[str, Any], *, needs_log: bool = False) -> None:
    import msgspec

    from tocsin.service.logs import configure_logs
    from tocsin.service.run import bootstrap_of, check_addresses, run_roles

    settings = settings_from(options)
    if needs_log:
        settings = msgspec.structs.replace(settings, broker=bootstrap_of(settings))
    roles = [role for role in roles if role != "worker"] + ["worker"] * (settings.workers if "worker" in roles else 0)
    check_addresses(settings, roles)
    configure_logs("supervisor")
    click.echo(f"tocsin {version('tocsin')}")
    run_roles(settings, roles)


@main.command()
@places
@click.option("--port", type=click.IntRange(0, 65535), default=9092, show_default=True, help="0 takes a free one.")
def broker(port: int, **options: Any) -> None:
    """Run the embedded broker alone, on this machine's loopback."""
    from tocsin.service.logs import configure_logs
    from tocsin.service.run import broker_only
    from tocsin.streams.broker.errors import BrokerError

    configure_logs("broker")
    try:
        asyncio.run(broker_only(settings_from(options), port, click.echo))
    except BrokerError as error:
        raise click.ClickException(str(error)) from None


@main.command()
@chain
@click.option("--speed", type=float, default=1.0, show_default=True, help="Tell the stories faster or slower.")
def demo(speed: float, **options: Any) -> None:
    """See the whole chain at work offline: fictional feeds from this machine, story arcs over a minute, real alerts."""
    from tocsin.service.demo_run import run_demo

    run_demo(settings_from(options), speed)


@main.command()
@click.argument("path", default="tocsin.toml", type=click.Path(dir_okay=False))
def init(path: str) -> None:
    """Write a commented settings file."""
    from importlib.resources import files
    from pathlib import Path

    target = Path(path)
    if target.exists():
        raise click.ClickException(f"{target}: is there already; name another file")
    target.write_text(files("tocsin.service").joinpath("tocsin.example.toml").read_text(), encoding="utf-8")
    click.echo(f"{target} written; every setting in it is commented. Check it with: tocsin doctor --config {target}")


@main.command()
@chain
def doctor(**options: Any) -> None:
    """Check settings, broker, feeds, channels and disk; say the mend."""
    from tocsin.service.doctor import examine

    settings = settings_from(options)
    findings = asyncio.run(examine(settings))
    for finding in findings:
        click.echo(f"{'ok  ' if finding.ok else 'FAIL'}  {finding.what}: {finding.text}")
    if not all(finding.ok for finding in findings):
        raise SystemExit(1)


def _register() -> None:
    from tocsin.service import evaluate, gazetteer, operate, programs, topics

    for command in (*operate.COMMANDS, *programs.COMMANDS, *gazetteer.COMMANDS, *topics.COMMANDS, *evaluate.COMMANDS):
        main.add_command(command)


_register()
