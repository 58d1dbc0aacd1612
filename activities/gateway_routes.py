"""What a gateway tells of its peers and routes, judged. Shapes: sources: Routing, REST virtualNetworkGateways.

``value`` lists of BgpPeerStatus (neighbor, state, routesReceived) and of GatewayRoute (network, origin, asPath).
"""

from __future__ import annotations

import re
from typing import Any

from activities.checked import Checked
from domain.addresses import covers


def judge(check: dict[str, Any], result: Any) -> Checked:
    """The finding of a learned-routes, advertised-routes or bgp-peer reading."""
    rows = (
        [one for one in (result or {}).get("value") or () if isinstance(one, dict)] if isinstance(result, dict) else []
    )
    if check["check"] == "bgp-peer":
        return _peer(check, rows)
    if check["check"] == "learned-routes":
        return _learned(check, rows)
    return _advertised(check, rows)


def _peer(check: dict[str, Any], rows: list[dict[str, Any]]) -> Checked:
    expected = f"a session with {check['peer']}"
    mine = [one for one in rows if check["peer"] in (None, str(one.get("neighbor")))]
    if not mine:
        return Checked(False, expected, "no such peer")
    states = [str(one.get("state") or "") for one in mine]
    if any(state.lower() == "connected" for state in states):
        return Checked(True, expected, f"Connected, {mine[0].get('routesReceived', '?')} routes received")
    return Checked(False, expected, states[0] or "no state")


def _learned(check: dict[str, Any], rows: list[dict[str, Any]]) -> Checked:
    asn = check.get("asn")
    expected = f"{', '.join(check['prefixes'])} learned from " + (f"AS {asn}" if asn else "the site")
    outside = [one for one in rows if str(one.get("origin") or "").lower() == "ebgp" and _path_has(one, asn)]
    return _covered(check["prefixes"], outside, expected, "learned")


def _advertised(check: dict[str, Any], rows: list[dict[str, Any]]) -> Checked:
    expected = f"{', '.join(check['prefixes'])} advertised to {check.get('peer')}"
    return _covered(check["prefixes"], rows, expected, "advertised")


def _covered(prefixes: list[str], rows: list[dict[str, Any]], expected: str, word: str) -> Checked:
    networks = sorted({str(one["network"]) for one in rows if _is_prefix(one.get("network"))})
    lacking = [prefix for prefix in prefixes if not covers(networks, prefix)]
    if lacking:
        return Checked(False, expected, f"{', '.join(lacking)} not {word} ({', '.join(networks[:8]) or 'nothing is'})")
    return Checked(True, expected, f"{word}: {', '.join(networks[:8])}")


def _path_has(row: dict[str, Any], asn: Any) -> bool:
    return asn is None or str(asn) in re.findall(r"\d+", str(row.get("asPath") or ""))


def _is_prefix(text: Any) -> bool:
    try:
        return isinstance(text, str) and covers([text], text)
    except ValueError:
        return False
