"""Whatever the text, a mention slices to its surface, lies in one sentence and over no other; work grows with length."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.agents.annotate.annotate import LONGEST, Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.lexicon.load import load

NAMES = st.sampled_from(
    [
        "Moscow", "MOSCOW", "Paris, Texas", "Georgia", "U.S.", "US", "U.N. Security Council", "President Bush", "Bush", "Angela Merkel",
        "Merkel", "St. Petersburg", "N'Djamena", "N’Djamena", "Côte d'Ivoire", "São Tomé", "Kyiv", "the Kremlin", "WHO", "EU", "Erdoğan",
        "İstanbul", "Al-Assad", "Xi", "King Abdullah", "Minister Ann Bell", "Foreign Minister Ann Bell", "Springfield, Ore.", "Россия",
        "中国", "アメリカ", "الولايات المتحدة", "Deutschland", "Türkiye", "Jordan", "May", "Reading", "Bank of England", "New York Times",
    ]
)  # fmt: skip
GLUE = st.one_of(
    st.sampled_from([" ", ", ", ". ", "\n", "\n\n", "'s ", "’s ", "-", " and ", " in ", " said ", "(", ")", "\u0301", "\u200f", "\u202e", "👩‍👩‍👧", "\x00", "\ue001", "ß", "ﬁ"]),
    st.text(max_size=3),
    st.characters(categories=["Mn", "Cf", "So", "Zs"]),
)  # fmt: skip
TEXTS = st.lists(st.one_of(NAMES, GLUE), max_size=30).map("".join)


def annotate(text, **line):
    return Annotator(load()).annotate(article_of({"id": "1", "text": text, **line}))


@settings(deadline=None, max_examples=400)
@given(title=TEXTS, text=TEXTS, language=st.sampled_from(["en", "de", "ru", "ar", "ja", "pt"]), date=st.sampled_from(["", "1991", "2004-07", "2021-04-18"]))  # fmt: skip
def test_a_mention_slices_to_its_surface_and_lies_over_no_other(title, text, language, date):
    found = annotate(text, title=title, lang=language, published=date)
    reading = found.article.reading_text
    reach = 0
    for one in found.mentions:
        assert reading[one.start : one.end] == one.surface != ""
        assert reach <= one.start
        reach = one.end
        assert any(left <= one.start and one.end <= right for left, right in found.sentences)
        assert one.id
        assert 0 < one.score <= 1
        assert 0 < one.salience <= 1


@settings(deadline=None, max_examples=100)
@given(TEXTS)
def test_decomposed_letters_and_marks_move_no_offset(text):
    decomposed = unicodedata.normalize("NFD", text)
    for one in annotate(decomposed, lang="en").mentions:
        assert decomposed[one.start : one.end] == one.surface


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\u0301", "😀", "\u202e"])
def test_no_text_and_no_letters_name_nothing(text):
    assert annotate(text, lang="en").mentions == ()


@pytest.mark.timeout(60)
@pytest.mark.parametrize("piece", ["Moscow said Bush met Merkel in Paris, Texas. ", "King Abdullah ", "Foreign Minister ", "New York, ", "a town, "])  # fmt: skip
def test_a_megabyte_of_names_is_read_as_far_as_articles_go(piece):
    found = annotate(piece * (1_000_000 // len(piece)), lang="en")
    assert all(one.end <= LONGEST for one in found.mentions)


def test_twice_the_text_takes_twice_the_looks(monkeypatch):
    """Counted are looks at what stands over a place: a rule that looks at all names for each name would square them."""
    from tocsin.agents.annotate import reading

    looks = 0
    plain = reading.Reading.sentence

    def counted(self, place):
        nonlocal looks
        looks += 1
        return plain(self, place)

    monkeypatch.setattr(reading.Reading, "sentence", counted)
    paragraph = "Moscow said Bush met Angela Merkel in Paris, Texas. Foreign Minister Ann Bell left Kyiv and Minsk. "
    taken = []
    for times in (50, 100, 200):
        looks = 0
        annotate(paragraph * times, lang="en")
        taken.append(looks)
    assert taken[1] <= 2.1 * taken[0]
    assert taken[2] <= 2.1 * taken[1]
