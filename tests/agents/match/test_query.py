"""The subscription language: what it means, and what it says when it is not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.agents.match.query import MAX_CHARACTERS, MAX_CLAUSES, MAX_DEPTH, QueryError, parse

TOPICS = ["summit", "sanctions", "expulsion"]
NAMES = {"Russia": "RUS", "Côte d'Ivoire": "CIV", "Andorra": "AND", "European Union": "EU", "US": "USA"}


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("Envoy", "envoy"),
        ("b a", "a AND b"),
        ("a AND b", "a AND b"),
        ("a OR b c", "a OR (b AND c)"),
        ("(a OR b) c", "(a OR b) AND c"),
        ("a -b", "NOT b AND a"),
        ("a NOT (b OR c)", "NOT b AND NOT c AND a"),
        ("NOT NOT a", "a"),
        ("a a A", "a"),
        ('"Press  Office"', '"press office"'),
        ("“press office”", '"press office"'),
        ("U.S. tariffs", '"u s" AND tariffs'),
        ("sanction*", "sanction*"),
        ("Ministère", "ministere"),
        ("外交官", '"外 交 官"'),
        ("topic:(summit sanctions)", "topic:sanctions OR topic:summit"),
        ("topic:(summit OR sanctions)", "topic:sanctions OR topic:summit"),
        ("topic: Summit", "topic:summit"),
        ("country:(RUS russia US)", "country:RUS OR country:USA"),
        ('country:"cote d’ivoire"', "country:CIV"),
        ("actor:eu target:boko_haram", "actor:EU AND target:BOKO_HARAM"),
        ("entity:Russia", "entity:RUS"),
        ("event:expel lang:en-GB x", "event:expel AND lang:en-gb AND x"),
        ("source:www.daily.example x", 'source:"www daily example" AND x'),
        ('title:"big news" title:expel*', 'title:"big news" AND title:expel*'),
        ("ANDY ORBAN NOTES", "andy AND notes AND orban"),
        ("covid-19", '"covid 19"'),
    ],
)
def test_meaning(text, canonical):
    """A query has one normal form, whatever its spelling and order."""
    assert parse(text, topics=TOPICS, names=NAMES).canonical == canonical


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("tpoic:x", "unknown field tpoic: (character 1); did you mean topic:?"),
        ("x topic:sumit", "unknown topic sumit (character 9); did you mean topic:summit?"),
        ("event:expulsion", "unknown event expulsion (character 7); did you mean event:expel?"),
        ("country:Rusia", 'unknown country Rusia (character 9); did you mean country:"Russia"?'),
        ("country:EU", "EU is no country (character 9); did you mean entity:EU?"),
        ("a OR OR b", "OR needs something after it (character 3); take OR out, or say what follows"),
        ("topic: AND x", "topic: needs a value (character 1); as in topic:summit"),
        ('a "b', 'this quote is never closed (character 3); close it with "'),
        ("(a", "this parenthesis is never closed (character 1); close it with )"),
        ("a)", "this parenthesis closes nothing (character 2); take it out, or open one before it"),
        ("OR a", "OR needs something before it (character 1); take OR out, or say what precedes"),
        ("a NOT", "NOT needs something after it (character 3); take NOT out, or say what follows"),
        ("()", "nothing stands between these parentheses (character 2); take them out"),
        ("ab*", "ab* is too wide (character 1); put at least 3 letters before *"),
        ("a*b", "* may stand only at the end of one word, not as in a*b (character 1); as in sanction*"),
        ("topic:sum*", "* has no meaning in topic: (character 7); write the whole value"),
        ("& x", "& holds no word (character 1); use letters or digits"),
        (
            " ",
            "the query is empty (character 1); write a word, such as summit, or a field, such as topic:summit",
        ),
        (
            "12:30",
            'a colon with no field before it (character 3); put the whole in quotes, as in "12:30"',
        ),
    ],
)
def test_mistake(text, line):
    """A mistake is one line with the character and the mend."""
    with pytest.raises(QueryError) as error:
        parse(text, topics=TOPICS, names=NAMES)
    assert str(error.value) == line
    assert 0 <= error.value.start <= error.value.end


@pytest.mark.parametrize("text", ["NOT a", "-a -b", "a OR NOT b", "NOT (a b)", "a OR -(b OR c)"])
def test_unbounded_is_refused(text):
    """A query that could match without any of its terms is refused, however it is written."""
    with pytest.raises(QueryError, match="NOT alone"):
        parse(text)


def test_not_of_not_is_bounded():
    """NOT (NOT a OR NOT b) asks for both, and so is a query."""
    assert parse("NOT (NOT a OR NOT b)").canonical == "a AND b"


def test_limits():
    """Each limit holds at its value and is an error one beyond it."""
    deep = "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH
    assert parse(deep).canonical == "a"
    with pytest.raises(QueryError, match="nest more than 32 deep"):
        parse(f"({deep})")
    many = " ".join(f"w{place}" for place in range(MAX_CLAUSES))
    assert parse(many)
    with pytest.raises(QueryError, match="201 clauses"):
        parse(f"{many} more")
    long = f'"{"a " * ((MAX_CHARACTERS - 3) // 2)}b"'
    assert parse(long + " " * (MAX_CHARACTERS - len(long)))
    with pytest.raises(QueryError, match="4001 characters"):
        parse(long + " " * (MAX_CHARACTERS - len(long) + 1))


def test_a_thousand_nots_are_read():
    """NOT may follow NOT for as long as the query may be."""
    assert parse("NOT " * 998 + "a").canonical == "a"


def test_equal_queries_share_a_group():
    """The group follows from the meaning, and differs where the meaning does."""
    assert parse("topic:summit (b OR a)").group == parse("(A OR B) AND topic:summit").group
    assert parse("a OR b").group != parse("a b").group


def test_without_lists_any_topic_and_code_is_taken():
    """Without lists of topics and names nothing is checked that can't be; a country still needs its three letters."""
    assert parse("topic:whatever country:xkx").canonical == "country:XKX AND topic:whatever"
    with pytest.raises(QueryError, match="write its three letters"):
        parse("country:Russia")


