"""What of an article's text is page furniture: marked, never deleted. Pure.

A page that lost its tags, or even its lines, still carries the headlines of other articles, the author's box, the
comment form and the newsletter line. A name in there must alert nobody. Precision comes first here: article text that
is taken for furniture is an alert that nobody gets, so what can't be told apart stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

import msgspec

from tocsin.streams.feeds import insets, wording
from tocsin.streams.feeds.markup import one_line, read_html
from tocsin.streams.records import Span

LONG_LINE = 300
"""Characters; a longer line is prose, or a page that lost its lines."""
TEASER = 200
"""Characters; a longer line in a list of other articles is the report going on."""
TAIL_SHARE = 0.4
"""A tail that holds more than this share of the text is not believed,"""
FORM_CHARS = 600
"""unless it is no longer than a comment form."""
BOX_CHARS = 1200
"""Characters before the comment form in which the author's box may begin."""


class Cleaned(msgspec.Struct, frozen=True):
    """A page's title and text; `furniture` counts in the reading text of both."""

    title: str
    text: str
    furniture: tuple[Span, ...]


def clean(title: str, text: str, *, html: bool = False, url: str = "") -> Cleaned:
    """Return title and text with the furniture marked; of HTML the paragraphs, headings and list items are taken.

    Plain text is taken as given, to the character. `url` is where the page came from, for its host's own name.
    """
    if not html:
        return Cleaned(title=title, text=text, furniture=furniture(title, text))
    page = read_html(text)
    title = one_line(title) or _without_site(page.title, url)
    blocks = [block for block in page.blocks if block.text]
    if blocks and title and " ".join(blocks[0].text.split()) == title:
        blocks = blocks[1:]
    start = len(title) + 2 if title else 0
    marked: list[Span] = []
    for block in blocks:
        if block.furniture:
            marked.append((start, start + len(block.text)))
        start += len(block.text) + 2
    body = "\n\n".join(block.text for block in blocks)
    return Cleaned(title=title, text=body, furniture=_joined([*marked, *furniture(title, body)], title, body))


def furniture(title: str, text: str) -> tuple[Span, ...]:
    """Return the spans of page furniture in the reading text of title and text, in order and apart from each other.

    The title is never furniture. Looks for: pointers to other articles together with their headlines, boxes about the
    author, lists of further articles, comment forms, newsletter, follow and share lines, copyright and photo credits.
    """
    start = len(title) + 2 if title else 0
    found = [*_lines(text), *_insets(text), *_sentences(text)]
    found += _tail(text, found)
    return _joined([(start + begin, start + end) for begin, end in found], title, text)


def _lines(text: str) -> Iterator[Span]:
    """Find whole lines, and after the heading of a list of other articles its entries."""
    in_list = False
    for number, (begin, end) in enumerate(_line_spans(text)):
        line = text[begin:end]
        if len(line) <= LONG_LINE and wording.LINE.fullmatch(line):
            yield begin, end
            # At the very top the same words are the label of a section.
            in_list = in_list or (number > 1 and bool(wording.LIST_HEADING.fullmatch(line)))
        elif in_list and _is_teaser(line):
            yield begin, end
        else:
            in_list = False


def _is_teaser(line: str) -> bool:
    """Tell a headline or a cut-off teaser from a sentence of the report."""
    if len(line) > TEASER:
        return False
    return line.endswith(("...", "…", "»", ">")) or line[-1] not in ".!:;,"


def _insets(text: str) -> Iterator[Span]:
    """Find pointers such as READ inside running text, each with the headline it points to; and picture credits."""
    for pattern in (wording.INSET, wording.BARE_INSET):
        for found in pattern.finditer(text):
            begin = found.start("mark")
            # In a text that shouts throughout, capitals mean nothing.
            if found["mark"].isupper() and not any(char.islower() for char in text[max(0, begin - 80) : begin + 120]):
                continue
            stop = text.find("\n", found.end())
            yield begin, insets.headline_end(text, found.end(), stop if stop >= 0 else len(text))
    for pattern in wording.INLINE:
        for found in pattern.finditer(text):
            yield found.span("mark")


def _sentences(text: str) -> Iterator[Span]:
    """Find sentences that speak to the reader of the page: subscribe, follow, share, rights."""
    at = 0
    while found := wording.SENTENCE.search(text, at):
        yield found.span("mark")
        # The next one may begin with this one's own stop.
        at = max(found.end() - 2, found.start("mark") + 1)


def _tail(text: str, found: list[Span]) -> list[Span]:
    """Find where the page begins to speak of something else and does not come back to the report."""
    size = len(text)
    form = wording.COMMENT_FORM.search(text)
    if form is None:
        more = wording.TAIL_TEASER.search(text)
        if more is None or _has_report(text, *more.span("mark"), found):
            return []
        return [more.span("mark")] if size - more.start("mark") <= TAIL_SHARE * size else []
    start = form.start("mark")
    # What stands between the author's box or a `More from` and the form belongs to them.
    for box in wording.TAIL_BOX.finditer(text, max(0, start - BOX_CHARS), start):
        if not _has_report(text, box.end(), start, found):
            start = box.start("mark")
            break
    # The words alone may stand in a page's head as well; the form's small print stands only in the form.
    sure = wording.SMALL_PRINT.search(text, start)
    if size - start > max(TAIL_SHARE * size, FORM_CHARS) or (not sure and _has_report(text, start, size, found)):
        return []
    return [(start, size)]


def _has_report(text: str, begin: int, end: int, found: Iterable[Span]) -> bool:
    """Tell whether the report goes on between two places: three or more whole sentences that nothing marks."""
    chars = list(text[begin:end])
    for start, stop in found:
        for place in range(max(start, begin), min(stop, end)):
            chars[place - begin] = " "
    return len(wording.WHOLE_SENTENCE.findall("".join(chars))) >= 3


def _line_spans(text: str) -> Iterator[Span]:
    """Return the lines that hold something, without the white space around them."""
    for found in re.finditer(r"[^\n]+", text):
        line = found[0]
        begin = found.start() + len(line) - len(line.lstrip())
        end = found.start() + len(line.rstrip())
        if begin < end:
            yield begin, end


def _joined(spans: Iterable[Span], title: str, text: str) -> tuple[Span, ...]:
    """Sort spans, join those that touch or have only white space between, and trim white space at their ends."""
    reading = f"{title}\n\n{text}" if title else text
    joined: list[Span] = []
    for begin, end in sorted(spans):
        if joined and (begin <= joined[-1][1] or not reading[joined[-1][1] : begin].strip()):
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((begin, end))
    trimmed = []
    for begin, end in joined:
        part = reading[begin:end]
        trimmed.append((begin + len(part) - len(part.lstrip()), begin + len(part.rstrip())))
    return tuple(span for span in trimmed if span[0] < span[1])


def _without_site(title: str, url: str) -> str:
    """Take the site's name off a page's title, where it stands last and the address has it too."""
    head, mark, site = title.rpartition(" | ")
    if not mark:
        head, mark, site = title.rpartition(" - ")
    name = re.sub(r"[^a-z0-9]", "", site.lower())
    host = re.sub(r"[^a-z0-9]", "", (urlsplit(url).hostname or "") if url else "")
    return head.strip() if head and name and name in host else title
