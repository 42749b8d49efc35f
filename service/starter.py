"""What is watched where the settings name nothing: public world-news feeds, and one query for each topic."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

import msgspec

from tocsin.streams.records import Severity


class StarterFeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public feed of a publisher; `language` is a BCP 47 tag."""

    name: str
    url: str
    language: str


class StarterSubscription(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A standing query with the name under which its alerts come."""

    name: str
    query: str
    severity: Severity = "medium"


class Starter(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole starter set."""

    feeds: tuple[StarterFeed, ...] = msgspec.field(name="feed")
    subscriptions: tuple[StarterSubscription, ...] = msgspec.field(name="subscription")


@functools.cache
def starter() -> Starter:
    """Read `starter.toml` of the package; msgspec.ValidationError names the place of a fault."""
    text = resources.files("tocsin.service").joinpath("starter.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Starter)
