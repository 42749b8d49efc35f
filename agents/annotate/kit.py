"""The test kit for annotators of others: call `check_annotator` from a test of your own.

from tocsin.agents.annotate.kit import check_annotator

def test_it_keeps_the_contract():
check_annotator(MyAnnotator())
"""

from __future__ import annotations

from tocsin.agents.annotate.annotate import Annotator
from tocsin.agents.annotate.cli_form import article_of
from tocsin.agents.annotate.door import ExtraAnnotator, joined
from tocsin.agents.lexicon.load import load
from tocsin.streams.records import Annotated

TEXTS = (
    ("", ""),
    ("Norway expels two Russian diplomats", "Oslo said that the two had spied. Moscow will answer in kind."),
    ("", "Rain fell on the hills."),
    ("Grüße aus Zürich 😀", "Der Außenminister traf seinen Kollegen in Genf. e\u0301\u0301 \ufeff\u200d"),
    ("", "قال المتحدث إن الوزير سيزور القاهرة يوم الأحد"),
    ("日本の首相が訪米", "首相は来週ワシントンを訪問する。"),
    ("", "word " * 20_000),
    ("A page", "Ghana expels an envoy. Read more: Peru expels an envoy"),
)
"""Titles and texts that every annotator must bear: empty, short, other scripts, marks, long, with page furniture."""


def check_annotator(annotator: ExtraAnnotator) -> None:
    """Try an annotator on awkward texts; AssertionError or the annotator's own exception where it breaks the contract.

    It must raise nothing, add only what can be (`door.check`), and say the same when asked again.
    """
    vocabulary = load()
    topics = [*vocabulary.topics, *annotator.topics]
    for number, (title, text) in enumerate(TEXTS):
        annotated = _annotated(vocabulary, number, title, text)
        added = annotator.annotate(annotated)
        joined(annotated, "kit", added, topics)
        assert annotator.annotate(annotated) == added, f"another answer for the same text: {(title or text)[:40]!r}"


def _annotated(vocabulary: object, number: int, title: str, text: str) -> Annotated:
    furniture = [(text.find("Read more"), len(text))] if "Read more" in text else []
    size = len(title) + 2
    spans = [(start + size, end + size) for start, end in furniture]
    article = article_of({"id": str(number), "title": title, "text": text}, furniture=spans)
    return Annotator(vocabulary).annotate(article)  # type: ignore[arg-type]
