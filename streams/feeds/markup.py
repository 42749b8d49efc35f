"""HTML -> paragraphs of plain text. Pure.

Takes feed content and whole pages alike. What is no text (scripts, forms, navigation) is dropped; what looks like page
furniture by the markup (a list of links, a box called `related`) is kept and marked.
"""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import msgspec

MAX_CHARS = 400_000
"""HTML beyond that is not read: no article is as long, and the time to read it is bounded."""
MAX_DEPTH = 300

_DROPPED = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "button", "select", "textarea",
    "nav", "footer", "form", "aside", "audio", "video", "canvas", "dialog", "title",
}  # fmt: skip
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl",
    "dt", "dd", "blockquote", "pre", "table", "tr", "figure", "figcaption", "address", "hr", "center", "details",
    "summary", "body", "html",
}  # fmt: skip
_VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
}  # fmt: skip
_BOX = re.compile(
    r"(?:^|[\s_-])(?:related|newsletter|share|sharing|social|comments?|promo|sidebar|author-?bio|about-author|recirc|"
    r"trending|most-?read|most-?popular|read-?more|read-?next|also-?read|subscribe|breadcrumbs?|cookies?|sponsored|"
    r"advert(?:isement)?|tags)(?:$|[\s_-])",
    re.IGNORECASE,
)
_BOX_TAGS = {"div", "section", "ul", "ol", "p", "figure", "blockquote", "table", "h2", "h3", "h4"}
_IMPLIED = {"p", "li", "dt", "dd", "tr"}
_SPACE = re.compile(r"[^\S\n]+")
_LINES = re.compile(r" ?\n ?")
_DECLARATION = re.compile(r"<[!?][^<>]*>?")
_ENDLESS = re.compile(r"<(?![^<>]*>)")
_HTML = re.compile(r"<(?:[a-z][a-z0-9]*(?:\s[^<>]*)?/?|/[a-z][a-z0-9]*\s*|!--)>?", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


class Block(msgspec.Struct, frozen=True):
    """A paragraph, heading or list item; `furniture` by its markup."""

    text: str
    furniture: bool = False


class Page(msgspec.Struct, frozen=True):
    """What a piece of HTML says: its own title (empty where it has none) and its blocks in order."""

    title: str
    blocks: tuple[Block, ...]


def read_html(html: str) -> Page:
    """Read HTML of any quality; never raises. Of a whole page, the part marked as article is taken if there is one."""
    reader = _Reader()
    reader.feed(_tame(html[:MAX_CHARS]))
    reader.close()
    reader.flush()
    return Page(title=reader.best_title(), blocks=_unboxed(reader.best_blocks()))


def _tame(html: str) -> str:
    """Take out what the library's parser needs quadratic time for: comments, declarations, tags that never end."""
    parts = []
    at = 0
    while (start := html.find("<!--", at)) >= 0:
        parts.append(html[at:start])
        end = html.find("-->", start + 2)
        at = end + 3 if end >= 0 else len(html)
    parts.append(html[at:])
    html = "".join(parts).replace("<![CDATA[", "").replace("]]>", "")
    return _ENDLESS.sub("&lt;", _DECLARATION.sub("", html))


def html_to_text(html: str) -> str:
    """Return the paragraphs joined by blank lines."""
    return "\n\n".join(block.text for block in read_html(html).blocks)


def looks_like_html(text: str) -> bool:
    """Tell whether a text holds tags or entities."""
    return bool(_HTML.search(text) or _ENTITY.search(text))


def one_line(text: str) -> str:
    """Return a title as plain text: tags out, entities decoded (once more where they were doubled), spaces folded."""
    if "<" in text and _HTML.search(text):
        text = " ".join(html_to_text(text).split()) or text
    if _ENTITY.search(text):
        text = unescape(text)
    return " ".join(text.split())


def _unboxed(blocks: list[Block]) -> tuple[Block, ...]:
    """Forget the marks where they cover most of the text: then the page is built otherwise than they assume."""
    whole = sum(len(block.text) for block in blocks)
    marked = sum(len(block.text) for block in blocks if block.furniture)
    if marked * 2 > whole:
        return tuple(Block(block.text) for block in blocks)
    return tuple(blocks)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._stack: list[tuple[str, bool]] = []
        """Open elements, and whether each is a furniture box."""
        self._dropping = 0
        self._boxes = 0
        self._links = 0
        self._text: list[str] = []
        self._linked = 0
        self._heading: list[str] | None = None
        self._titles = {"meta": "", "h1": "", "title": ""}
        self._in_title = False
        self._article = 0
        self._blocks: list[tuple[Block, int]] = []
        """Every block, and the number of the article it stands in (0: none)."""
        self._articles = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if tag == "meta" and known.get("property") == "og:title":
            self._titles["meta"] = known.get("content", "")
        if tag == "br":
            self._text.append("\n")
        if tag in _BLOCKS:
            self._end_block()
            # The end tags of these may be left out (HTML, 13.1.2.4).
            if self._stack and self._stack[-1][0] in ("p", tag) and self._stack[-1][0] in _IMPLIED:
                self.handle_endtag(self._stack[-1][0])
        if tag in _VOID or len(self._stack) >= MAX_DEPTH:
            return
        box = tag in _BOX_TAGS and bool(_BOX.search(f"{known.get('class', '')} {known.get('id', '')}"[:500]))
        self._stack.append((tag, box))
        self._boxes += box
        self._dropping += tag in _DROPPED
        self._links += tag == "a"
        self._in_title = self._in_title or tag == "title"
        if tag == "h1" and not self._titles["h1"] and not self._dropping:
            self._heading = []
        if tag in ("article", "main") and not self._article:
            self._articles += 1
            self._article = self._articles

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        # `<p/>` opens a paragraph in HTML; elements that would swallow the rest are taken at their word.
        if tag in _DROPPED or tag in ("a", "div", "span"):
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self._end_block()
        if not any(name == tag for name, _ in self._stack):
            return
        while self._stack:
            name, box = self._stack.pop()
            self._leave(name, box=box)
            if name == tag:
                return

    def _leave(self, tag: str, *, box: bool) -> None:
        self._boxes -= box
        self._dropping -= tag in _DROPPED
        self._links -= tag == "a"
        if tag == "title":
            self._in_title = False
        if tag == "h1" and self._heading is not None:
            self._titles["h1"] = "".join(self._heading)
            self._heading = None
        if tag in ("article", "main") and not any(name in ("article", "main") for name, _ in self._stack):
            self._article = 0

    def handle_data(self, data: str) -> None:
        if self._in_title and not self._titles["title"]:
            self._titles["title"] = data
        if self._dropping:
            return
        # Line ends of the source are spaces in HTML; only <br> is a line.
        data = data.replace("\r", " ") if self._preformatted() else data.replace("\n", " ").replace("\r", " ")
        self._text.append(data)
        if self._links:
            self._linked += len(data.strip())
        if self._heading is not None:
            self._heading.append(data)

    def _preformatted(self) -> bool:
        return bool(self._stack) and self._stack[-1][0] == "pre"

    def _end_block(self) -> None:
        if not self._text:
            return
        text = _LINES.sub("\n", _SPACE.sub(" ", "".join(self._text))).strip()
        linked = self._linked
        self._text.clear()
        self._linked = 0
        # Two line breaks make a paragraph in much feed content.
        for part in re.split(r"\n{2,}", text):
            if part.strip():
                only_link = linked >= 0.9 * len(text) and len(text) < 200
                self._blocks.append((Block(part.strip(), furniture=self._boxes > 0 or only_link), self._article))

    def flush(self) -> None:
        """End the last block: called once, after all was fed."""
        self._end_block()

    def best_title(self) -> str:
        return next((one_line(title) for title in self._titles.values() if title.strip()), "")

    def best_blocks(self) -> list[Block]:
        """Return the blocks of the longest article if it holds a good part of the text, else all."""
        sizes: dict[int, int] = {}
        for block, number in self._blocks:
            if number and not block.furniture:
                sizes[number] = sizes.get(number, 0) + len(block.text)
        whole = sum(len(block.text) for block, _ in self._blocks)
        longest = max(sizes, key=lambda number: sizes[number], default=0)
        if longest and sizes[longest] * 5 > whole:
            return [block for block, number in self._blocks if number == longest]
        return [block for block, _ in self._blocks]
