"""What the proof counts as gone, what it leaves to a declared preference, and the words in which it refuses."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.findings import Findings
from domain.proof.doubles import Preference, Watch, overlapping_items
from domain.proof.proving import STATE_LIMIT, Coming, needed_before, prove
from domain.proof.reachability import Edge, Ground
from domain.runbook import Step, When
from domain.snapshot import snapshot_of


def _proof(existing: list[Edge], coming: list[Coming], steps: list[Step], **more: Any) -> Findings:
    prefixes = {"old": ("10.1.0.0/16",), "new": ("10.1.0.0/16",), "stays": ("10.2.0.0/16",)}
    ground = Ground(prefixes, sites={"c1": ("site:hall",), "c2": ("site:hall",)})
    findings = Findings(snapshot_of([]))
    prove(steps, ground, existing, coming, more.pop("closed_by", {}), findings, failing=["old"], **more)
    return findings


def _step(name: str, *needs: str, **more: Any) -> Step:
    return Step(name, name, "wait-person", name, "", needs=needs, **more)


OLD = Edge(("cn-old", "cn-old-back"), "vnet-to-vnet", "old", "stays", True, "v-old", "v-stays")
NEW = Edge(("cn-new", "cn-new-back"), "vnet-to-vnet", "new", "stays", True, "v-new", "v-stays")


def test_a_network_that_stays_is_named_with_what_it_would_see_twice() -> None:
    """It is no site: no old link, no new link is of one."""
    found = _proof([OLD], [Coming("links[0].connect", ("t",), (NEW,))], [_step("t")])
    (error,) = found.errors
    assert str(error) == (
        "links[0].connect: expected never two ways from one network to the same addresses, found new (10.1.0.0/16) "
        "joined to stays while cn-old still joins old (10.1.0.0/16); disconnect it in a link whose connect comes after"
    )
    gone = {"closed_by": {"cn-old-back": "d"}}
    assert not _proof([OLD], [Coming("c", ("t",), (NEW,))], [_step("d"), _step("t", "d")], **gone).errors


def test_a_link_waits_for_what_its_last_half_waits_for() -> None:
    """One half alone carries nothing."""
    steps = [_step("d"), _step("t1"), _step("t2", "d")]
    for order in (("t1", "t2"), ("t2", "t1")):
        assert not _proof([OLD], [Coming("c", order, (NEW,))], steps, closed_by={"cn-old": "d"}).errors
    assert _proof([OLD], [Coming("c", ("t1",), (NEW,))], steps, closed_by={"cn-old": "d"}).errors


def test_waiting_for_the_end_of_a_disconnect_is_not_waiting_for_its_success() -> None:
    """``after`` is satisfied by a failure; so is ``needs`` of a step that may fail, and one on a condition."""
    coming, closed = [Coming("c", ("t",), (NEW,))], {"closed_by": {"cn-old": "d"}}
    assert _proof([OLD], coming, [_step("d"), _step("t", after=("d",))], **closed).errors
    assert _proof([OLD], coming, [_step("d", on_failure="continue"), _step("t", "d")], **closed).errors
    stands_in = _step("f", "d", when=When("d", ("unconfirmed",)))
    steps = [_step("d"), stands_in, _step("t", "f")]
    assert needed_before(steps)["t"] == {"f"}
    assert _proof([OLD], coming, steps, closed_by={"cn-old": "d"}).errors
    assert not _proof([OLD], coming, steps, closed_by={"cn-old": "f"}).errors


def test_a_fence_for_a_disconnect_that_may_fail_unnoticed_closes_nothing() -> None:
    """The disconnect failed, nobody minded, and the fence was not needed; unless it stands in for that as well."""
    coming = [Coming("c", ("t",), (NEW,))]
    for ends, refused in ((("unconfirmed",), True), (("unconfirmed", "tolerated"), False)):
        fence = _step("f", "d", when=When("d", ends))
        steps = [_step("d", on_failure="continue"), fence, _step("t", "f")]
        assert bool(_proof([OLD], coming, steps, closed_by={"cn-old": "f"}).errors) is refused


def test_new_links_that_wait_for_different_old_ones_may_make_a_way_together() -> None:
    """Neither alone leads to the new network; both are up while the last old link is."""
    near = Edge(("near",), "vnet-to-vnet", "new", "mid", True, "v-new", "v-mid")
    far = Edge(("far",), "vnet-to-vnet", "mid", "stays", True, "v-mid", "v-stays")
    gone = [Edge((f"gone-{n}",), "site-to-site", "old", f"site:{n}", True, "v-old") for n in (1, 2)]
    closed = {"gone-1": "d1", "gone-2": "d2", "cn-old": "d3"}
    for first, second in (((), ("d1",)), (("d1",), ("d2",)), (("d2",), ("d1", "d2"))):
        steps = [_step("d1"), _step("d2"), _step("d3"), _step("t1", *first), _step("t2", *second)]
        coming = [Coming("a", ("t1",), (near,)), Coming("b", ("t2",), (far,))]
        told = [str(error) for error in _proof([OLD, *gone], coming, steps, closed_by=closed).errors]
        shown = "mid (10.1.0.0/16 of new) joined to stays while cn-old still joins old (10.1.0.0/16)"
        assert any(shown in one for one in told), told
        steps = [*steps[:3], *(_step(name, "d3") for name in ("t1", "t2"))]
        assert not _proof([OLD, *gone], coming, steps, closed_by=closed).errors


def test_two_circuits_with_a_declared_preference_stay_joined() -> None:
    """The site prefers one; without the preference they are told of, and a third way is refused all the same."""
    one = Edge(("er-old",), "expressroute", "old", "c1", True, "x-old")
    other = Edge(("er-new",), "expressroute", "new", "c2", True, "x-new")
    prefers = {"preferences": [Preference("er-old", "er-new")]}
    assert _proof([one, other], [], []).warnings == [
        "er-new and er-old both join hall for 10.1.0.0/16 already; this plan leaves them as they are"
    ]
    assert not _proof([one, other], [], [], **prefers).warnings
    branch = Edge(("cn-stays",), "site-to-site", "stays", "site:hall", True, "v-stays")
    ground = Ground(
        {"old": ("10.1.0.0/16",), "new": ("10.1.0.0/16",), "stays": ()},
        sites={"c1": ("site:hall",), "c2": ("site:hall",)},
    )
    watch = Watch(ground, preferences=(Preference("er-old", "er-new"),))
    assert not {double.observer for double in watch.doubles([one, other, branch])} & {"stays", "site:hall"}
    third = Edge(("cn-new",), "site-to-site", "new", "site:hall", True, "v-new")
    assert _proof([one, other], [Coming("c", ("t",), (third,))], [_step("t")], **prefers).errors


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 15), st.integers(28, 32)), max_size=7))
def test_pairs_that_overlap_are_those_that_share_an_address(drawn: list[tuple[str, int, int]]) -> None:
    """Of two networks; by comparing each with each."""
    items = {(name, str(ip_network(f"10.0.0.{host}/{bits}", strict=False))) for name, host, bits in drawn}
    wanted = {
        (one, other)
        for one in items
        for other in items
        if one < other and one[0] != other[0] and ip_network(one[1]).overlaps(ip_network(other[1]))
    }
    assert set(overlapping_items(items)) == wanted


def test_a_plan_with_too_many_moments_is_refused_unproven() -> None:
    """Each new link waits for an old one of its own: every combination is a moment."""
    count = STATE_LIMIT.bit_length()
    closed = {f"cn-{n}": f"d{n}" for n in range(count)}
    existing = [Edge((f"cn-{n}",), "site-to-site", "old", f"site:{n}", True, "v-old") for n in range(count)]
    coming = [
        Coming("c", (f"t{n}",), (Edge((f"new-{n}",), "site-to-site", "new", f"site:{n}", True, "v-new"),))
        for n in range(count)
    ]
    steps = [_step(f"d{n}") for n in range(count)] + [_step(f"t{n}", f"d{n}") for n in range(count)]
    (error,) = _proof(existing, coming, steps, closed_by=closed).errors
    assert "13 links that each wait for old links of their own" in str(error)