def test_keyword_as_value():
    """Andorra's code is a keyword: in quotes it is a value."""
    assert parse('country:"AND"', names=NAMES).canonical == parse("country:Andorra", names=NAMES).canonical


def test_lower_case_keyword_gets_a_hint():
    """A lower-case `or` is a word like others, and the query says so."""
    query = parse("summit or talks")
    assert query.canonical == "or AND summit AND talks"
    assert query.hints == ("or (character 8) is looked for as a word; write OR to join",)


def test_terms_know_their_characters():
    """Each term knows what was written, with its field."""
    tree = parse("a topic:(summit  Sanctions)", topics=TOPICS).tree
    terms = [*tree.parts[:1], *tree.parts[1].parts]
    assert [(term.clause, term.start, term.end) for term in terms] == [
        ("a", 0, 1),
        ("topic:summit", 9, 15),
        ("topic:Sanctions", 17, 26),
    ]


def _queries():
    leaf = st.sampled_from(
        ["alpha", "beta", "gam*", '"alpha beta"', "topic:x", 'source:"a b"', "lang:en", "title:beta"]
    )
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.builds("({} {})".format, inner, inner),
            st.builds("({} OR {})".format, inner, inner),
            st.builds("NOT {}".format, inner),
            st.builds("-({})".format, inner),
        ),
        max_leaves=8,
    )


def attempt(text):
    """Return the query, or the error that refuses it."""
    try:
        return parse(text)
    except QueryError as error:
        return error


@given(_queries())
def test_canonical_reads_back(text):
    """The canonical form is itself a query, and its own canonical form."""
    query = attempt(text)
    if isinstance(query, QueryError):
        assert "NOT alone" in str(query)
    else:
        assert parse(query.canonical).canonical == query.canonical


@given(st.text(alphabet='ab"():*- \tORANDT&é外topic', max_size=40))
def test_any_text_is_read_or_refused(text):
    """No text breaks the reader: it is a query, or a QueryError within the text."""
    query = attempt(text)
    if isinstance(query, QueryError):
        assert 0 <= query.start <= max(len(text), 1)
        assert "\n" not in str(query)
    else:
        assert parse(query.canonical).group == query.group
