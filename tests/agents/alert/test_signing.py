import base64
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tocsin.agents.alert.signing import key_of, new_secret, sign
from tocsin.streams.secret import Secret

BODY = '{"headline":"Zürich — 速報"}'.encode()


def headers(secrets, body=BODY, message="msg1"):
    now = int(datetime.now(UTC).timestamp())
    signature = sign([key_of(secret) for secret in secrets], message, now, body)
    return {"webhook-id": message, "webhook-timestamp": str(now), "webhook-signature": signature}


def test_the_specs_own_library_verifies_our_signature():
    secret = new_secret()
    assert Webhook(secret.reveal()).verify(BODY, headers([secret])) == {"headline": "Zürich — 速報"}


def test_while_one_secret_replaces_another_both_verify():
    old, new = new_secret(), new_secret()
    found = headers([new, old])
    for secret in (old, new):
        assert Webhook(secret.reveal()).verify(BODY, found)


@pytest.mark.parametrize("change", [{"webhook-id": "msg2"}, {"webhook-timestamp": "1"}])
def test_a_changed_header_does_not_verify(change):
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(secret.reveal()).verify(BODY, headers([secret]) | change)


def test_a_foreign_secret_does_not_verify():
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret().reveal()).verify(BODY, headers([new_secret()]))


def test_a_new_secret_is_new_and_long_enough():
    assert new_secret() != new_secret()
    assert len(key_of(new_secret())) == 32


@pytest.mark.parametrize(
    "text",
    [
        "planted",
        "whsec_pl*anted!" + "A" * 45 + "=",
        "whsec_planted!",
        "whsec_" + base64.b64encode(b"planted" * 3).decode(),
        base64.b64encode(b"p" * 32).decode(),
    ],
)
def test_what_is_no_secret_is_refused_without_being_shown(text):
    with pytest.raises(ValueError, match="whsec_") as caught:
        key_of(Secret(text))
    assert text not in str(caught.value)
    assert "make a new one" in str(caught.value)
