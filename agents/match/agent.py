"""The match stage: one record an article, with the groups of equal queries that it matches."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from tocsin.agents.match.features import features
from tocsin.agents.match.index import Index
from tocsin.streams.contract import Agent, Item, Memory, Result, Send, note
from tocsin.streams.records import Matched, Record, StoryUpdate
from tocsin.streams.topics import MATCHES, STORIES

NAME = "match"


def match_agent(index: Callable[[], Index]) -> Agent:
    """Return the agent; `index` is asked once a batch, so a query saved meanwhile counts from the next batch on."""

    def handle(batch: Sequence[Item[StoryUpdate]], _state: Memory[Record], _now: datetime) -> Result:
        queries = index()
        return Result(sends=[_matched(item, queries) for item in batch])

    return Agent(name=NAME, source=STORIES, handle=handle)


def _matched(item: Item[StoryUpdate], queries: Index) -> Send:
    update = item.record
    article = update.annotated.article.id
    groups = tuple(sorted(queries.match(features(update))))
    if not groups:
        return note(item, NAME, "no-match", article=article)
    record = Matched(article=article, story=update.story, update=update, groups=groups)
    return Send(topic=MATCHES, key=update.story, record=record, cause=item.cause)
