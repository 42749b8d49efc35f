"""The pack of masks, compiled: what tells that a name is part of a longer one."""

from __future__ import annotations

import re

from tocsin.agents.lexicon.entity_packs import MaskFile

_NO_OFFICE = r"(?! (?:[Ss]ecretary|[Oo]fficer|[Oo]ffice|[Cc]hief|[Mm]inister|[Mm]inistry)\b)"
"""Right after a tail: "Kremlin Press Secretary" holds no name of a paper."""
_BETWEEN = r"(?: (?:[A-Z][\w'’.&-]*|of|for|and|the))"


class Masks:
    """What follows or precedes a name that is only a part of a longer one."""

    def __init__(self, file: MaskFile) -> None:
        near, far = _either(file.tails), _either(file.far_tails)
        self.tail = re.compile(rf"(?: {near}|{_BETWEEN}{{0,3}}? {far})(?![\w'’]*\w){_NO_OFFICE}")
        """After a state, its people or a city: "Times", "Civil Liberties Union"."""
        sure = _either(tuple(word for word in file.tails if word not in file.ordinary_tails))
        self.headline_tail = re.compile(rf" (?:{sure}|{far})(?![\w'’]*\w){_NO_OFFICE}")
        """The same where every word is capitalised, so that words between say nothing."""
        self.city_tail = re.compile(rf"(?: [A-Z][\w'’-]*)?? {_either(file.city_tails)}(?![\w'’]*\w)")
        """After a city alone: teams, quarters, products."""
        self.person_tail = re.compile(rf"(?: [A-Z][\w'’.-]*)?? {_either(file.person_tails)}(?![\w'’]*\w)")
        """After a person: what was named for him."""
        self._heads: dict[str, tuple[str, ...]] = {}
        for head in file.heads:
            last = head.rsplit(" ", 1)[-1]
            self._heads[last] = (*self._heads.get(last, ()), f"{head} ")
        self.given = frozenset(file.given)
        """Given names: with another one before it, a surname means somebody else."""
        self.words = frozenset(file.words)
        """Names that are also ordinary words or the names of ordinary people."""

    def headed(self, text: str, start: int) -> bool:
        """Tell whether what stands before a place makes a name there a part of a longer one: "Bank of", "Air"."""
        if text[start - 1 : start] != " ":
            return False
        for head in self._heads.get(text[text.rfind(" ", 0, start - 1) + 1 : start - 1], ()):
            begin = start - len(head)
            if begin >= 0 and text.startswith(head, begin) and not text[max(0, begin - 1) : begin].isalnum():
                return True
        return False


def _either(words: tuple[str, ...]) -> str:
    return f"(?:{'|'.join(re.escape(word) for word in sorted(words, key=len, reverse=True))})"
