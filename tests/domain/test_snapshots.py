"""Snapshots: no secret survives, the hash is of the content, and what is no list of ARM documents is told as such."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.redaction import SECRET_ENDINGS, SECRET_FIELDS, redact
from domain.snapshot import Snapshot, SnapshotError, parse_snapshot, snapshot_of

GROUP = "/subscriptions/s/resourceGroups/g"
MARK = "hunter2-5f3a9c"


def document(name: str = "n", **properties: Any) -> dict[str, Any]:
    return {
        "id": f"{GROUP}/providers/Microsoft.Network/connections/{name}",
        "type": "Microsoft.Network/connections",
        "properties": properties,
    }


def spelt(name: str) -> st.SearchStrategy[str]:
    """A field's name in any case, with underscores, dashes and blanks strewn in."""
    letters = [st.sampled_from([one, one.upper(), f"{one}_", f"-{one}", f"{one} "]) for one in name]
    return st.tuples(*letters).map("".join)


SECRET_NAMES = st.sampled_from(sorted({*SECRET_FIELDS, *SECRET_ENDINGS})).flatmap(spelt)
SECRET_NAMES |= st.tuples(st.sampled_from(["vpn", "old", "remoteGateway"]), st.sampled_from(SECRET_ENDINGS)).map(
    "".join
)
SECRETS = (
    st.just(MARK)
    | st.lists(st.just(MARK), min_size=1, max_size=2)
    | st.dictionaries(st.sampled_from(["value", "vault", "secret"]), st.just(MARK), min_size=1, max_size=1)
    | st.just({"vault": "kv", "secret": "name", "value": MARK})
    | st.just({"vault": "kv", "secret": [MARK]})
)
HIDDEN = st.tuples(SECRET_NAMES, SECRETS).map(lambda pair: {pair[0]: pair[1]})
HIDDEN |= SECRET_NAMES.map(lambda name: {"name": name, "value": MARK})
HIDDEN |= st.sampled_from(["x", "url"]).map(lambda name: {name: f"https://a.blob.core.windows.net/c?sv=1&sig={MARK}"})
HIDDEN |= st.just({"storage": f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={MARK}=="})
NESTED = st.recursive(
    HIDDEN,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["properties", "a", "settings", "items"]), inner, max_size=2)
    ),
    max_leaves=8,
)


@given(NESTED)
def test_no_secret_survives_in_any_shape(nested: Any) -> None:
    """However deep, in whatever spelling, as text, list or object: it is gone from documents, and from their hash."""
    snapshot = snapshot_of([document(extra=nested)])
    assert MARK not in json.dumps(snapshot.documents)
    assert MARK not in " ".join(snapshot.warnings)
    assert (MARK in json.dumps(nested)) == bool(snapshot.warnings)
    again, removed = redact(copy.deepcopy(snapshot.documents[0]))
    assert (again, removed) == (snapshot.documents[0], [])


def test_what_is_no_secret_stays() -> None:
    """References to a vault, names of secrets, empty fields, and words that only look alike."""
    kept = {
        "sharedKey": {"vault": "kv", "secret": "psk", "version": "1"},
        "secretNames": ["psk"],
        "password": "",
        "sharedKeyLength": 24,
        "disablePasswordAuthentication": True,
        "keyData": "ssh-rsa AAAA",
        "rotationOf": "sharedKey",
    }
    snapshot = snapshot_of([document(**kept)])
    assert snapshot.documents[0]["properties"] == kept
    assert snapshot.warnings == ()


