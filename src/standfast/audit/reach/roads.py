"""Where a packet may go from a place: routes, the longest prefix first, through gateways and peerings.

Source: Amazon VPC User Guide, "Route priority"; Azure docs, "Virtual network traffic routing"; Google Cloud docs,
"VPC network routes" (all take the most specific prefix).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from standfast.audit.reach.spans import Spans, difference, intersection, union

# internet: both ways, for what has a public address; translated: out only; either: out always, in with a public
# address; peer: to one other network; away: to networks that nobody here knows; nowhere: dropped.
By = Literal["inside", "internet", "translated", "either", "peer", "away", "nowhere"]


@dataclass(frozen=True)
class Road:
    to: Spans
    by: By
    network: str = ""  # of a peer
    through: str = ""  # the resource, where people would want to see it on the way


@dataclass(frozen=True)
class Place:
    """A part of a network where something stands. `roads` None: not known, so every road is taken for open.

    `walls`: firewalls, each a set of groups whose rules count together; all must let it through. `lists`: access
    lists that know no connections, so an answer needs a rule too. `speaks`: the addresses it calls from, where those
    are not the ones it is called at. `public` None: not known.
    """

    addresses: Spans
    network: str = ""
    roads: tuple[Road, ...] | None = None
    walls: tuple[frozenset[str], ...] = ()
    lists: frozenset[str] = frozenset()
    subnet: str = ""
    public: bool | None = None
    speaks: Spans = ()

    @property
    def calls_from(self) -> Spans:
        return self.speaks or self.addresses


def size(one: Spans) -> int:
    return sum(last - first + 1 for first, last in one)


def by_prefix(roads: Iterable[Road]) -> tuple[Road, ...]:
    """The most specific first, and each only for what no more specific one takes."""
    taken: Spans = ()
    found = []
    for road in sorted(roads, key=lambda road: size(road.to)):
        left = difference(road.to, taken)
        if left:
            found.append(Road(left, road.by, road.network, road.through))
        taken = union(taken, road.to)
    return tuple(found)


def leads(place: Place, to: Place, addresses: Spans, kind: str, answer: bool = False) -> tuple[Spans, str]:
    """The part of `addresses` at `to` that a packet from `place` gets to, and what it passes through.

    kind: `internet`, `elsewhere` or `inside` (one of our networks). `answer`: to a connection from outside.
    """
    if place.roads is None:
        return addresses, ""
    found: list[Spans] = []
    through: list[str] = []
    for road in place.roads:
        part = intersection(road.to, addresses)
        if part and _takes(road, place, to, kind, answer):
            found.append(part)
            through.append(road.through)
    return union(*found), next((one for one in through if one), "")


def _takes(road: Road, place: Place, to: Place, kind: str, answer: bool) -> bool:
    if kind == "internet":
        if road.by == "internet" or (road.by == "either" and answer):
            return place.public is not False
        return not answer and road.by in ("translated", "either")
    if road.by == "away":
        return True
    if kind == "elsewhere":
        return False
    if road.by == "peer":
        return to.network in road.network.split() or not to.network
    return road.by == "inside" and (place.network == to.network or not (place.network and to.network))
