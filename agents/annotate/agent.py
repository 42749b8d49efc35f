"""The stage `annotate`: articles in, annotated articles out, nothing remembered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from tocsin.streams import topics
from tocsin.streams.contract import Agent, Item, Result, Send
from tocsin.streams.records import Annotated, Article

KEY = "all"
"""All annotated articles go to one partition, so that stories meet them in one order."""


def annotate_agent(annotate: Callable[[Article], Annotated]) -> Agent:
    """Return the agent that annotates every article."""

    def handle(batch: Sequence[Item[Any]], _state: Any, _now: datetime) -> Result:
        return Result(
            sends=[
                Send(topic=topics.ANNOTATED, key=KEY, record=annotate(item.record), cause=item.cause) for item in batch
            ]
        )

    return Agent(name="annotate", source=topics.ARTICLES, handle=handle)
