"""Split seconds and the longest path, from logs written by hand."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from simulator.core.chance import Chance
from simulator.core.documents import Documents
from simulator.verdict import split_seconds
from simulator.verdict.critical_path import longest_path

BASE = "/subscriptions/s/resourceGroups/g/providers"
GROUPS = {"a": 1, "b": 1, "c": 2}


class Log:
    """Events as the simulator would have written them."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["kind"] == kind]

    def add(self, kind: str, seconds: float, **fields: Any) -> None:
        self.events.append({"kind": kind, "seconds": seconds, **fields})

    def operation(self, action: str, resource: str, start: float, end: float, status: str = "Succeeded") -> None:
        name = f"{action}-{resource}-{start}"
        self.add("operation.accepted", start, operation=name, action=action, resource=resource, idempotent=True)
        self.add("operation.ended", end, operation=name, action=action, resource=resource, status=status)


class Judged:
    """As much of a world as the judge looks at."""

    def __init__(self, seconds: float = 1000.0) -> None:
        self.log, self.documents, self.seconds, self.chance = Log(), Documents(), seconds, Chance(1)
        boots = [
            {
                "groupType": "Boot",
                "replicationProtectedItems": [{"id": item(name)} for name, group in GROUPS.items() if group == number],
            }
            for number in (1, 2)
        ]
        plan = "Microsoft.RecoveryServices/vaults/replicationRecoveryPlans"
        self.documents.put({"id": f"{BASE}/{plan}/rp", "type": plan, "properties": {"groups": boots}})

    def fail_over(self, name: str, start: float, end: float, up: float) -> None:
        self.log.operation("replicationProtectedItems/unplannedFailover", item(name), start, end)
        self.log.add("machine.up", up, vm=name)

    def path(self) -> Any:
        return longest_path(self)  # type: ignore[arg-type]

    def length(self) -> float:
        return float(sum(step.seconds for step in self.path()))


def item(name: str) -> str:
    return f"{BASE}/Microsoft.RecoveryServices/vaults/v/replicationProtectedItems/{name}"


def whole_job(*, parallel_connect: bool) -> Judged:
    world = Judged()
    world.log.operation("connections/delete", "/old", 0, 41)
    world.fail_over("a", 50, 190, 220)
    world.fail_over("b", 50, 200, 215)
    world.fail_over("c", 225, 365, 380)
    connect = 50 if parallel_connect else 400
    world.log.operation("connections/write", "/new", connect, connect + 41)
    world.log.add("routes.changed", connect + 61, homes=[{"connection": "/new", "gateway": "/g", "preferred": True}])
    return world


def test_disconnect_groups_connect_and_convergence_add_up() -> None:
    """41 + (140 + 30) + (140 + 15) + 41 + 20, and nothing for the pauses between."""
    assert whole_job(parallel_connect=False).length() == 41 + 170 + 155 + 41 + 20


def test_what_ran_in_parallel_is_not_added_up() -> None:
    """A connection made while machines fail over is not on the path."""
    assert whole_job(parallel_connect=True).length() == 41 + 170 + 155


def test_a_group_done_one_after_another_is_no_longer_path() -> None:
    """Serial work within a group is the caller's choice, not Azure's."""
    world = Judged()
    world.fail_over("a", 0, 140, 150)
    world.fail_over("b", 150, 290, 300)
    assert world.length() == 150


def test_a_failed_attempt_and_its_repetition_follow_one_another() -> None:
    """What Azure let fail had to be waited for."""
    world = Judged()
    world.log.operation("replicationProtectedItems/unplannedFailover", item("a"), 0, 100, "Failed")
    world.fail_over("a", 110, 250, 250)
    assert world.length() == 240


def test_a_gateway_that_had_to_be_made_counts_before_its_connection() -> None:
    """Network, address and gateway one after another, then the connection; machines fail over meanwhile."""
    world = whole_job(parallel_connect=True)
    for action, start, end in (
        ("virtualNetworks/write", 0, 10),
        ("publicIPAddresses/write", 10, 20),
        ("virtualNetworkGateways/write", 20, 1520),
    ):
        world.log.operation(action, f"/{action}", start, end)
    world.log.operation("connections/write", "/to-the-new-one", 1520, 1561)
    assert world.length() == 10 + 10 + 1500 + 41


def test_a_failover_that_waited_for_a_gateway_is_the_callers_choice() -> None:
    """A new gateway does not lead to a failover, a new network does."""
    world = Judged()
    world.log.operation("virtualNetworkGateways/write", "/gateway", 0, 1500)
    world.fail_over("a", 1500, 1640, 1650)
    assert world.length() == 1500
    again = Judged()
    again.log.operation("virtualNetworks/write", "/network", 0, 10)
    again.fail_over("a", 10, 150, 160)
    assert again.length() == 160


def test_either_half_of_a_link_and_an_authorization_count_as_disconnecting() -> None:
    """The longest of them leads to the failover; a security group's delete is no part of the job."""
    world = Judged()
    world.log.operation("virtualNetworkPeerings/delete", "/half", 0, 10)
    world.log.operation("connections/delete", "/other", 0, 41)
    world.log.operation("authorizations/delete", "/authorization", 0, 11)
    world.log.operation("networkSecurityGroups/delete", "/group", 0, 45)
    world.fail_over("a", 50, 190, 200)
    assert world.length() == 41 + 150


def test_only_the_first_hang_of_a_call_counts() -> None:
    """Thirty seconds without an answer are Azure's; asking nine more times is not."""
    world = Judged()
    for attempt in range(10):
        world.log.add("request", attempt * 40.0, method="DELETE", path="/old", status=0, held_seconds=30.0)
    world.fail_over("a", 400, 540, 540)
    assert world.length() == 30 + 140


def test_before_anything_was_done_there_is_no_path() -> None:
    """None, not zero."""
    assert Judged().path() == []


RUNS = st.lists(
    st.tuples(st.sampled_from("abc"), st.floats(0, 500), st.floats(1, 200)), max_size=8, unique_by=lambda run: run[0]
)


@given(RUNS)
def test_the_path_is_never_longer_than_the_run_nor_shorter_than_its_longest_step(
    runs: list[tuple[str, float, float]],
) -> None:
    """Whatever the order of failovers."""
    world = Judged()
    for name, start, seconds in runs:
        world.fail_over(name, start, start + seconds, start + seconds)
    longest = max((seconds for _, _, seconds in runs), default=0)
    ends = max((start + seconds for _, start, seconds in runs), default=0)
    assert longest - 0.01 <= world.length() <= ends + 0.01


def test_split_time_is_counted_once_however_many_prefixes_are_torn() -> None:
    """The union of the intervals, an open one up to now."""
    world = Judged(seconds=100)
    for kind, seconds, prefix in (
        ("split.started", 10, "a"),
        ("split.started", 20, "b"),
        ("split.ended", 30, "a"),
        ("split.ended", 40, "b"),
        ("split.started", 90, "a"),
    ):
        world.log.add(kind, seconds, site="dc", prefix=prefix, homes=[])
    assert split_seconds(world) == 40  # type: ignore[arg-type]
