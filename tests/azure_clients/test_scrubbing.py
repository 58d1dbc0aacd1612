"""No secret leaves in a text, whatever it looks like and however it is written."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azure_clients.errors import CallFailed, Refused, refusal
from azure_clients.scrubbing import SCRUBBER, Scrubber
from azure_clients.secrets import read_secret
from domain.codec import canonical, to_wire
from domain.outcomes import Operation, running

KEYS = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=64)


@given(key=KEYS, around=st.text(max_size=20))
def test_a_shared_key_never_comes_out_of_an_outcome(key: str, around: str) -> None:
    """In reason, code or evidence; plain, in JSON, in a URL, in base64."""
    scrubber = Scrubber()
    scrubber.remember(key)
    written = [key, json.dumps(key), quote(key, safe=""), base64.b64encode(key.encode()).decode(), repr(key)]
    for form in written:
        outcome = CallFailed("x").outcome()
        from dataclasses import replace

        outcome = replace(
            outcome, reason=f"{around}{form}{around}", code=form, evidence={form: [{"deep": form}], "n": 1}
        )
        text = canonical(to_wire(scrubber.scrub_outcome(outcome)))
        assert key not in json.loads(json.dumps(text))
        assert form not in text


@given(key=KEYS)
def test_a_key_that_azure_echoes_in_an_error_is_not_repeated(key: str) -> None:
    """Through the door by which every refusal goes."""
    SCRUBBER.remember(key)
    body = json.dumps({"error": {"code": "InvalidSharedKey", "message": f"The key '{key}' is not valid."}})
    assert key not in refusal(400, body, {}, "connecting").outcome().reason.replace("InvalidSharedKey", "")


@pytest.mark.parametrize("short", ["", " ", "a", "on", "10.1.1", "secret7", "  padded  "])
def test_a_value_too_short_to_be_told_from_a_word_tears_no_text_apart(short: str) -> None:
    """It is not taken, and whoever gave it hears so; what looks like a secret is taken out all the same."""
    scrubber = Scrubber()
    assert scrubber.remember(short) is False
    text = "connection on 10.1.1.4 is a padded secret7"
    assert scrubber.scrub(text) == text
    assert scrubber.scrub("sharedKey=secret7") == "sharedKey=•••"
    assert scrubber.remember("secret78") is True
    assert scrubber.scrub("the key secret78") == "the key •••"


def test_a_secret_too_short_to_be_kept_out_of_texts_is_refused(clients: Any, wire: Any, said: Any) -> None:
    """By name and with what is expected, never with its value."""
    wire.answer("GET", "/vaults/kv/secrets/psk", said(body={"id": "https://kv/secrets/psk/1", "value": "xyz789"}))
    with pytest.raises(Refused, match=r"secret psk of Key Vault kv.*at least 8 characters") as refused:
        read_secret(clients, {"vault": "kv", "secret": "psk"})
    assert (refused.value.code, refused.value.retries) == ("SecretTooShort", False)
    assert "xyz789" not in refused.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "GET https://management.azure.com/x/operations/1?api-version=2&t=1&c=MIIH&s=SECRET&h=SECRET failed",
        'body {"sharedKey": "SECRET", "x": 1}',
        "sharedKey=SECRET;",
        "Authorization: Bearer SECRETSECRETSECRET.x",
        "DefaultEndpointsProtocol=https;AccountKey=SECRETSECRET==;",
        "https://store.blob.core.windows.net/c/b?sv=1&sig=SECRET%3D",
        "token eyJhbGciOiJIUzI1NiJ9.SECRETSECRET.SECRET",
        'pre-shared key: "SECRET"',
        "{'authorizationKey': 'SECRET'}",
    ],
)
def test_what_looks_like_a_secret_is_taken_out_unseen(text: str) -> None:
    """Nobody has told the scrubber about these."""
    assert "SECRET" not in Scrubber().scrub(text)


def test_plain_text_stays_as_it_is() -> None:
    """Reasons stay readable."""
    text = "dc1 has 10.1.3.9, expected 10.1.3.4 (see https://example.com/runbook)"
    assert Scrubber().scrub(text) == text


def test_the_poll_url_of_an_operation_keeps_its_signature() -> None:
    """It is needed as it is, and nobody shows it."""
    operation = Operation("network", "/r", poll_url="https://h/p?t=1&s=signature")
    assert Scrubber().scrub_outcome(running(operation)).operation == operation
    assert operation.id == "p"
