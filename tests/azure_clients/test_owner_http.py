"""The owner's own URLs: signed orders, bounded answers, no wandering to other hosts."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import pytest

from azure_clients import owner_http
from azure_clients.errors import CallFailed, NotUnderstood, Refused
from azure_clients.factory import Clients

URL = "https://automation.companyb.example/datacenter"


@pytest.fixture
def led(clients: Any, wire: Any) -> Clients:
    """Owners' URLs are led to the wire."""
    return Clients(replace(clients.settings, owner_gateway=f"{wire.endpoint}/owner"))


def test_an_order_is_signed_over_timestamp_and_body(led: Clients, wire: Any, said: Any) -> None:
    """The owner can check it with the shared secret alone."""
    wire.answer("POST", "/owner/automation.companyb.example/datacenter$", said(body={"status": "done"}))
    owner_http.post_signed(led, URL, {"action": "block-peer"}, "s3cret", 1_700_000_000, doing="ordering")
    asked = wire.asked[-1]
    expected = hmac.new(b"s3cret", b"1700000000." + asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["x-bridgehead-timestamp"] == "1700000000"
    assert asked.headers["x-bridgehead-signature"] == f"sha256={expected}"
    assert json.loads(asked.body) == {"action": "block-peer"}


def test_a_refused_signature_is_permanent_and_a_busy_device_is_not(led: Clients, wire: Any, said: Any) -> None:
    """401 is a wrong secret; 503 passes."""
    wire.answer("POST", ".", said(401, {"error": "bad signature"}), said(503))
    with pytest.raises(CallFailed) as refused:
        owner_http.post_signed(led, URL, {}, "s3cret", 1, doing="ordering")
    with pytest.raises(CallFailed) as busy:
        owner_http.post_signed(led, URL, {}, "s3cret", 1, doing="ordering")
    assert (refused.value.retries, busy.value.retries) == (False, True)


def test_a_redirect_to_another_host_is_not_followed(led: Clients, wire: Any, said: Any) -> None:
    """One on the same host is."""
    wire.answer("GET", "/away", said(302, None, {"Location": "https://elsewhere.example/"}))
    wire.answer("GET", "/here", said(302, None, {"Location": "https://h.example/there"}))
    wire.answer("GET", "/there", said(body={"routes": []}))
    with pytest.raises(Refused, match=r"elsewhere\.example"):
        owner_http.get(led, "https://h.example/away", doing="looking")
    assert owner_http.get(led, "https://h.example/here", doing="looking").document == {"routes": []}


def test_a_signed_order_follows_no_redirect_at_all(led: Clients, wire: Any, said: Any) -> None:
    """It would not be the order that was signed."""
    wire.answer("POST", ".", said(307, None, {"Location": URL}))
    with pytest.raises(Refused, match="redirected"):
        owner_http.post_signed(led, URL, {}, "s3cret", 1, doing="ordering")
    assert len(wire.asked) == 1


def test_an_answer_is_read_up_to_a_limit(led: Clients, wire: Any, said: Any) -> None:
    """A page of two megabytes is no looking glass."""
    wire.answer("GET", ".", said(body=b"x" * 2_000_000))
    with pytest.raises(NotUnderstood, match="larger"):
        owner_http.get(led, URL, doing="looking")


def test_only_https_is_asked(led: Clients, wire: Any) -> None:
    """A plan cannot name another, and neither can a redirect."""
    with pytest.raises(Refused, match="https"):
        owner_http.get(led, "http://h.example/", doing="looking")
    assert wire.asked == []


def test_without_a_gateway_the_owners_host_itself_is_asked(clients: Any) -> None:
    """Nothing is led anywhere outside a rehearsal."""
    assert owner_http.led_to(clients, URL) == URL


def test_arguments_are_added_to_a_query_that_is_there(led: Clients, wire: Any, said: Any) -> None:
    """The looking glass may have one of its own."""
    wire.answer("GET", ".", said(body={}))
    owner_http.get(led, "https://h.example/glass?site=1", {"address": "10.1.1.4"}, doing="looking")
    assert wire.asked[-1].path == "/owner/h.example/glass?site=1&address=10.1.1.4"
