"""A message to a Slack channel by its incoming webhook.

At least once: an incoming webhook takes no key, so an answer that is lost on the way leads to a second message.
It cannot be edited or answered in a thread either: the address gives no message id back.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from tocsin.agents.alert.channels import Sent
from tocsin.agents.alert.channels.answers import post, web_address
from tocsin.agents.alert.render import slack_message
from tocsin.streams.outbound import Outbound
from tocsin.streams.records import Delivery
from tocsin.streams.secret import Secret


class SlackSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What Slack's incoming webhook needs to know."""

    url: Secret
    """The address Slack gave for the channel. Whoever has it can post there."""


class Slack:
    """Posts to one Slack channel."""

    name: ClassVar[str] = "slack"
    settings: ClassVar[type[msgspec.Struct]] = SlackSettings

    def __init__(self, settings: SlackSettings, outbound: Outbound) -> None:
        self._url = web_address(settings.url)
        self._outbound = outbound

    async def send(self, delivery: Delivery, now: datetime) -> Sent:
        """Post the delivery as one message."""
        body = msgspec.json.encode(slack_message(delivery))
        return await post(self._outbound, self._url, body, {"content-type": "application/json"}, now, self.name)
