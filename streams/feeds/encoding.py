"""Bytes of a feed -> text. Pure.

The order is: byte order mark, valid UTF-8, the server's charset, the document's own declaration, a guess. Valid UTF-8
goes before what is declared, since bytes that are not UTF-8 almost never look like it, while declarations often lie.
"""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A document that says the left means the right, which holds all of the left and more (WHATWG Encoding, 4.2).
_MEANT = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
# What bytes are tried as, what they are then read as, and the letters that a right guess is full of. Korean is tried
# without its later extension, whose syllables are rare and turn up wherever another encoding is misread.
_GUESSES = (
    ("utf-8", "utf-8", re.compile(r"[^\W\d_]")),
    ("cp932", "cp932", re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc\u3001\u3002\u4e00-\u9fff]")),
    ("euc_jp", "euc_jp", re.compile(r"[\u3041-\u3096\u30a1-\u30fa\u30fc\u3001\u3002]")),
    ("euc_kr", "cp949", re.compile(r"[\uac00-\ud7a3]")),
    ("cp1251", "cp1251", re.compile(r"[а-яёіїєґў]")),
    ("koi8_r", "koi8_r", re.compile(r"[а-яё]")),
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]{1,40})[\"']")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9._:-]{1,40})", re.IGNORECASE)


def decode_feed(body: bytes, content_type: str = "") -> tuple[str, str]:
    """Return the text and a warning, empty where the text is what the feed says it is."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body.decode(name, "replace"), ""
    wide = _wide(body)
    if wide:
        return body.decode(wide, "replace"), ""
    stated = [_charset(content_type), _declared(body)]
    # Seven-bit escapes are valid UTF-8 as well, so what is declared must go first there.
    if b"\x1b$" in body and any(name.startswith("iso2022") for name in stated):
        return body.decode("iso2022_jp", "replace"), ""
    for name in ["utf-8", *filter(None, stated)]:
        try:
            return body.decode(name), ""
        except UnicodeDecodeError:
            continue
    name = _guess(body)
    said = next(filter(None, stated), "utf-8")
    return body.decode(name, "replace"), f"encoding: not valid {said}, read as {name}"


def _wide(body: bytes) -> str:
    """Recognise UTF-16 and UTF-32 without a mark by the zero bytes around the first `<` (XML 1.0, appendix F)."""
    for start, name in (
        (b"<\0\0\0", "utf-32-le"),
        (b"\0\0\0<", "utf-32-be"),
        (b"<\0", "utf-16-le"),
        (b"\0<", "utf-16-be"),
    ):
        if body.startswith(start):
            return name
    return ""


def _charset(content_type: str) -> str:
    found = _CHARSET.search(content_type)
    return _known(found[1]) if found else ""


def _declared(body: bytes) -> str:
    found = _DECLARED.search(body[:1000])
    return _known(found[1].decode("ascii")) if found else ""


def _known(label: str) -> str:
    """Return the codec for a label, or nothing where it is unknown or no encoding of text."""
    try:
        info = codecs.lookup(label)
    except LookupError:
        return ""
    if not getattr(info, "_is_text_encoding", True) or info.name in ("utf-7", "idna", "punycode", "unicode_escape"):
        return ""
    return _MEANT.get(info.name, info.name)


def _guess(body: bytes) -> str:
    """Return the encoding whose reading has mostly letters that belong there, or Windows Latin 1."""
    best, best_share = "cp1252", 0.5
    sample = body[:200_000]
    for tried, name, usual in _GUESSES:
        text = sample.decode(tried, "replace")
        foreign = len(_NOT_ASCII.findall(text))
        share = len(usual.findall(text)) / foreign if foreign else 0.0
        share -= 3 * text.count("\ufffd") / foreign if foreign else 0.0
        if share > best_share:
            best, best_share = name, share
    return best
