"""The match stage, run on lists."""

from datetime import UTC, datetime

from tocsin.agents.match.agent import match_agent
from tocsin.agents.match.index import Index
from tocsin.agents.match.query import parse
from tocsin.streams.contract import Cause, Item, Memory, Origin
from tocsin.streams.records import Annotated, Article, Matched, Note, StoryUpdate
from tocsin.streams.topics import MATCHES, NOTES

FIRST_SEEN = datetime(2024, 3, 1, tzinfo=UTC)


def item(offset, text):
    article = Article(id=f"a{offset}", url="", source="Daily", text=text, first_seen=FIRST_SEEN)
    update = StoryUpdate(
        annotated=Annotated(article=article, language="en"), story=f"s{offset}", relation="first", headline="h"
    )
    cause = Cause(origin=Origin("stories", 0, offset))
    return Item(record=update, key=update.story, time=FIRST_SEEN, cause=cause)


def test_one_output_an_article():
    """An article that matches gives one Matched with all its groups, keyed by story; another gives a named note."""
    index = Index()
    queries = [parse("boat"), parse("boa*"), parse("ship")]
    for query in queries:
        index.add(query)
    batch = [item(1, "A boat"), item(2, "A train")]
    result = match_agent(lambda: index).handle(batch, Memory(), FIRST_SEEN)
    hit, miss = result.sends
    assert (hit.topic, hit.key, hit.cause) == (MATCHES, "s1", batch[0].cause)
    assert isinstance(hit.record, Matched)
    assert hit.record.groups == tuple(sorted(query.group for query in queries[:2]))
    assert hit.record.update is batch[0].record
    assert (miss.topic, miss.cause) == (NOTES, batch[1].cause)
    assert miss.record == Note(stage="match", reason="no-match", article="a2")
    assert result.changes == {}


def test_a_saved_query_counts_from_the_next_batch():
    """The index is asked anew for each batch."""
    index = Index()
    agent = match_agent(lambda: index)
    assert isinstance(agent.handle([item(1, "A boat")], Memory(), FIRST_SEEN).sends[0].record, Note)
    index.add(parse("boat"))
    assert isinstance(agent.handle([item(2, "A boat")], Memory(), FIRST_SEEN).sends[0].record, Matched)
