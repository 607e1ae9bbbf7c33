"""Reach on three clouds against an oracle that follows packets, one by one, through tiny networks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from standfast.audit.reach import graph, lists, roads, rules
from tests.audit.packets import CIDRS, HOSTS, RANGES, Line, World, disagreements

SETTINGS = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), database=None)
TAGS = ("VirtualNetwork", "Internet")


def lines(
    walls: tuple[str, ...], peers: tuple[str, ...], *, owned: bool = False, ordered: bool = True, most: int = 8
) -> Any:
    """Rules for these walls. Orders are few, so that rules meet."""
    one = st.builds(
        Line,
        st.sampled_from(walls),
        st.booleans(),
        st.sampled_from((True, True, False)) if ordered else st.just(True),
        st.sampled_from((100, 200, 300, 400)) if ordered else st.just(0),
        st.sampled_from(peers),
        st.sampled_from(RANGES),
        st.sampled_from(("", "", *HOSTS)) if owned else st.just(""),
    )
    unique = (lambda line: (line.wall, line.inward, line.order)) if ordered and not owned else None
    return st.lists(one, max_size=most, unique_by=unique).map(tuple)


aws_routes = st.lists(
    st.tuples(
        st.sampled_from(HOSTS), st.sampled_from(CIDRS[:3] + CIDRS[7:]), st.sampled_from(("gateway", "nat", "away"))
    ),
    max_size=4,
    unique_by=lambda one: one[:2],
).map(tuple)
open_walls = tuple(
    Line(host, inward, True, 0, cidr, (0, 65535))
    for host in HOSTS
    for inward in (True, False)
    for cidr in ("0.0.0.0/0",)
)
public = st.frozensets(st.sampled_from(HOSTS))
# Half of the worlds have open groups, so that routes and access lists have something to close.
aws = st.builds(
    World,
    st.just("aws"),
    st.one_of(st.just(open_walls), lines(HOSTS, (*CIDRS, *HOSTS), ordered=False)),
    lines(HOSTS, CIDRS, most=10),
    aws_routes,
    public,
)
# Azure gives each rule of a group a priority of its own; rules of one priority cannot be made there.
azure = lines(("subnet", *(f"nic {host}" for host in HOSTS)), (*CIDRS, *HOSTS, *TAGS), most=12).flatmap(
    lambda found: st.lists(st.sampled_from(("", *HOSTS)), min_size=len(found), max_size=len(found)).map(
        lambda owners: World("azure", tuple(_owned(line, owner) for line, owner in zip(found, owners, strict=True)))
    )
)
google = lines(("network",), (*CIDRS, *HOSTS), owned=True, most=10).map(
    lambda found: World("google", tuple(one for one in found if one.inward or one.peer not in HOSTS))
)
WORLDS = {"aws": aws, "azure": azure, "google": google}


def _owned(line: Line, owner: str) -> Line:
    return Line(
        line.wall, line.inward, line.allows, line.order, line.peer, line.ports, owner if line.wall == "subnet" else ""
    )


@pytest.mark.parametrize("cloud", WORLDS)
def test_every_packet_does_what_reach_says(cloud: str) -> None:
    @SETTINGS
    @given(WORLDS[cloud])
    def holds(world: World) -> None:
        assert disagreements(world) == []

    holds()


def _unordered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules are asked in the order in which they stand in the file."""
    monkeypatch.setattr(graph, "ordered", list)


def _allowing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two rules that stand together, the one that allows decides."""
    monkeypatch.setattr(graph, "ordered", lambda found: sorted(found, key=lambda rule: (rule.order, not rule.allows)))


def _stateful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers pass access lists without a rule."""
    everything = ((rules.ANYWHERE, rules.ANYWHERE, graph.ALL_TRAFFIC),)
    monkeypatch.setattr(lists, "answers", lambda *_: everything)


def _one_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes out through a gateway with an address of its own also comes in."""
    taken = roads._takes
    monkeypatch.setattr(roads, "_takes", lambda road, place, to, kind, answer: taken(road, place, to, kind, False))


ANY, ALL = "0.0.0.0/0", (0, 65535)
# Worlds in which a fault shows: small ones, as somebody would draw them to explain the rule.
TELLING = {
    _unordered: World("azure", (Line("subnet", True, True, 200, ANY, ALL), Line("subnet", True, False, 100, ANY, ALL))),
    _allowing: World(
        "google", (Line("network", True, True, 100, ANY, ALL), Line("network", True, False, 100, ANY, ALL))
    ),
    _stateful: World("aws", open_walls, (Line("b", True, True, 100, ANY, ALL),)),
    _one_way: World("aws", open_walls, (), (("a", ANY, "nat"),)),
}


@pytest.mark.parametrize("fault", TELLING)
def test_the_oracle_notices_a_fault(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that cannot fail proves nothing: with a fault put in, the oracle and reach part."""
    assert disagreements(TELLING[fault]) == []
    fault(monkeypatch)
    assert disagreements(TELLING[fault])
