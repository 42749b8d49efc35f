"""The stage sends one annotated article for each article, under one key, with its cause."""

from datetime import UTC, datetime

from tocsin.agents.annotate.agent import annotate_agent
from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load
from tocsin.streams import topics
from tocsin.streams.contract import Cause, Item, Origin

NOW = datetime(2024, 5, 1, tzinfo=UTC)


def test_every_article_becomes_one_annotated_article_with_its_cause():
    agent = annotate_agent(Annotator(load()).annotate)
    items = [
        Item(
            record=article_of({"id": str(n), "text": "Peru votes."}),
            key=str(n),
            time=NOW,
            cause=Cause(origin=Origin("t", 0, n)),
        )
        for n in range(3)
    ]
    result = agent.handle(items, None, NOW)
    assert (agent.name, agent.source, agent.state) == ("annotate", topics.ARTICLES, None)
    assert [(s.topic, s.key, s.cause) for s in result.sends] == [
        (topics.ANNOTATED, "all", item.cause) for item in items
    ]
    assert [s.record.article for s in result.sends] == [item.record for item in items]
    assert result.changes == {}
