"""Settings: a TOML file, then `TOCSIN_*` in the environment, then the command line; the later one wins.

A wrong setting is named by file, line and key, with the mend.
"""

from __future__ import annotations

import ipaddress
import re
import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from tocsin.agents.lexicon.entity_packs import WatchEntry
from tocsin.streams.records import Severity

ENVIRONMENT = {
    "TOCSIN_BROKER": "broker",
    "TOCSIN_DATA": "data",
    "TOCSIN_LISTEN": "listen",
    "TOCSIN_METRICS": "metrics",
    "TOCSIN_WORKERS": "workers",
    "TOCSIN_ALLOW_NET": "allow_net",
    "TOCSIN_SINCE": "since",
    "TOCSIN_INSTANCE": "instance",
    "TOCSIN_REPLICATION": "replication",
    "TOCSIN_WATCHDOG": "watchdog",
}
"""Environment variable -> setting; `TOCSIN_CONFIG` names the file."""


class SettingsError(Exception):
    """A setting that can't be used: one line with the place and the mend."""

    def __init__(self, message: str, key: str = "") -> None:
        super().__init__(message)
        self.key = key
        """Which setting it is, as `subscription.0.query`; empty where the message names the place already."""


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[feed]]`: a feed to poll."""

    url: str
    name: str = ""
    language: str | None = None
    every: float | None = None
    """Seconds between polls instead of the learnt pace."""


class SubscriptionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[subscription]]`: a standing query."""

    query: str
    name: str = ""
    severity: Severity = "medium"
    endpoints: tuple[str, ...] = ()
    """Names of `[endpoint.NAME]`; empty means all of them."""


class OperatorSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[operator]`: where notices about Tocsin itself go."""

    endpoint: str = "operator"
    """Name of an `[endpoint.NAME]`; without one, notices are written to the terminal."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that can be set. `endpoint` holds secrets: it is never printed or logged."""

    data: str = "tocsin-data"
    broker: str = ""
    """`host:port` of a Kafka; empty means the embedded broker in the data directory."""
    listen: str = "127.0.0.1:8010"
    metrics: str = "127.0.0.1:0"
    """Where the first role shows metrics and health; further ones take the next ports. Port 0: any free ones."""
    workers: int = 1
    allow_net: tuple[str, ...] = ()
    since: str = ""
    instance: str = ""
    replication: int = 1
    watchdog: float = 30.0
    """Seconds for which a worker may hold a batch before it is ended."""
    feed: tuple[FeedSettings, ...] = ()
    subscription: tuple[SubscriptionSettings, ...] = ()
    endpoint: dict[str, dict[str, Any]] = {}
    operator: OperatorSettings = OperatorSettings()
    watch: tuple[WatchEntry, ...] = ()
    """`[[watch]]`: names to recognise beside those that come with Tocsin."""
    wide: tuple[str, ...] = ()
    """Topics that are given at their wide operating point: more is found, more of it is wrong."""
    annotator: dict[str, dict[str, Any]] = {}
    """`[annotator.NAME]`: annotators of others to ask, each with its options and its `deadline` in seconds."""
    config: str = ""
    """The file that was read, for messages; `load` sets it, nobody else can."""

    @property
    def since_day(self) -> datetime | None:
        """Return the moment from which entries of a new feed alert, or None."""
        if not self.since:
            return None
        return datetime.combine(date.fromisoformat(self.since), time(), UTC)

    @property
    def directory(self) -> Path:
        """Return the data directory as an absolute path."""
        return Path(self.data).expanduser().absolute()


def load(config: str | None, environment: Mapping[str, str], options: Mapping[str, Any]) -> Settings:
    """Return the settings in force; SettingsError names file, line and key, or the variable, or the option."""
    config = config or environment.get("TOCSIN_CONFIG") or None
    values: dict[str, Any] = {}
    if config:
        values = _read(Path(config))
    given = {key: value for key, value in options.items() if value is not None}
    endpoint = {**values.get("endpoint", {}), **given.pop("endpoint", {})}
    values |= _from_environment(environment) | given | {"endpoint": endpoint, "config": config or ""}
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(_told(str(error), None, "")) from None
    try:
        _check(settings)
    except SettingsError as error:
        raise located(settings, error) from None
    return settings


def located(settings: Settings, error: SettingsError) -> SettingsError:
    """Return the error with file and line before it, where the setting came from the file."""
    if not error.key or not settings.config:
        return error
    try:
        text = Path(settings.config).read_text(encoding="utf-8")
        in_file: Any = tomllib.loads(text)
    except (OSError, ValueError):
        return error
    in_force: Any = msgspec.to_builtins(settings)
    for part in error.key.split("."):
        in_file, in_force = _part(in_file, part), _part(in_force, part)
    if in_file is not None and msgspec.json.encode(in_file) != msgspec.json.encode(in_force):
        return error  # the environment or the command line set another value
    return SettingsError(f"{settings.config}, line {line_of(text, error.key)}: {error}")


