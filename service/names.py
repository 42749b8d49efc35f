"""The names that a query may use: countries, bodies."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from tocsin.agents.lexicon.load import countries, organisations
from tocsin.agents.lexicon.names import country_names, organisation_names


@functools.cache
def query_names() -> Mapping[str, str]:
    """Return names of countries, peoples and bodies, each with its id."""
    names = [*country_names(countries()), *organisation_names(organisations())]
    return {name.text: name.id for name in names if name.kind in {"country", "people", "org"}}
