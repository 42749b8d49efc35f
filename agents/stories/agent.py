"""The stories stage: each article gets its story, and what ended is forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.agents.stories.place import place
from tocsin.agents.stories.state import Draft, Kept, StoryIndex
from tocsin.streams.contract import Agent, Item, Result, Send, note
from tocsin.streams.records import Annotated
from tocsin.streams.topics import ANNOTATED, STORIES

NAME = "stories"
MOST_FORGOTTEN = 300
"""Values forgotten in one call, so that no batch of articles waits long."""


def stories_agent() -> Agent:
    """Return the agent. Its input is one partition: two articles that come at once must see each other."""
    return Agent(
        name=NAME,
        source=ANNOTATED,
        handle=_handle,
        state=Kept,
        memory=StoryIndex,
        due=StoryIndex.next_end,
        on_time=_forget,
    )


def _handle(batch: Sequence[Item[Annotated]], state: StoryIndex, _now: datetime) -> Result:
    draft = Draft(state)
    sends: list[Send] = []
    for item in batch:
        update = place(item.record, draft, item.time)
        if update is None:
            sends.append(note(item, NAME, "repeat", article=item.record.article.id))
        else:
            sends.append(Send(topic=STORIES, key=update.story, record=update, cause=item.cause))
    return Result(sends=sends, changes=draft.changes)


def _forget(state: StoryIndex, due: datetime) -> Result:
    return Result(changes=dict.fromkeys(state.ended(due, MOST_FORGOTTEN)))
