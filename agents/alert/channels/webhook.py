"""A signed POST to a program: Standard Webhooks, version 1.

At least once: an answer that is lost on the way leads to another try with the same `webhook-id`. A receiver that
keeps the ids of four days and drops what it has acts on each alert once.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from tocsin.agents.alert.channels import Sent
from tocsin.agents.alert.channels.answers import post, web_address
from tocsin.agents.alert.render import webhook_body
from tocsin.agents.alert.signing import key_of, sign
from tocsin.streams.outbound import Outbound
from tocsin.streams.records import Delivery
from tocsin.streams.secret import Secret


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a webhook needs to know."""

    url: Secret
    """Where to POST to; http or https."""
    secrets: tuple[Secret, ...]
    """Signing secrets, `whsec_...`. Two while one replaces the other: each message is signed with all of them."""


class Webhook:
    """Sends to one address."""

    name: ClassVar[str] = "webhook"
    settings: ClassVar[type[msgspec.Struct]] = WebhookSettings

    def __init__(self, settings: WebhookSettings, outbound: Outbound) -> None:
        if not settings.secrets:
            raise ValueError("`secrets` is empty: give at least one signing secret")
        self._url = web_address(settings.url)
        self._keys = [key_of(secret) for secret in settings.secrets]
        self._outbound = outbound

    async def send(self, delivery: Delivery, now: datetime) -> Sent:
        """POST the delivery, signed for this moment."""
        body = webhook_body(delivery, now)
        timestamp = int(now.timestamp())
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(self._keys, delivery.id, timestamp, body),
        }
        return await post(self._outbound, self._url, body, headers, now, self.name)
