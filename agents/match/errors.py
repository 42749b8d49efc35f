"""What is wrong with a query: one line with the character and the mend."""

from __future__ import annotations

from difflib import get_close_matches


class QueryError(ValueError):
    """A query that can't be used. `start` and `end` count characters of the query from 0, end exclusive."""

    def __init__(self, message: str, start: int, end: int, suggestion: str = "") -> None:
        self.message = message
        self.start = start
        self.end = end
        self.suggestion = suggestion
        """The mend as a clause, such as `did you mean topic:?`; empty where the message says it all."""
        mend = f"; {suggestion}" if suggestion else ""
        super().__init__(f"{message} (character {start + 1}){mend}")


def nearest(word: str, known: list[str]) -> str:
    """Return the known word most like this one, or an empty string."""
    found = get_close_matches(word, known, n=1, cutoff=0.6) or [
        name for name in sorted(known) if len(word) >= 3 and (name.startswith(word[:3]) or word.startswith(name))
    ]
    return found[0] if found else ""
