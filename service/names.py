"""The names that a query may use: topics, countries, bodies."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

from tocsin.agents.lexicon.load import countries, organisations, topic_files
from tocsin.agents.lexicon.names import country_names, organisation_names


@functools.cache
def query_names() -> Mapping[str, str]:
    """Return names of countries, peoples and bodies, each with its id."""
    names = [*country_names(countries()), *organisation_names(organisations())]
    return {name.text: name.id for name in names if name.kind in {"country", "people", "org"}}


@functools.cache
def topic_names() -> Sequence[str]:
    """Return the topics there are."""
    return tuple(file.topic for file in topic_files())