def _part(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return value.get(name)
    if isinstance(value, list | tuple) and name.isdigit() and int(name) < len(value):
        return value[int(name)]
    return None


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: can't be read ({error.strerror}); 'tocsin init' writes one") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}, line {line}: not UTF-8; save the file as UTF-8 text") from None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path}: not TOML: {error}") from None
    if "config" in values:
        raise SettingsError(f"{path}, line {line_of(text, 'config')}: config: there is no such setting")
    try:
        msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise SettingsError(_told(str(error), path, text)) from None
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in environment.items():
        if not name.startswith("TOCSIN_") or name == "TOCSIN_CONFIG":
            continue
        key = ENVIRONMENT.get(name)
        if key is None:
            raise SettingsError(f"{name}: no such variable; there are {', '.join(sorted(ENVIRONMENT))}, TOCSIN_CONFIG")
        try:
            values[key] = _typed(key, value)
        except ValueError:
            raise SettingsError(f"{name}: {value!r} is not a number") from None
    return values


def _typed(key: str, value: str) -> Any:
    if key == "allow_net":
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if key in {"workers", "replication"}:
        return int(value)
    return float(value) if key == "watchdog" else value


def _check(settings: Settings) -> None:
    for key, value in (("listen", settings.listen), ("metrics", settings.metrics)):
        _address(key, value)
    for part in filter(None, settings.broker.split(",")):
        _address("broker", part)
    for network in settings.allow_net:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise _wrong("allow_net", f"{network!r} is no network; write it as {_network(network)}") from None
    try:
        _ = settings.since_day
    except ValueError:
        raise _wrong("since", f"{settings.since!r} is no day; write it as 2026-01-31") from None
    if not 1 <= settings.workers <= 64:
        raise _wrong("workers", f"{settings.workers} is not from 1 to 64")
    if settings.watchdog < 1:
        raise _wrong("watchdog", f"{settings.watchdog} is below 1 second")
    for number, feed in enumerate(settings.feed):
        _check_feed(number, feed)
    for number, entry in enumerate(settings.watch):
        _check_watch(number, entry)
    _check_endpoints(settings)


def _network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text, strict=False))
    except ValueError:
        return "10.1.0.0/16"


def _check_feed(number: int, feed: FeedSettings) -> None:
    try:
        parts = urlsplit(feed.url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise _wrong(f"feed.{number}.url", f"{feed.url!r} is no address; write it as https://example.org/feed.xml")
    if feed.every is not None and not feed.every > 0:
        raise _wrong(f"feed.{number}.every", f"{feed.every} is not above 0 seconds")


def _check_watch(number: int, entry: WatchEntry) -> None:
    for key, text in (("name", entry.name), *(("aliases", alias) for alias in entry.aliases)):
        if not re.fullmatch(r"\w(?:.*[\w.])?", text):
            raise _wrong(f"watch.{number}.{key}", f"{text!r} can't be found in a text; begin and end it with a letter")
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", entry.key):
        raise _wrong(f"watch.{number}.id", f"{entry.id!r} is no id; write letters, digits and hyphens: acme-corp")


def _check_endpoints(settings: Settings) -> None:
    for name, table in settings.endpoint.items():
        if not isinstance(table.get("channel"), str):
            raise _wrong(f"endpoint.{name}", 'says no channel; add channel = "webhook" or another one')
    known = set(settings.endpoint) | {"terminal"}
    there = f"there are {', '.join(sorted(known))}"
    for number, subscription in enumerate(settings.subscription):
        for name in subscription.endpoints:
            if name not in known:
                raise _wrong(f"subscription.{number}.endpoints", f"there is no [endpoint.{name}]; {there}")
    name = settings.operator.endpoint
    if name not in known | {OperatorSettings().endpoint}:
        raise _wrong("operator.endpoint", f"there is no [endpoint.{name}]; {there}")


def _wrong(key: str, message: str) -> SettingsError:
    return SettingsError(f"{shown(key)}: {message}", key)


def shown(key: str) -> str:
    """Return a key as people know it: `subscription.query` for `subscription.0.query`."""
    return re.sub(r"\.\d+(?=\.|$)", "", key)


def _address(key: str, value: str) -> tuple[str, int]:
    host, separator, port = value.rpartition(":")
    if not separator or not host or not port.isdigit() or int(port) > 65535:
        raise _wrong(key, f"{value!r} is no address; write it as 127.0.0.1:8010")
    return host.strip("[]"), int(port)


def address(value: str) -> tuple[str, int]:
    """Split `host:port`; SettingsError where it is not that."""
    return _address("address", value)


def _told(error: str, path: Path | None, text: str) -> str:
    """Turn a validation error into one line with file, line and key."""
    message, _, place = error.partition(" - at ")
    dotted = re.sub(r"\[(\d+)\]", r".\1", place.strip("`")).removeprefix("$").strip(".")
    unknown = re.search(r"unknown field `(\w+)`", message)
    if unknown:
        dotted = f"{dotted}.{unknown.group(1)}".strip(".")
        message = f"there is no such setting{_near(unknown.group(1), dotted)}"
    where = f"{path}, line {line_of(text, dotted)}: " if path else ""
    return f"{where}{shown(dotted)}: {message[:1].lower() + message[1:]}"


def _near(name: str, dotted: str) -> str:
    import difflib

    struct: type[msgspec.Struct] = Settings
    if dotted.startswith("feed."):
        struct = FeedSettings
    elif dotted.startswith("subscription."):
        struct = SubscriptionSettings
    elif dotted.startswith("operator."):
        struct = OperatorSettings
    near = difflib.get_close_matches(name, struct.__struct_fields__, 1)
    return f"; did you mean {near[0]}?" if near else ""


def line_of(text: str, dotted: str) -> int:
    """Return the line on which a key such as `feed.1.url` is set; the table's line where the key is absent."""
    *tables, key = dotted.split(".")
    index = int(tables.pop()) if tables and tables[-1].isdigit() else 0
    if key.isdigit():
        index, key = int(key), ""
    table, wanted = ".".join(tables), 0
    here, found = not tables, 1
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        header = re.fullmatch(r"\[\[?([^\]]+)\]\]?\s*(?:#.*)?", stripped)
        if header:
            name = header.group(1).strip().replace('"', "")
            here = name in {table, dotted} and (not stripped.startswith("[[") or wanted == index)
            wanted += name == table
            found = number if here else found
        elif here and key and re.match(rf'"?{re.escape(key)}"?\s*=', stripped):
            return number
    return found
