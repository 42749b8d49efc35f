"""An alert or a notice as a webhook's body, a Slack message, a block of text. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from tocsin.agents.alert.body import (
    AlertBody,
    AlertData,
    AlertType,
    EvidenceData,
    NoticeBody,
    NoticeData,
    StampsData,
    StoryData,
    SubscriptionData,
)
from tocsin.streams.records import Alert, Delivery, Evidence, Notice, Severity

TYPES: Mapping[str, AlertType] = {
    "first": "alert.created",
    "digest": "alert.created",
    "update": "alert.updated",
    "test": "alert.test",
}
MARKS: Mapping[Severity, str] = {"info": "⚪", "low": "🔵", "medium": "🟡", "high": "🟠", "critical": "🔴"}
COLORS: Mapping[Severity, str] = {"info": "37", "low": "36", "medium": "33", "high": "35", "critical": "31"}

MAX_SOURCES = 20
"""Sources named in one message; the rest is counted."""
WEBHOOK_BYTES = 20_000
"""What Standard Webhooks advises for a body."""
SLACK_SECTION = 3000
SLACK_TOTAL = 9000
"""Characters of all blocks together. A message near 13,200 is refused though each block is within its limit."""
SLACK_QUOTES = 8


def quotes(evidence: Iterable[Evidence]) -> list[tuple[str, list[str]]]:
    """Return each sentence once, with the clauses it satisfies; clauses about the whole article last, under ""."""
    found: dict[str, list[str]] = {}
    for one in evidence:
        clause = one.clause if one.score is None else f"{one.clause} ({one.score:.2f})"
        found.setdefault(one.sentence, []).append(clause)
    return sorted(found.items(), key=lambda pair: not pair[0])


def _content(delivery: Delivery) -> Alert | Notice:
    content = delivery.alert or delivery.notice
    if content is None:
        raise ValueError(f"delivery {delivery.id} holds neither an alert nor a notice")
    return content


# -- webhook ----------------------------------------------------------------------------------------------------------


def webhook_body(delivery: Delivery, now: datetime) -> bytes:
    """Return the JSON body; the last quotes are left out where it would be too long.

    `now` stands in only for an alert that carries no time of its own.
    """
    content = _content(delivery)
    if isinstance(content, Notice):
        notice = NoticeData(id=content.id, what=content.what, text=content.text)
        return msgspec.json.encode(NoticeBody(type="operator.notice", schema=1, timestamp=content.at, data=notice))
    stamps = content.stamps
    moment = stamps.decided or stamps.matched or stamps.annotated or stamps.received or stamps.queued or now
    data = _alert_data(content)
    while True:
        body = msgspec.json.encode(AlertBody(type=TYPES[content.kind], schema=1, timestamp=moment, data=data))
        if len(body) <= WEBHOOK_BYTES or len(data.evidence) <= 1:
            return body
        data = msgspec.structs.replace(data, evidence=data.evidence[:-1])


def _alert_data(alert: Alert) -> AlertData:
    stamps = alert.stamps
    return AlertData(
        id=alert.id,
        test=alert.kind == "test",
        severity=alert.severity,
        headline=alert.headline,
        url=alert.url,
        language=alert.language,
        article=alert.article,
        story=StoryData(id=alert.story, sequence=alert.sequence),
        subscription=SubscriptionData(id=alert.subscription, name=alert.subscription_name, query=alert.query),
        facts=alert.facts,
        evidence=tuple(_evidence_data(one) for one in alert.evidence),
        reasons=alert.reasons,
        sources=alert.sources,
        stamps=StampsData(
            published=stamps.published,
            received=stamps.received,
            matched=stamps.matched,
            decided=stamps.decided,
            queued=stamps.queued,
        ),
    )


def _evidence_data(evidence: Evidence) -> EvidenceData:
    return EvidenceData(
        clause=evidence.clause,
        sentence=evidence.sentence,
        start=evidence.start,
        end=evidence.end,
        matched=evidence.matched,
        spans=evidence.spans,
        score=evidence.score,
        rules=evidence.rules,
    )


# -- Slack ------------------------------------------------------------------------------------------------------------


def slack_message(delivery: Delivery) -> dict[str, Any]:
    """Return the payload of an incoming webhook: Block Kit, and the same in one line for notifications.

    Within Slack's limits (50 blocks, 3,000 characters a section, a total that is refused above some 13,000): first
    the last quotes are left out, never the headline or the sources.
    """
    content = _content(delivery)
    if isinstance(content, Notice):
        text = f"*Tocsin: {slack_escape(content.what, 100)}*\n{slack_escape(content.text, 2500)}"
        return _slack_payload(text, [_section(text)])
    title = _slack_title(content)
    head = [_section(title)]
    if content.facts:
        head.append(_section("\n".join(f"• {slack_escape(one, 250)}" for one in content.facts)))
    foot = [_context(_slack_foot(content))]
    room = SLACK_TOTAL - sum(_size(block) for block in head + foot)
    middle = []
    for sentence, clauses in quotes(content.evidence)[:SLACK_QUOTES]:
        block = _section(_slack_quote(sentence, clauses))
        room -= _size(block)
        if room < 0:
            break
        middle.append(block)
    return _slack_payload(title, head + middle + foot)


def slack_escape(text: str, limit: int) -> str:
    """Return foreign text that can neither link, mention nor format its way out, at most `limit` characters long."""
    parts: list[str] = []
    size = 0
    for char in clean(text):
        escaped = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(char, char)
        size += len(escaped)
        if size > limit - 1:
            return "".join(parts) + "…"
        parts.append(escaped)
    return "".join(parts)


def slack_link(url: str, label: str, limit: int = 400) -> str:
    """Return a link with a label, or the label alone where the address is no web address or too long."""
    text = slack_escape(label, limit)
    address = clean(url)
    if not re.match(r"https?://", address) or len(address) > 2000:
        return text
    # A bar would end the address and begin a label of the sender's choice.
    for char, code in (("|", "%7C"), ("<", "%3C"), (">", "%3E"), (" ", "%20"), ("&", "&amp;")):
        address = address.replace(char, code)
    # A bar within the label shows as it is, but a closing bracket cannot occur: it is escaped.
    return f"<{address}|{text}>"


def _slack_title(alert: Alert) -> str:
    test = "*TEST* " if alert.kind == "test" else ""
    return f"{MARKS[alert.severity]} {test}*{slack_link(alert.url, alert.headline)}*"


def _slack_quote(sentence: str, clauses: list[str]) -> str:
    quoted = f">{slack_escape(sentence, 1000)}\n" if sentence else ""
    code = slack_escape(", ".join(clauses).replace("`", ""), 400)
    return f"{quoted}`{code}`"


def _slack_foot(alert: Alert) -> str:
    name = alert.subscription_name or alert.subscription
    parts = (alert.severity, _sources(alert.sources), f"subscription: {name}")
    return slack_escape(" · ".join(part for part in parts if part), 1900)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _context(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _size(block: Mapping[str, Any]) -> int:
    return len(msgspec.json.encode(block).decode())


def _slack_payload(text: str, blocks: list[dict[str, Any]]) -> dict[str, Any]:
    return {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


# -- terminal ---------------------------------------------------------------------------------------------------------


def terminal_text(delivery: Delivery, *, color: bool = False) -> str:
    """Return a block that ends with an empty line; foreign text can send the terminal no commands."""
    content = _content(delivery)
    if isinstance(content, Notice):
        return f"{_bold('NOTICE', '31', on=color)} {clean(content.what)}\n  {clean(content.text)}\n\n"
    label = f"TEST {content.severity.upper()}" if content.kind == "test" else content.severity.upper()
    lines = [f"{_bold(label, COLORS[content.severity], on=color)} {_bold(clean(content.headline), '39', on=color)}"]
    lines.append(f"  {clean(_sources(content.sources))} · {clean(content.subscription_name or content.subscription)}")
    lines += [f"  - {clean(fact)}" for fact in content.facts]
    for sentence, clauses in quotes(content.evidence):
        lines += [f"  “{clean(sentence)}”"] if sentence else []
        lines.append(f"    {clean(', '.join(clauses))}")
    if content.url:
        lines.append(f"  {clean(content.url)}")
    return "\n".join(lines) + "\n\n"


def clean(text: str) -> str:
    """Return text in one line, without control characters and without those that turn its direction around."""
    line = " ".join(text.split())
    return "".join(char for char in line if unicodedata.category(char) != "Cc" and char not in _TURNS)


_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _bold(text: str, code: str, *, on: bool) -> str:
    return f"\x1b[1;{code}m{text}\x1b[0m" if on else text


def _sources(sources: Iterable[str]) -> str:
    names = list(sources)
    more = f" and {len(names) - MAX_SOURCES} more" if len(names) > MAX_SOURCES else ""
    return ", ".join(names[:MAX_SOURCES]) + more
