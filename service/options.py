"""Command-line options that several commands share, and the settings they make."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from tocsin.service.settings import Settings, SettingsError, load

F = TypeVar("F", bound=Callable[..., Any])

_PLACES = [
    click.option("--config", metavar="FILE", help="Settings file; 'tocsin init' writes a commented one."),
    click.option("--data", metavar="DIR", help="Data directory (default: ./tocsin-data)."),
    click.option("--broker", metavar="HOST:PORT", help="A Kafka to use instead of the embedded broker."),
]
_CHAIN = [
    click.option("--feed", "feeds", multiple=True, metavar="URL", help="Poll this feed; repeat for more."),
    click.option(
        "--query", "queries", multiple=True, metavar="QUERY", help="Alert on this query, severity high; repeat."
    ),
    click.option("--webhook", metavar="URL", help="Send alerts to this webhook."),
    click.option("--webhook-secret", metavar="whsec_BASE64", help="Signing secret; without it one is made and kept."),
    click.option("--slack", metavar="URL", help="Send alerts to this Slack incoming webhook."),
    click.option("--allow-net", multiple=True, metavar="CIDR", help="Networks that may be reached beside public ones."),
    click.option("--since", metavar="YYYY-MM-DD", help="Entries of a new feed from that day on alert."),
    click.option("--every", type=float, metavar="SECONDS", help="Poll --feed at this pace instead of a learnt one."),
    click.option(
        "--listen", metavar="HOST:PORT", help="Where the page is (default: 127.0.0.1:8010; port 0: a free one)."
    ),
    click.option(
        "--metrics", metavar="HOST:PORT", help="Where metrics and health are; further roles take the next ports."
    ),
    click.option("--workers", type=int, metavar="N", help="Worker processes (default: 1)."),
]


def _with(options: list[Callable[[F], F]]) -> Callable[[F], F]:
    def decorate(command: F) -> F:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


places = _with(_PLACES)
"""Options that say where the log and the settings are."""
chain = _with(_PLACES + _CHAIN)
"""Options of everything that runs roles."""


def settings_from(options: dict[str, Any]) -> Settings:
    """Return the settings in force; click.ClickException in one line where one of them is wrong."""
    given = dict(options)
    config = given.pop("config", None)
    feeds = given.pop("feeds", ())
    every = given.pop("every", None)
    queries = given.pop("queries", ())
    hook, secret, slack = (given.pop(name, None) for name in ("webhook", "webhook_secret", "slack"))
    if feeds:
        given["feed"] = tuple({"url": url, "every": every} for url in feeds)
    if queries:
        given["subscription"] = tuple({"query": query, "name": query, "severity": "high"} for query in queries)
    if "allow_net" in given and not given["allow_net"]:
        given["allow_net"] = None
    if secret and not hook:
        raise click.ClickException("--webhook-secret: there is no --webhook that it could sign for")
    ends: dict[str, dict[str, Any]] = {}
    if hook:
        ends["webhook"] = {"channel": "webhook", "url": hook, **({"secrets": [secret]} if secret else {})}
    if slack:
        ends["slack"] = {"channel": "slack", "url": slack}
    given["endpoint"] = ends
    try:
        return load(config, os.environ, given)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None
