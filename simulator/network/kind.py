"""What one kind of network resource is, as data: the engine in `engine` does the rest."""

# ruff: noqa: ARG001 - the rows of a table share one signature
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.core.documents import Document
from simulator.core.operations import Failure
from simulator.core.web import Response
from simulator.core.world import World

GROWING = (10, 10, 20, 20, 40, 40, 80, 160, 100)
TEN, THREE, ONE, THIRTY = (10,), (3, 10), (1,), (30,)

Check = Callable[[World, Document, Document | None], Response | None]
InUse = Callable[[World, Document], Response | None]
Locks = Callable[[World, Document], Sequence[str]]
Change = Callable[[World, Document], None]


def _no_locks(world: World, document: Document) -> Sequence[str]:
    return ()


@dataclass(frozen=True)
class Kind:
    """One resource type.

    ``title``       as operations are called: PutVirtualNetworkGatewayOperation
    ``action``      as durations and the log call it: ``connections`` -> ``connections/write``
    ``defaults``    properties that the service adds to what it is sent
    ``changed``     property -> (api-version, its default from there on)
    ``kept``        properties that an update leaves as they were when it does not send them
    ``parts``       properties that list parts with an etag of their own (ipConfigurations)
    ``embedded``    property of the body -> kind of child that is shown there (subnets in a network)
    ``retry_after`` seconds to the next poll, one per poll answer, the last one repeated (read off recorded times)
    ``first_state`` provisioningState in the answer to a PUT
    ``patch_polled`` a PATCH leaves it Updating for a while, with no header to poll (gateways)
    ``check``       refuses a PUT: (world, wanted document, existing) -> answer or None
    ``in_use``      refuses a DELETE
    ``outcome``     error with which a write fails at its end, or None
    ``locks``       what else an operation on it holds
    ``shape``       fills in a new body beyond the defaults and touches nothing else; ``stored`` runs when a PUT was
                    accepted, ``done`` and ``gone`` when an operation has ended
    ``settles_unchanged`` a PUT that changes no property is done at once
    ``own_etag`` each resource has an etag of its own, a bare guid that its write's end leaves as it is (firewalls)
    ``polls``       collection of its operations' status below a location
    ``fails_together`` a write that fails shows on the resource at the top and on all that is below it (circuits)
    ``since``       dotted path in the body -> first api-version that shows it; ``until`` the first that no longer does
                    (the oldest or newest recorded one that does, so a version in between may be off)
    ``words``       property -> how the provider spells its values, whatever was sent (allow -> Allow)
    ``show``        last touch to a copy of the document before it is answered; gets what answers: GET, LIST, PUT..
    """

    type: str
    title: str
    defaults: Mapping[str, Any] = field(default_factory=dict)
    changed: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    kept: Sequence[str] = ()
    parts: Sequence[str] = ("ipConfigurations",)
    embedded: Mapping[str, str] = field(default_factory=dict)
    top: Mapping[str, Any] = field(default_factory=dict)
    retry_after: Sequence[int] = TEN
    first_state: str = "Updating"
    notifies: bool = True
    etag_header: bool = True
    guid: bool = True
    located: bool = True
    patch_polled: bool = False
    synchronous: bool = False
    settles_unchanged: bool = True
    fails_together: bool = False
    own_etag: bool = False
    polls: str = "operations"
    since: Mapping[str, str] = field(default_factory=dict)
    until: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    check: Check | None = None
    in_use: InUse | None = None
    outcome: Callable[[World, Document], Failure | None] | None = None
    locks: Locks = _no_locks
    shape: Change | None = None
    stored: Change | None = None
    done: Change | None = None
    gone: Change | None = None
    show: Callable[[World, Document, str], None] | None = None

    @property
    def action(self) -> str:
        return self.type.split("/")[-1]

    @property
    def is_child(self) -> bool:
        return self.type.count("/") > 1

    @property
    def pattern(self) -> str:
        provider, *kinds = self.type.split("/")
        tail = "".join(f"/{kind}/{{{kind}}}" for kind in kinds)
        return f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{provider}{tail}"

    def later_defaults(self, version: str) -> dict[str, Any]:
        """Defaults that have changed since an earlier api-version."""
        asked = version[:10] or "9999-12-31"
        return {name: value for name, (first, value) in self.changed.items() if asked >= first}

    def hidden(self, version: str) -> list[str]:
        """Paths that an api-version does not show; an unnamed version is the newest."""
        asked = version[:10] or "9999-12-31"
        late = [path for path, first in self.since.items() if asked < first]
        return late + [path for path, gone in self.until.items() if asked >= gone]
