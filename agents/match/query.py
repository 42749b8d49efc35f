"""From the text of a subscription to a checked query with one canonical form.

`parse` is called where a query is saved and where a worker starts, never per article, so clarity wins over speed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

import msgspec
from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from tocsin.agents.match.errors import QueryError, nearest
from tocsin.agents.match.fields import FIELDS, Words, value_of
from tocsin.agents.match.tree import And, Node, Not, Or, Term, needs_something, normal, spell, terms
from tocsin.agents.match.words import words
from tocsin.streams.records import content_id

__all__ = ["MAX_CHARACTERS", "MAX_CLAUSES", "MAX_DEPTH", "Query", "QueryError", "parse"]

MAX_CHARACTERS = 4_000
MAX_DEPTH = 32
MAX_CLAUSES = 200
_PREFIX_LETTERS = 3

# Quotes that word processors put in; each is one character, so places stay as written.
_QUOTES = str.maketrans(dict.fromkeys("“”„«»‟", '"'))
_PARENTHESES = re.compile(r'"[^"]*"|[()]')


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A query that can be matched."""

    text: str
    """As the subscriber wrote it."""
    canonical: str
    """The normal form: equal for queries that differ in spelling or order only."""
    group: str
    """Id of the canonical form: all subscriptions of one group share one entry in the index."""
    tree: Node
    """As written; its terms know their characters."""
    hints: tuple[str, ...] = ()
    """What was probably not meant, such as a lower-case `or`."""


def parse(text: str, *, topics: Collection[str] | None = None, names: Mapping[str, str] | None = None) -> Query:
    """Read a query.

    `topics` are the known topic names (without them any is taken); `names` are names of countries and bodies with
    their ids (without them a country is given by its three letters).

    Raises:
        QueryError: it can't be read, breaks a limit, or would match nearly everything.

    """
    if len(text) > MAX_CHARACTERS:
        message = f"the query has {len(text)} characters; the limit is {MAX_CHARACTERS}"
        raise QueryError(message, MAX_CHARACTERS, len(text), "split it into several subscriptions")
    straight = text.translate(_QUOTES)
    _check_parentheses(straight)
    try:
        parsed = _grammar().parse(straight)
    except UnexpectedInput as error:
        raise _explained(error, straight) from None
    tree = _node(parsed.children[0], text, Words(topics, names or {}))
    found = list(terms(tree))
    if len(found) > MAX_CLAUSES:
        over = found[MAX_CLAUSES]
        message = f"the query has {len(found)} clauses; the limit is {MAX_CLAUSES}"
        raise QueryError(message, over.start, over.end, "split it into several subscriptions")
    plain = normal(tree)
    if not needs_something(plain):
        start = max(straight.find("NOT"), 0)
        message = "NOT alone would match nearly everything"
        raise QueryError(message, start, len(text), "say also what must be there, as in summit NOT golf")
    canonical = spell(plain)
    return Query(text=text, canonical=canonical, group=content_id(canonical), tree=tree, hints=tuple(_hints(found)))


@cache
def _grammar() -> Lark:
    source = files("tocsin.agents.match").joinpath("query.lark").read_text(encoding="utf-8")
    return Lark(source, parser="lalr", lexer="contextual")


def _check_parentheses(text: str) -> None:
    """Find what the parser would report at the wrong place, or not at all: depth, and the pair that is open."""
    opened: list[int] = []
    for hit in _PARENTHESES.finditer(text):
        if hit.group() == "(":
            opened.append(hit.start())
            if len(opened) > MAX_DEPTH:
                message = f"parentheses nest more than {MAX_DEPTH} deep"
                raise QueryError(message, hit.start(), hit.end(), "join the inner parts without parentheses")
        elif hit.group() == ")":
            if not opened:
                message = "this parenthesis closes nothing"
                raise QueryError(message, hit.start(), hit.end(), "take it out, or open one before it")
            opened.pop()
    if opened and text.count('"') % 2 == 0:
        raise QueryError("this parenthesis is never closed", opened[-1], opened[-1] + 1, "close it with )")


