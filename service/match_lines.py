"""`tocsin match`: subscriptions against lines, without a service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.match.explain import explain
from tocsin.agents.match.features import features
from tocsin.agents.match.index import Index
from tocsin.agents.match.query import Query, parse
from tocsin.service.names import query_names
from tocsin.streams.records import Annotated, Event, Label, Mention, StoryUpdate


class Matcher:
    """Subscriptions in memory; ValueError at once where a query can't be read."""

    def __init__(self, subscriptions: Iterable[dict[str, Any]], annotator: Any) -> None:
        self._index = Index()
        self._annotator = annotator
        self._groups: dict[str, list[tuple[Any, Query]]] = {}
        names, topics = query_names(), tuple(annotator.topics)
        for line in subscriptions:
            query = parse(str(line.get("query", "")), topics=topics, names=names)
            if query.group not in self._groups:
                self._index.add(query)
            self._groups.setdefault(query.group, []).append((line["id"], query))

    def match(self, line: dict[str, Any], *, explained: bool) -> Iterator[dict[str, Any]]:
        """Yield the matches of one line, subscriptions in their file's order within a group."""
        annotated = self._annotated(line)
        update = StoryUpdate(annotated=annotated, story="", relation="first", headline=annotated.article.title)
        for group in sorted(self._index.match(features(update))):
            for subscription, query in self._groups[group]:
                found: dict[str, Any] = {"article": line["id"], "subscription": subscription}
                if explained:
                    found["reasons"] = msgspec.to_builtins(explain(query, annotated))
                yield found

    def _annotated(self, line: dict[str, Any]) -> Annotated:
        """Return what `tocsin annotate` wrote as a record; a line without topics is annotated here."""
        article = article_of(line)
        annotated: Annotated = self._annotator.annotate(article)
        if "topics" not in line:
            return annotated
        return msgspec.structs.replace(
            annotated,
            language=line.get("lang") or annotated.language,
            labels=msgspec.convert(line["topics"], tuple[Label, ...]),
            mentions=msgspec.convert(line.get("entities", ()), tuple[Mention, ...]),
            events=msgspec.convert(line.get("events", ()), tuple[Event, ...]),
        )
