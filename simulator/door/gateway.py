"""A call's way through the simulated Azure: time, token, faults, throttling, room, log. No sockets here."""

from __future__ import annotations

import contextlib
import os
import signal
from datetime import UTC
from email.utils import format_datetime
from typing import Any

from clock import VirtualClock
from simulator.core import errors, governance
from simulator.core.documents import normalise_location
from simulator.core.faults import Treatment
from simulator.core.web import JSON_TYPE, NOTHING, Request, Response, Url, dropped
from simulator.core.world import World
from simulator.door import identity
from simulator.door.identity import Identity

ARM_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")
AUDIENCES = {
    "arm": ARM_AUDIENCES,
    "vault": ("https://vault.azure.net",),
    "logs": ("https://api.loganalytics.io",),
}
TENANT = "72f988bf-0b0b-4000-8000-00000000b0b0"
OPEN_PLANES = ("owner", "identity", "control")


class Gateway:
    """``handle`` takes a call to its answer. Synchronous; the caller keeps calls apart."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.identity = Identity(world.seed)

    def handle(self, request: Request) -> Response:
        """Advance to now, answer, log. What must wait carries ``hold_seconds``; what is lost carries ``drop``."""
        world = self.world
        world.advance()
        if request.path == identity.PATH:
            return self.identity.answer(request)
        row, response, headers = self._answer(request)
        request_id = world.fresh_guid("request")
        response.headers = {
            "Date": format_datetime(world.now.astimezone(UTC), usegmt=True),
            **headers,
            "x-ms-request-id": request_id,
            "x-ms-correlation-request-id": request_id,
            **response.headers,
        }
        if response.body is not NOTHING:
            response.headers.setdefault("Content-Type", JSON_TYPE)
        if row is None or row.plane != "control":
            self._log(request, response)
            self._look_for_secrets(request)
        return response

    def _answer(self, request: Request) -> tuple[Url | None, Response, dict[str, str]]:
        world = self.world
        found = world.router.find(request.method, request.path)
        row = found[0] if found else None
        if found:
            request.params = found[1]
        plane = row.plane if row else "vault" if request.path.startswith("/vaults/") else "arm"
        refusal = self._refusal(plane, request)
        if refusal is not None:
            return row, refusal, {}
        treatment = self._treatment(plane, request)
        if treatment.instead is not None:
            self._kill(treatment)
            answer = treatment.instead
            answer.hold_seconds = max(answer.hold_seconds, treatment.hold_seconds)
            return row, answer, {}
        headers: dict[str, str] = {}
        response: Response | None = None
        if plane == "arm":
            response, headers = self._throttled(request)
            response = response or governance.refusal(self.world, request)
        if response is None:
            response = self._room(request, row)
        if treatment.replace is not None:
            response = treatment.replace
        if treatment.lose:
            response = dropped()
        self._kill(treatment)
        response.hold_seconds = max(response.hold_seconds, treatment.hold_seconds)
        return row, response, headers

    def _kill(self, treatment: Treatment) -> None:
        """``kill -9`` of a process that shares our clock, as the scenario asks."""
        clock = self.world.clock
        if treatment.kill is None or not isinstance(clock, VirtualClock):
            return
        pid = clock.pid_of(treatment.kill)
        self.world.log.write("process.killed", name=treatment.kill, pid=pid)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _treatment(self, plane: str, request: Request) -> Treatment:
        """ARM needs a region's control plane; a vault and a workspace are data plane themselves."""
        if plane == "control":
            return Treatment()
        dies_with = "data-plane" if plane in ("vault", "logs") else "control-plane"
        return self.world.faults.treat(request, self.regions(request, plane), plane=dies_with)

    def _room(self, request: Request, row: Url | None) -> Response:
        if row is None:
            if self.world.router.methods(request.path):
                return errors.method_not_allowed(request.method)
            return errors.invalid_resource_type(request.path, request.api_version)
        if row.plane == "arm" and row.api_version_required and not request.api_version:
            return errors.missing_api_version()
        if request.body and row.plane == "arm":
            try:
                _ = request.json
            except ValueError as error:
                return errors.invalid_request_content(str(error))
        return row.handler(self.world, request)

    def _refusal(self, plane: str, request: Request) -> Response | None:
        if plane in OPEN_PLANES:
            return None
        why = self.identity.refusal(request.headers.get("authorization"), self._audiences(plane))
        if why is None:
            return None
        if plane == "vault":
            return self._challenge()
        return errors.unauthorized(why, "AuthenticationFailed" if "missing" in why else "InvalidAuthenticationToken")

    def _audiences(self, plane: str) -> frozenset[str]:
        own = (self.world.endpoint, self.vault_resource())
        return frozenset(identity.audience(one) for one in (*AUDIENCES[plane], *own))

    def vault_resource(self) -> str:
        """The audience of the Key Vault challenge: a parent domain of our host, as the SDK demands of any vault."""
        return self.world.endpoint.replace("127.0.0.1", "0.0.1")

    def _challenge(self) -> Response:
        """Key Vault's first answer to everybody (documented: authentication, requests and responses)."""
        header = f'Bearer authorization="{self.world.endpoint}/{TENANT}", resource="{self.vault_resource()}"'
        message = "AKV10000: Request is missing a Bearer or PoP token."
        return errors.error(401, "Unauthorized", message, headers={"WWW-Authenticate": header})

    def _throttled(self, request: Request) -> tuple[Response | None, dict[str, str]]:
        parts = request.path.strip("/").split("/")
        subscription = parts[1] if len(parts) > 1 and parts[0].lower() == "subscriptions" else "-"
        return self.world.throttling.take(request.method, subscription, "arm")

    def regions(self, request: Request, plane: str = "arm") -> set[str]:
        """The regions without which a call cannot be answered: its resource's and its resource group's."""
        documents = self.world.documents
        if plane in ("vault", "logs"):
            return {region for region in (self._service_region(request, plane),) if region}
        if plane != "arm":
            return set()
        parts = request.path.strip("/").split("/")
        lowered = [part.lower() for part in parts]
        found: set[str | None] = set()
        if "locations" in lowered[:-1]:
            found.add(normalise_location(parts[lowered.index("locations") + 1]))
        if len(parts) >= 4 and lowered[2] == "resourcegroups":
            found.add(documents.location_of("/" + "/".join(parts[:4])))
            if len(parts) >= 8:
                resource = parts if len(parts) % 2 == 0 else parts[:-1]
                found.add(documents.location_of("/" + "/".join(resource)))
        if request.method == "PUT":
            found.add(_location_in(request))
        return {region for region in found if region}

    def _service_region(self, request: Request, plane: str) -> str | None:
        """Where the vault or workspace of a call lives, as its room knows."""
        room = self.world.state.get(f"{plane}-region")
        region: str | None = room(request) if room else None
        return region

    def _log(self, request: Request, response: Response) -> None:
        fields: dict[str, Any] = {}
        if isinstance(response.body, dict) and isinstance(response.body.get("error"), dict):
            fields["code"] = response.body["error"].get("code")
        if response.hold_seconds:
            fields["held_seconds"] = response.hold_seconds
        self.world.log.write(
            "request",
            method=request.method,
            path=request.path,
            status=0 if response.drop else response.status,
            request_id=response.headers["x-ms-request-id"],
            **fields,
        )

    def _look_for_secrets(self, request: Request) -> None:
        for name in self.world.secrets.misplaced(request):
            self.world.violated("secrets-stay-in-their-place", f"{request.method} {request.path} carries {name}")


def _location_in(request: Request) -> str | None:
    try:
        content = request.json
    except ValueError:
        return None
    location = content.get("location") if isinstance(content, dict) else None
    return normalise_location(location) if isinstance(location, str) else None