def _explained(error: UnexpectedInput, text: str) -> QueryError:
    if not text.strip():
        return QueryError("the query is empty", 0, 0, "write a word, such as summit, or a field, such as topic:summit")
    if isinstance(error, UnexpectedCharacters):
        at = error.pos_in_stream or 0
        if text[at] == '"':
            return QueryError("this quote is never closed", at, len(text), 'close it with "')
        if text[at] == ":":
            return QueryError("a colon with no field before it", at, at + 1, 'put the whole in quotes, as in "12:30"')
        return _misplaced(text, at, at + len(text[at:].split(maxsplit=1)[0]))
    if isinstance(error, UnexpectedToken) and error.token.type != "$END":
        at = error.token.start_pos or 0
        return _misplaced(text, at, at + len(error.token))
    return _misplaced(text, len(text.rstrip()), len(text))


def _misplaced(text: str, start: int, end: int) -> QueryError:
    before = re.search(r'([^\s()":]+:|[^\s()":]+|\(|\))\s*$', text[:start])
    last = before.group(1) if before else ""
    found = text[start:end].strip()
    if last.endswith(":"):
        at = text.rindex(last, 0, start)
        return QueryError(f"{last} needs a value", at, at + len(last), f"as in {_example(last)}")
    if last in ("AND", "OR", "NOT", "-"):
        at = text.rindex(last, 0, start)
        return QueryError(f"{last} needs something after it", at, start, f"take {last} out, or say what follows")
    if found in ("AND", "OR"):
        return QueryError(f"{found} needs something before it", start, end, f"take {found} out, or say what precedes")
    if found == ")":
        return QueryError("nothing stands between these parentheses", start, end, "take them out")
    return QueryError(f"{found or 'the end'} can't stand here", start, end, "put it in quotes to look for it as a word")


def _example(field: str) -> str:
    return {"country:": "country:FRA", "topic:": "topic:summit", "lang:": "lang:en"}.get(field.lower(), f'{field}"..."')


def _node(parsed: Tree[Token] | Token, text: str, known: Words) -> Node:
    if isinstance(parsed, Token):
        return _term("", parsed, text, known)
    if parsed.data == "field":
        return _field(parsed, text, known)
    if parsed.data == "negated":
        count = 0
        inner: Tree[Token] | Token = parsed
        # A loop, because nothing bounds how many NOT may follow each other.
        while isinstance(inner, Tree) and inner.data == "negated":
            inner, count = inner.children[0], count + 1
        part = _node(inner, text, known)
        return Not(part) if count % 2 else part
    parts = tuple(_node(part, text, known) for part in parsed.children)
    return Or(parts) if parsed.data == "any" else And(parts)


def _field(parsed: Tree[Token], text: str, known: Words) -> Node:
    head, *values = parsed.children
    assert isinstance(head, Token)
    name = head[:-1].lower()
    if name not in FIELDS:
        near = nearest(name, list(FIELDS))
        mend = f"did you mean {near}:?" if near else f"known are {', '.join(f'{field}:' for field in FIELDS)}"
        start = head.start_pos or 0
        raise QueryError(f"unknown field {head}", start, start + len(head), mend)
    parts = tuple(_term(name, value, text, known) for value in values if isinstance(value, Token))
    return parts[0] if len(parts) == 1 else Or(parts)


def _term(field: str, token: Token, text: str, known: Words) -> Term:
    start, end = token.start_pos or 0, token.end_pos or 0
    raw = str(token)
    value = raw.strip('"')
    if not words(value):
        mend = "use letters or digits" if "*" not in raw else f"put at least {_PREFIX_LETTERS} letters before *"
        raise QueryError(f"{raw} holds no word", start, end, mend)
    prefix = token.type == "WORD" and raw.endswith("*")
    if token.type == "WORD" and "*" in raw:
        _check_prefix(field, raw, start, end)
    clause = f"{field}:{text[start:end]}" if field else text[start:end]
    return Term(field, value_of(field, value, known, start, end), prefix, clause, start, end)


def _check_prefix(field: str, raw: str, start: int, end: int) -> None:
    if field not in ("", "title"):
        raise QueryError(f"* has no meaning in {field}:", start, end, "write the whole value")
    found = words(raw)
    if raw.index("*") != len(raw) - 1 or len(found) != 1:
        raise QueryError(f"* may stand only at the end of one word, not as in {raw}", start, end, "as in sanction*")
    if len(found[0]) < _PREFIX_LETTERS:
        raise QueryError(f"{raw} is too wide", start, end, f"put at least {_PREFIX_LETTERS} letters before *")


def _hints(found: list[Term]) -> list[str]:
    return [
        f"{term.clause} (character {term.start + 1}) is looked for as a word; write {term.value.upper()} to join"
        for term in found
        if not term.field and term.clause in ("and", "or", "not")
    ]
