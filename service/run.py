"""`tocsin run` and the roles apart: prepare the log, then supervise."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec
import structlog
from kafka.errors import KafkaError

from tocsin.service import configure
from tocsin.service.settings import Settings, SettingsError, address
from tocsin.service.supervisor import Supervisor
from tocsin.streams.admin import LogAwayError, LogError, ensure_topics
from tocsin.streams.broker.errors import BrokerError
from tocsin.streams.records import Notice, content_id
from tocsin.streams.topics import ENDPOINTS, FEEDS, SUBSCRIPTIONS, Topic

log = structlog.get_logger()

BROKER_FILE = "broker"
"""File of the data directory that holds the address of the embedded broker while it runs."""


def run_roles(
    settings: Settings, roles: Sequence[str], *, say: Callable[[str], None] = click.echo, extra: Any = None
) -> None:
    """Run roles as one process tree until a signal; ClickException (exit code 1) in one line on a fault.

    `extra` is an async context manager that is entered before the roles and yields changed settings (the demo's feeds).
    """
    try:
        asyncio.run(_run(settings, roles, say, extra))
    except* (BrokerError, SettingsError, LogError) as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        raise click.ClickException(str(error)) from None


async def _run(settings: Settings, roles: Sequence[str], say: Callable[[str], None], extra: Any) -> None:
    async with contextlib.AsyncExitStack() as stack:
        if extra is not None:
            settings = await stack.enter_async_context(extra(settings))
        if "worker" in roles:
            settings = with_webhook_secrets(settings, say)
        supervisor = Supervisor(settings, roles, say=say)

        async def prepare() -> str:
            wanted = await asyncio.to_thread(_wanted, settings, roles)
            bootstrap = settings.broker
            if not bootstrap:
                bootstrap = await stack.enter_async_context(embedded(settings, supervisor.abandon, say))
            else:
                say(f"broker    {bootstrap}")
            await _prepare_log(bootstrap, settings, wanted, say)
            _say_wanted(settings, wanted, say)
            _announce_notices(supervisor, bootstrap, settings)
            return bootstrap

        await supervisor.run(prepare)
    if supervisor.failure:
        raise click.ClickException(supervisor.failure)


@contextlib.asynccontextmanager
async def embedded(
    settings: Settings, on_failure: Callable[[str], None], say: Callable[[str], None], port: int = 0
) -> AsyncIterator[str]:
    """Run the embedded broker in this process; yields its address. `on_failure` is told why it can't go on."""
    from tocsin.streams.broker.server import Broker

    directory = settings.directory
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise BrokerError(f"{directory}: can't be made ({error.strerror}); choose another with --data") from None
    say(f"data      {directory}")
    broker = Broker(directory / "log", port=port)
    await broker.start()
    bootstrap = f"127.0.0.1:{broker.port}"
    try:
        (directory / BROKER_FILE).write_text(bootstrap)
    except OSError as error:
        await broker.stop()
        raise BrokerError(f"{directory}: can't be written ({error.strerror}); make room, or choose another") from None
    say(f"broker    {bootstrap} (embedded)")

    async def watch_disk() -> None:
        await broker.full.wait()
        on_failure(f"{directory}: the disk is full: make room, then start again; nothing that was accepted is lost")

    async def watch() -> None:
        try:
            await broker.failure
        except BrokerError as error:
            on_failure(str(error))

    watching = [asyncio.create_task(watch()), asyncio.create_task(watch_disk())]
    try:
        yield bootstrap
    finally:
        for task in watching:
            task.cancel()
        (directory / BROKER_FILE).unlink(missing_ok=True)
        await broker.stop()


Wanted = dict[Topic, list[Any]]
"""What the settings ask for, by the topic that it travels on."""


def _wanted(settings: Settings, roles: Sequence[str]) -> Wanted:
    """Return what the log must hold for these roles; SettingsError before anything is touched."""
    wanted: Wanted = {}
    if "poller" in roles:
        wanted[FEEDS] = configure.feeds(settings)
    if "worker" in roles:
        from tocsin.service.knowledge import check, topic_names
        from tocsin.service.names import query_names

        check(settings)
        wanted[ENDPOINTS] = configure.endpoints(settings)
        wanted[SUBSCRIPTIONS] = configure.subscriptions(settings, topic_names(settings), query_names())
    return wanted


async def _prepare_log(bootstrap: str, settings: Settings, wanted: Wanted, say: Callable[[str], None]) -> None:
    """Make topics and bring the settings into the log; a log that is away, or goes away meanwhile, is waited for."""

    def prepare() -> None:
        ensure_topics(bootstrap, replication=settings.replication)
        for topic, records in wanted.items():
            configure.apply(bootstrap, topic, records)

    told = False
    while True:
        try:
            await beside(prepare)
        except (LogAwayError, KafkaError) as error:
            if not told:
                away = error if isinstance(error, LogAwayError) else LogAwayError(bootstrap, error)
                say(f"waiting   {away}")
                told = True
            await asyncio.sleep(0.5)
        else:
            return


async def beside(work: Callable[[], object]) -> None:
    """Run work in a thread of its own that holds up no stop: one that asks a log may wait for it for minutes."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()

    def finish(error: BaseException | None) -> None:
        if done.done():
            return
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)

    def run() -> None:
        error: BaseException | None = None
        try:
            work()
        except BaseException as raised:  # whatever it is, somebody waits for it
            error = RuntimeError(repr(raised)) if isinstance(raised, StopIteration) else raised
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits any more
            loop.call_soon_threadsafe(finish, error)

    threading.Thread(target=run, daemon=True).start()
    await done


def _say_wanted(settings: Settings, wanted: Wanted, say: Callable[[str], None]) -> None:
    if FEEDS in wanted:
        say(f"feeds     {len(wanted[FEEDS])}{'' if settings.feed else ' (starter list)'}")
    for one in wanted.get(SUBSCRIPTIONS, ()):
        say(f"watching  {one.query}  ->  {', '.join(one.endpoints)}")


def _announce_notices(supervisor: Supervisor, bootstrap: str, settings: Settings) -> None:
    from tocsin.service.notices import Notifier

    notifier = Notifier(bootstrap, settings.operator.endpoint)

    def notify(what: str, text: str) -> None:
        now = datetime.now(UTC)
        notifier(Notice(id=content_id(what, text, now.isoformat()), what=what, text=text, at=now))

    supervisor.notify = notify


def with_webhook_secrets(settings: Settings, say: Callable[[str], None]) -> Settings:
    """Give every webhook without a secret one that was made once and is kept in the data directory."""
    from tocsin.agents.alert.signing import new_secret

    tables = dict(settings.endpoint)
    for name, table in tables.items():
        if table.get("channel") != "webhook" or table.get("secrets"):
            continue
        path = settings.directory / f"{name}-secret"
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
                with os.fdopen(descriptor, "w") as file:
                    file.write(new_secret().reveal() + "\n")
            kept = path.read_text().strip()
        except OSError as error:
            raise SettingsError(f"{path}: can't be kept there ({error.strerror}); choose another --data") from None
        tables[name] = {**table, "secrets": [kept]}
        say(f"webhook   signing secret of {name} in {path}")
    return msgspec.structs.replace(settings, endpoint=tables)


def bootstrap_of(settings: Settings) -> str:
    """Return the address of the log that a command should look at: the settings' Kafka, or the running embedded one."""
    if settings.broker:
        return settings.broker
    path: Path = settings.directory / BROKER_FILE
    try:
        return path.read_text().strip()
    except OSError:
        raise click.ClickException(
            f"no Tocsin runs on {settings.directory}: start 'tocsin run', or name a Kafka with --broker"
        ) from None


async def broker_only(settings: Settings, port: int, say: Callable[[str], None]) -> None:
    """Run the embedded broker alone until a signal."""
    import signal

    stop = asyncio.Event()
    failures: list[str] = []

    def fail(failure: str) -> None:
        failures.append(failure)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with embedded(settings, fail, say, port) as bootstrap:
        await beside(lambda: ensure_topics(bootstrap))
        say("ready")
        await stop.wait()
    if failures:
        raise BrokerError(failures[0])


def check_addresses(settings: Settings, roles: Sequence[str]) -> None:
    """Fail early, in one line, where the page's or the metrics' addresses can't be had."""
    if "web" in roles:
        host, port = address(settings.listen)
        _check_free(host, port, "the page", "--listen")
    host, port = address(settings.metrics)
    for index in range(len(roles)):
        _check_free(host, port and port + index, "metrics", "--metrics")


def _check_free(host: str, port: int, what: str, option: str) -> None:
    import socket

    if not port:
        return
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or "no such port"
            shown = f"[{host}]" if ":" in host else host
            raise click.ClickException(
                f"{what} can't have {shown}:{port} ({reason}): choose another address with {option}, "
                f"or {option} 127.0.0.1:0 for a free one"
            ) from None
