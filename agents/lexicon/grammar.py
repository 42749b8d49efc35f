"""The pack of grammar, compiled: titles, portfolios, and words that say whether what touches a name belongs to it."""

from __future__ import annotations

import re
from typing import Any

from tocsin.agents.lexicon.entity_packs import GrammarFile
from tocsin.agents.lexicon.packs import PackError, convert

_CAPITALISED = r"[A-Z][\w'’-]+"
_NAME = (
    rf"{_CAPITALISED}(?: (?:bin|al|el|de|da|dos|van|von|der|del|la|ben|ibn|ould|abu)(?= [A-Za-z])|"
    rf" (?:al|el|ul)-{_CAPITALISED}| [A-Z]\.| {_CAPITALISED}){{1,3}}"
)
_HONORIFIC = (
    r"(?:(?:Dr|Mr|Mrs|Ms|Prof)\.? |(?:Lt\. |Brig\. |Maj\. )?Gen\.? |Sheikh |"
    r"(?:Brigadier |Major |Lieutenant )?General )?"
)


class Grammar:
    """Words and expressions around names."""

    def __init__(self, file: GrammarFile) -> None:
        self.may_follow = _words(file, "may_follow")
        self.may_precede = _words(file, "may_precede")
        self.of_persons = _words(file, "of_persons")
        self.before_places = _words(file, "before_places")
        self.of_states = _words(file, "of_states")
        self.no_given_name = _words(file, "no_given_name")
        self.states_too = _words(file, "states_too")
        self.no_town = _words(file, "no_town")
        self.no_town_first = _words(file, "no_town_first")
        self.no_surname = _words(file, "no_surname")
        self.junior = _words(file, "junior")
        self.months = _words(file, "months")
        self.dating = _words(file, "dating")
        self.title_ends = _words(file, "title_ends")
        kinds = ")|(?:".join(f"(?P<{kind}>{'|'.join(titles)})" for kind, titles in file.titles.items())
        self.title = _compiled(
            rf"(?:\A|[\s(\"'“/-])(?:(?:{kinds})),? "
            r"(?:general |gen\. |dr\.? |mr\.? |sheikh |ayatollah |colonel |el |al-)?\Z"
        )
        """A title that ends where a name begins; the name of the group that matched is its kind."""
        portfolio = f"(?:{'|'.join(file.portfolios)})"
        self.portfolio = _compiled(rf"(?<!\w){portfolio} \Z")
        """What stands right before "minister"."""
        self.rank = _compiled(rf"([\w.'-]+) (?:{portfolio} )?\Z")
        """The word before a minister's portfolio."""
        self.after_minister = _compiled(rf"\w+,? {_HONORIFIC}(?P<name>{_NAME})")
        """From "Minister" on: the name of one whose portfolio stands before."""
        self.of_portfolio = _compiled(
            r"\w+ (?:of|for) (?:the )?[A-Z][\w-]+(?:(?:,| and| of| &) (?:[A-Z][\w-]+)){0,3},? "
            rf"{_HONORIFIC}(?P<name>{_NAME})"
        )
        """From "Minister" on: the portfolio and the name."""
        self.before_minister = _compiled(
            rf"(?P<name>{_NAME}), (?:the |then |a )?"
            r"(?:(?:former|ex-?|current|acting|outgoing|new) )?(?:[\w'’.-]+ ){0,3}?\Z"
        )
        """A name in apposition before a minister's portfolio: "Ann Bell, the French finance"."""


def grammar(data: dict[str, Any]) -> Grammar:
    """Read and compile the pack; PackError names what can't be used."""
    return Grammar(convert(data, GrammarFile, "grammar.toml"))


def _words(file: GrammarFile, name: str) -> frozenset[str]:
    if name not in file.words:
        raise PackError(f"grammar.toml: words: there is no list {name!r}; add it")
    return frozenset(file.words[name])


def _compiled(source: str) -> re.Pattern[str]:
    try:
        return re.compile(source)
    except re.error as error:
        raise PackError(f"grammar.toml: not a regular expression: {error}") from error
