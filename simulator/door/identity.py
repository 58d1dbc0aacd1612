"""Managed identity as App Service offers it, and the tokens that the simulated services accept.

Protocol (documented, App Service managed identity REST endpoint): GET {IDENTITY_ENDPOINT}?resource=..&api-version=
2019-08-01 with the header X-IDENTITY-HEADER. Tokens expire in *wall* time, as the SDK's clock is the machine's.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from simulator.core.web import Request, Response

API_VERSION = "2019-08-01"
PATH = "/msi/token"
LIFETIME_SECONDS = 24 * 3600


class Identity:
    """Issues and checks tokens. The header's value and the signing key follow from the seed."""

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"identity/{seed}".encode()).digest()
        self.header = hashlib.sha256(f"identity-header/{seed}".encode()).hexdigest()[:32].upper()
        self.client_id = "00000000-0000-4000-8000-000000000b0b"

    def answer(self, request: Request) -> Response:
        """The token endpoint."""
        if not hmac.compare_digest(request.headers.get("x-identity-header", ""), self.header):
            return Response(401, {"statusCode": 401, "message": "The X-IDENTITY-HEADER header is missing or wrong."})
        resource = request.argument("resource")
        if request.api_version != API_VERSION or not resource:
            message = f"resource and api-version={API_VERSION} are required."
            return Response(400, {"statusCode": 400, "message": message})
        expires = int(time.time()) + LIFETIME_SECONDS
        body = {
            "access_token": self.issue(resource, expires),
            "expires_on": str(expires),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": self.client_id,
        }
        return Response(200, body)

    def issue(self, resource: str, expires: int) -> str:
        claims = {"aud": audience(resource), "exp": expires, "appid": self.client_id}
        signed = f"{_encode({'alg': 'HS256', 'typ': 'JWT'})}.{_encode(claims)}"
        return f"{signed}.{self._signature(signed)}"

    def refusal(self, authorization: str | None, audiences: frozenset[str]) -> str | None:
        """Why a call's Authorization header does not do; None when it does."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return "Authentication failed. The 'Authorization' header is missing."
        signed, _, signature = token.rpartition(".")
        if not hmac.compare_digest(signature, self._signature(signed)):
            return "The access token is invalid."
        claims = _decode(signed.partition(".")[2])
        if claims["exp"] < time.time():
            return "The access token has expired."
        if claims["aud"] not in audiences:
            return f"The access token has been obtained for wrong audience or resource '{claims['aud']}'."
        return None

    def _signature(self, text: str) -> str:
        digest = hmac.new(self._key, text.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def audience(resource: str) -> str:
    """A resource or scope as audiences are compared: no ``/.default``, no slash at the end, lower case."""
    return resource.removesuffix("/.default").rstrip("/").lower()


def _encode(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(text: str) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return decoded
