"""Sentences end where a reader ends them, and their offsets slice to what they say."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.agents.annotate.sentences import LONGEST_SENTENCE, sentences


def split(text):
    return [text[start:end] for start, end in sentences(text, [(0, len(text))])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Rome agreed. Paris did not.", ["Rome agreed.", "Paris did not."]),
        ("Mr. Silva met Dr. Costa. They spoke.", ["Mr. Silva met Dr. Costa.", "They spoke."]),
        ("J. K. Olsen left Oslo. He flew.", ["J. K. Olsen left Oslo.", "He flew."]),
        ("The U.S. Senate voted. It passed.", ["The U.S. Senate voted.", "It passed."]),
        ("He went to the U.S. The trip was long.", ["He went to the U.S.", "The trip was long."]),
        ("It rose 3.5 percent. Why?", ["It rose 3.5 percent.", "Why?"]),
        ("“We agree.” The minister left.", ["“We agree.”", "The minister left."]),
        ("No full stop here\n\nA new part", ["No full stop here", "A new part"]),
        ("A line that\nis wrapped here.", ["A line that\nis wrapped here."]),
        ("Points:\n- one\n- two", ["Points:", "- one", "- two"]),
        ("今日会談。明日も。", ["今日会談。", "明日も。"]),
        ("", []),
        (" \n\n ", []),
    ],
)
def test_a_text_is_split_as_a_reader_would(text, expected):
    assert split(text) == expected


def test_no_sentence_leaves_its_region():
    text = "Title without a stop\n\nbody goes on. And on."
    assert sentences(text, [(0, 20), (22, len(text))]) == ((0, 20), (22, 35), (36, 43))


def test_a_text_without_punctuation_is_cut_between_words():
    found = split("word " * 2000)
    assert all(
        len(piece) <= LONGEST_SENTENCE and piece.startswith("word") and piece.endswith("word") for piece in found
    )
    assert sum(piece.count("word") for piece in found) == 2000


@given(st.text(alphabet="aB .?!\n\"'”。-", max_size=200))
def test_sentences_are_in_order_trimmed_and_lose_nothing_but_space(text):
    found = sentences(text, [(0, len(text))])
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in found)
    assert all(one[1] <= two[0] for one, two in itertools.pairwise(found))
    assert "".join("".join(text[s:e].split()) for s, e in found) == "".join(text.split())


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "text", ["." * 100_000, '"' * 100_000, '."' * 50_000, "\n" * 100_000, " " * 100_000, "a" * 100_000]
)
def test_time_grows_with_the_length_of_the_text(text):
    assert all(end <= len(text) for _, end in sentences(text, [(0, len(text))]))
