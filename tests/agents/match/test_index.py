"""The index answers as walking every query would, and only quicker."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.agents.match.features import features
from tocsin.agents.match.index import Index
from tocsin.agents.match.plan import MAX_DISJUNCTS, plan
from tocsin.agents.match.query import QueryError, parse
from tocsin.agents.match.tree import And, Not, Or
from tocsin.streams.records import Annotated, Article, Label

WORDS = ["alba", "albany", "berg", "cove", "dale", "elm"]
TOPICS = ["summit", "sanctions"]


def build(title, text, labels=()):
    """Return an article in English."""
    article = Article(
        id="a1",
        url="https://daily.example/a",
        source="Daily",
        title=title,
        text=text,
        first_seen=datetime(2024, 3, 1, tzinfo=UTC),
    )
    return Annotated(article=article, language="en", labels=labels)


LEAVES = st.one_of(
    st.sampled_from(WORDS),
    st.builds('"{} {}"'.format, st.sampled_from(WORDS), st.sampled_from(WORDS)),
    st.builds('"{} {} {}"'.format, st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(WORDS)),
    st.sampled_from(["alb*", "ber*", "title:alb*", "title:elm", 'title:"berg cove"']),
    st.sampled_from([f"topic:{topic}" for topic in TOPICS] + ["lang:en", "lang:fr", "source:daily.example"]),
)
QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' '.join(parts)})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda parts: f"({' OR '.join(parts)})"),
        st.builds("NOT {}".format, inner),
    ),
    max_leaves=10,
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
ARTICLES = st.builds(
    lambda title, text, topics: build(title, text, labels=tuple(Label(topic=topic, score=1) for topic in topics)),
    TEXTS,
    TEXTS,
    st.sets(st.sampled_from(TOPICS)),
)


def plainly(node, annotated):
    """Answer a query on an article by reading its strings; shares no code with the product's walk."""
    if isinstance(node, And):
        return all(plainly(part, annotated) for part in node.parts)
    if isinstance(node, Or):
        return any(plainly(part, annotated) for part in node.parts)
    if isinstance(node, Not):
        return not plainly(node.part, annotated)
    if node.field == "topic":
        return any(label.topic == node.value for label in annotated.labels)
    if node.field == "lang":
        return node.value == "en"
    if node.field == "source":
        return node.value == "daily example"
    parts = [annotated.article.title] if node.field else [annotated.article.title, annotated.article.text]
    if node.prefix:
        return any(word.startswith(node.value) for part in parts for word in part.split())
    return any(f" {node.value} " in f" {part} " for part in parts)


def readable(texts):
    """Return the queries among texts that are bounded, each group once."""
    found = {}
    for text in texts:
        try:
            query = parse(text)
        except QueryError:
            continue
        found[query.group] = query
    return list(found.values())


@settings(deadline=None, max_examples=300)
@given(st.lists(QUERIES, max_size=8).map(readable), st.lists(ARTICLES, min_size=1, max_size=4), st.data())
def test_same_as_walking_every_query(queries, articles, data):
    """For any queries and articles, before and after some are removed, the index finds what a plain walk finds."""
    index = Index()
    for query in queries:
        index.add(query)
    gone = data.draw(st.sets(st.sampled_from([query.group for query in queries]))) if queries else set()
    for kept in (queries, [query for query in queries if query.group not in gone]):
        for annotated in articles:
            wanted = {query.group for query in kept if plainly(query.tree, annotated)}
            assert index.match(features(annotated)) == wanted
        for group in gone:
            index.remove(group)
    assert len(index) == len(queries) - len(gone)


@given(st.lists(QUERIES, max_size=6).map(readable))
@settings(deadline=None)
def test_nothing_stays_of_removed_queries(queries):
    """When every query is removed, the index holds what an empty one holds."""
    index = Index()
    for query in queries:
        index.add(query)
    for query in queries:
        index.remove(query.group)
        index.remove(query.group)
    assert len(index) == 0
    assert not index._anchors
    assert not index._special._counts
    assert not any(index._special._prefixes.values())
    assert not any(index._special._phrases.values())


def test_add_is_once_for_equal_queries():
    """Equal queries share an entry, which one removal takes out."""
    index = Index()
    one, two = parse('alb* "berg cove"'), parse('"Berg Cove" AND ALB*')
    index.add(one)
    index.add(two)
    assert len(index) == 1
    assert one.group in index
    index.remove(two.group)
    assert index.match(features(build("alba berg cove", ""))) == set()


def test_a_prefix_of_another_query_outlives_one():
    """A prefix or phrase that two queries ask for stays while one of them does."""
    index = Index()
    one, two = parse('alb* "berg cove" x'), parse('alb* "berg cove" y')
    index.add(one)
    index.add(two)
    index.remove(one.group)
    assert index.match(features(build("alba berg cove y", ""))) == {two.group}


@pytest.mark.parametrize("pairs", [5, 6, 7, 12])
def test_too_many_disjuncts_are_walked(pairs):
    """A query that multiplies out too far is found by one clause and then walked, with the same answer."""
    text = " ".join(f"((a{at} b{at}) OR (c{at} d{at}))" for at in range(pairs))
    query = parse(text)
    disjuncts = plan(query.tree)
    assert len(disjuncts) == (2**pairs if 2**pairs <= MAX_DISJUNCTS else 1)
    index = Index()
    index.add(query)
    full = " ".join(f"a{at} b{at}" for at in range(pairs))
    assert index.match(features(build("", full))) == {query.group}
    assert index.match(features(build("", full.replace("b0", "d0")))) == set()


def test_long_lists_of_alternatives():
    """Two long any-of lists match by any pair of theirs."""
    left = " OR ".join(f"l{at}" for at in range(90))
    right = " OR ".join(f"r{at}" for at in range(90))
    index = Index()
    query = parse(f"({left}) ({right})")
    index.add(query)
    assert index.match(features(build("l3", "r77"))) == {query.group}
    assert index.match(features(build("l3 l4", ""))) == set()