def test_the_warning_names_the_place_and_the_way_out() -> None:
    """Whoever captured a key in clear learns where, and what to write instead."""
    snapshot = snapshot_of([document(sharedKey=MARK)])
    assert snapshot.warnings == ("n: a secret in properties.sharedKey was removed; reference it in Key Vault",)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.lists(JSON_VALUES, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_hash_is_of_the_content_not_of_any_order(values: list[Any], chance: random.Random) -> None:
    """Documents and fields in another order are the same snapshot; one value changed is another."""
    documents = [document(f"n{number}", extra=value) for number, value in enumerate(values)]
    one = snapshot_of(documents)
    mixed = [dict(reversed(one.items())) for one in documents]
    chance.shuffle(mixed)
    other = snapshot_of(mixed)
    assert (other.hash, other.documents) == (one.hash, one.documents)
    changed = copy.deepcopy(documents)
    changed[0]["properties"]["extra"] = [values[0]]
    assert snapshot_of(changed).hash != one.hash


def test_ids_are_compared_without_regard_to_case() -> None:
    """ARM answers one id in several spellings."""
    snapshot = snapshot_of([document("Cn-East")])
    wanted = snapshot.documents[0]["id"]
    assert snapshot.get(wanted.upper()) is snapshot.get(f"{wanted.lower()}/") is snapshot.documents[0]
    assert snapshot.named("MICROSOFT.network/CONNECTIONS", "cn-east") == [snapshot.documents[0]]
    assert snapshot.named("Microsoft.Network/connections", wanted.upper()) == [snapshot.documents[0]]
    assert snapshot.get(None) is None


def test_a_type_that_is_missing_is_read_from_the_id() -> None:
    """Resource Graph may leave it out."""
    bare = document()
    del bare["type"]
    assert list(snapshot_of([bare]).of_type("microsoft.network/connections"))


@pytest.mark.parametrize("text", ["[]", b"[]", "\ufeff[]", b"\xef\xbb\xbf[]", "[]".encode("utf-16"), '{"value": []}'])
def test_what_tools_write_is_read(text: str | bytes) -> None:
    """With a byte order mark, in UTF-16 as PowerShell redirects it, as a list or as an answer with value."""
    assert parse_snapshot(text) == Snapshot(())


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "not JSON"), ("not json", "not JSON"), (b"\xff\xff", "not JSON"), ("[" * 50_000, "nesting too deep"),
        ("{}", "found an object"), ('"x"', "found the text 'x'"), ("null", "found nothing"), ("7", "found a number"),
        ('{"value": 1}', "found an object"),
    ],
)  # fmt: skip
def test_what_is_no_snapshot_says_what_it_is(text: str | bytes, part: str) -> None:
    """One sentence, no stack trace."""
    with pytest.raises(SnapshotError, match=part):
        parse_snapshot(text)


def test_everything_wrong_is_told_at_once() -> None:
    """Each document by its place and id."""
    twice = document("a")
    with pytest.raises(SnapshotError) as caught:
        snapshot_of(
            [1, {}, {"id": "no slash"}, {"id": "/"}, twice, twice | {"id": twice["id"].upper()}, document(), None]
        )
    reasons = "\n".join(caught.value.reasons)
    for part in ("[0]: expected an ARM document", "[1]: id", "[2]: id", "[3]: id", "[5]:", "appears twice", "[7]"):
        assert part in reasons
    assert len(caught.value.reasons) == 6


@pytest.mark.parametrize(
    ("kind", "properties", "part"),
    [
        ("virtualNetworks", {"addressSpace": {"addressPrefixes": "10.0.0.0/8"}}, "addressPrefixes: expected a list"),
        ("virtualNetworks", {"addressSpace": {"addressPrefixes": ["10.1"]}}, r"\[0\]: expected an address prefix"),
        ("virtualNetworks", {"addressSpace": ["10.0.0.0/8"]}, "addressSpace: expected an object, found a list"),
        ("virtualNetworks", {"virtualNetworkPeerings": [None]}, r"virtualNetworkPeerings\[0\]: expected a value"),
        ("virtualNetworkGateways", {"bgpSettings": {"asn": "65515"}}, "asn: expected a number, found the text"),
        ("virtualNetworkGateways", {"ipConfigurations": {"a": 1}}, "ipConfigurations: expected a list"),
        ("connections", {"enableBgp": "true"}, "enableBgp: expected true or false"),
    ],
)
def test_a_document_of_another_shape_is_told_by_its_field(kind: str, properties: Any, part: str) -> None:
    """What compile could not read is said when the snapshot is taken, not on the day."""
    spoilt = {"id": f"{GROUP}/providers/Microsoft.Network/{kind}/x", "properties": properties}
    with pytest.raises(SnapshotError, match=part):
        snapshot_of([spoilt])


@given(st.lists(JSON_VALUES, max_size=4))
@example([{"id": "/x", "properties": {"properties": []}}])
@example([{"id": "/x", "name": ["n"]}])
def test_any_json_is_a_snapshot_or_its_errors(documents: list[Any]) -> None:
    """Nothing else comes out of the door."""
    try:
        told: Any = snapshot_of(documents).hash
    except SnapshotError as error:
        told = error.reasons
    assert told
