"""Text that must not be shown: an address with a token in it, a signing key, a password."""

from __future__ import annotations

from typing import Any

import msgspec


class Secret:
    """Holds a text and never shows it: not in `repr`, `str`, a format or JSON. Only `reveal` gives it."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text, at the one place that needs it."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled or copied; pass the object on")


def read_settings(settings: type[Any], values: object) -> Any:
    """Make a settings Struct of plain values, with `Secret` where the Struct says so.

    Raises ValueError with the place and what belongs there, and never with the value that stood there.
    """
    try:
        return msgspec.convert(values, settings, dec_hook=_secret)
    except msgspec.ValidationError as error:
        raise ValueError(_without_values(str(error))) from None


def _secret(wanted: type[Any], value: object) -> Any:
    if wanted is Secret and isinstance(value, str) and value:
        return Secret(value)
    raise ValueError("a non-empty text belongs here" if wanted is Secret else f"cannot read a {wanted.__name__}")


def _without_values(text: str) -> str:
    # The library quotes a value only where it is not one of a fixed set.
    if text.startswith("Invalid enum value"):
        place = text.rpartition(" - at ")[2]
        return f"not one of the values allowed here - at {place}"
    return text
