"""Signatures of Standard Webhooks (standardwebhooks.com, version 1): HMAC-SHA256 under a `whsec_` secret."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from tocsin.streams.secret import Secret

PREFIX = "whsec_"
KEY_BYTES = range(24, 65)
"""What the specification asks of a key's length."""


def new_secret() -> Secret:
    """Return a new signing secret: `whsec_` and base64 of 32 random bytes. Show it once and keep it in the settings."""
    return Secret(PREFIX + base64.b64encode(secrets.token_bytes(32)).decode())


def key_of(secret: Secret) -> bytes:
    """Return the key of a secret; ValueError, without the secret in it, where it is none."""
    text = secret.reveal().strip()
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(PREFIX) or len(key) not in KEY_BYTES:
        raise ValueError("a signing secret is `whsec_` and base64 of 24 to 64 bytes; make a new one")
    return key


def sign(keys: Sequence[bytes], message: str, timestamp: int, body: bytes) -> str:
    """Return the `webhook-signature` header: one signature for each key, so that keys can be changed without a gap.

    `timestamp` is in seconds since 1970, `message` the `webhook-id`.
    """
    content = f"{message}.{timestamp}.".encode() + body
    digests = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
