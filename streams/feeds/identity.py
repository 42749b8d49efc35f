"""Which entries are the same article: by address, by the feed's own id, by title and date. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from tocsin.streams.feeds.parse import Entry
from tocsin.streams.records import content_id

_TRACKING = re.compile(
    r"utm_.*|pk_.*|mtm_.*|piwik_.*|at_(?:medium|campaign|custom\d*|link.*|format|ptr.*|bbc.*)|ns_.*|hsa_.*|_hs.*|__hs.*|"
    r"f?bclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid|igshid|igsh|mc_[ce]id|mkt_tok|vero_.*|_ga|_gl|"
    r"oly_.*_id|wickedid|s_cid|s_kwcid|cmp|cmpid|campaign_?id|xtor|xts|ito|ocid|icid|ncid|rss_?id|smid|smtyp|emc|sr_share|"
    r"soc_src|soc_trk|guccounter|guce_.*|ref_?src|ref_?url|__twitter_impression|feedtype|feedname|outputtype",
    re.IGNORECASE,
)
# These carry content on some sites; only their values tell.
_DOUBTFUL = re.compile(r"ref|referrer|source|src|from|mod|via|partner|feed|channel|medium|share", re.IGNORECASE)
_ORIGINS = re.compile(
    r"(?:rss|atom|feed|xml|twitter|facebook|fb|linkedin|telegram|social|newsletter|e?mail|google|homepage|share)\w*"
    r"(?:[_-].*)?",
    re.IGNORECASE,
)
_SESSION = re.compile(r"phpsessid|jsessionid|sessionid|session_id|aspsessionid.*|cfid|cftoken|sid|zenid", re.IGNORECASE)
_SESSION_VALUE = re.compile(r"[0-9a-zA-Z.!_-]{16,}")
_PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/;?#]*", re.IGNORECASE)
_SAFE = "/:@!$&'()*+,;=~-._"


def canonical_url(url: str) -> str:
    """Return the address by which an article is known, empty where `url` is no http(s) address.

    Scheme, `www.`, default port, userinfo, fragment, tracking parameters, session ids and a last slash do not tell
    articles apart; parameters that may select content stay, in a fixed order. The result is an identity, not a link.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").rstrip(".").removeprefix("www.")
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https") or not host:
        return ""
    path = quote(unquote(_PATH_SESSION.sub("", parts.path)), safe=_SAFE).rstrip("/")
    query = sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_noise(*pair))
    where = host if port in (None, 80, 443) else f"{host}:{port}"
    return f"https://{where}{path}" + (f"?{urlencode(query)}" if query else "")


def _is_noise(name: str, value: str) -> bool:
    if _TRACKING.fullmatch(name):
        return True
    if _SESSION.fullmatch(name):
        return bool(_SESSION_VALUE.fullmatch(value))
    return bool(_DOUBTFUL.fullmatch(name) and _ORIGINS.fullmatch(value))


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """An entry's article id, and every key by which a later poll may know it again, the surest first."""

    article: str
    keys: tuple[str, ...]


def identify(entries: Sequence[Entry], feed_url: str) -> tuple[Identity | None, ...]:
    """Return each entry's identity; None for an entry without id, address and title.

    An id or an address counts only where no other entry of the feed has it: some feeds give all entries the same one.
    Where the canonical address counts, the article id is made of it alone, so it is the same by whichever feed it came.
    """
    ids = Counter(_guid(entry) for entry in _distinct(entries))
    urls = Counter(_address(entry) for entry in _distinct(entries))
    host = urlsplit(canonical_url(feed_url)).netloc or feed_url
    return tuple(_identity(entry, host, ids, urls) for entry in entries)


def content_hash(title: str, text: str) -> str:
    """Return what changes when a publisher edits title or text; spacing alone does not count."""
    return content_id(" ".join(title.split()), " ".join(text.split()))[:12]


def _distinct(entries: Sequence[Entry]) -> list[Entry]:
    """Leave out plain repetitions, which would make a good id look like one that all entries share."""
    return list({(_guid(entry), _address(entry), entry.title): entry for entry in entries}.values())


def _guid(entry: Entry) -> str:
    # Ids that are addresses change from http to https when the site does.
    return canonical_url(entry.id) or entry.id


def _address(entry: Entry) -> str:
    """Return the canonical address, or nothing where it is only a site's front page."""
    found = canonical_url(entry.origin or entry.url)
    parts = urlsplit(found)
    return found if parts.path or parts.query else ""


def _identity(entry: Entry, host: str, ids: Counter[str], urls: Counter[str]) -> Identity | None:
    guid, address = _guid(entry), _address(entry)
    sources: list[tuple[str, ...]] = []
    if address and urls[address] == 1:
        sources.append(("url", address))
    if guid and ids[guid] == 1:
        sources.append(("id", host, guid))
    if not sources:
        date = entry.published.isoformat() if entry.published else ""
        # An id that several entries share still helps to tell them from another feed's.
        sources += [("title", host, entry.title, date)] if entry.title else []
    if not sources:
        return None
    return Identity(article=content_id(*sources[0]), keys=tuple(content_id(*source)[:16] for source in sources))
