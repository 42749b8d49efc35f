import copy
import pickle

import msgspec
import pytest

from tocsin.streams.secret import Secret, read_settings


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    key: Secret
    keys: tuple[Secret, ...] = ()


def test_only_reveal_shows_a_secret():
    secret = Secret("planted")
    for shown in (repr(secret), str(secret), f"{secret}", repr([secret]), repr(Settings(key=secret))):
        assert "planted" not in shown
    assert secret.reveal() == "planted"


def test_a_secret_is_not_encoded_pickled_or_copied():
    secret = Secret("planted")
    for spread in (msgspec.json.encode, pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError) as caught:
            spread(secret)
        assert "planted" not in str(caught.value)


def test_equal_secrets_are_equal():
    assert Secret("a") == Secret("a")
    assert len({Secret("a"), Secret("a"), Secret("b")}) == 2
    assert Secret("a") != "a"


def test_settings_are_read_with_their_secrets():
    assert read_settings(Settings, {"key": "a", "keys": ["b"]}) == Settings(key=Secret("a"), keys=(Secret("b"),))


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"key": 1}, "$.key"),
        ({"key": ""}, "$.key"),
        ({"key": "a", "keys": ["b", 2]}, "$.keys"),
        ({}, "key"),
        (7, "object"),
    ],
)
def test_an_error_names_the_place_and_never_the_value(values, place):
    with pytest.raises(ValueError) as caught:
        read_settings(Settings, values)
    assert place in str(caught.value)


def test_a_value_outside_a_fixed_set_is_not_quoted():
    from typing import Literal

    class Choice(msgspec.Struct):
        mode: Literal["a", "b"]

    with pytest.raises(ValueError, match=r"not one of the values allowed here - at `\$.mode`") as caught:
        read_settings(Choice, {"mode": "planted"})
    assert "planted" not in str(caught.value)
