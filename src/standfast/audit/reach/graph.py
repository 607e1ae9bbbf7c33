"""The network as a graph: what stands in it, and every edge that roads, access lists and firewalls allow together.

Each edge is an exact set of (source address, target address, protocol and port). What is not known counts as open.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from standfast.audit.reach.boxes import POSSIBLE, Boxes, meet, traffic_of, turned
from standfast.audit.reach.lists import past_lists
from standfast.audit.reach.roads import Place, leads
from standfast.audit.reach.rules import End, Rule, Way, let_through, ordered
from standfast.audit.reach.spans import (
    ALL_TRAFFIC,
    Spans,
    difference,
    intersection,
    ports_of,
    tcp,
    union,
)
from standfast.blueprint import Resource

INTERNET, ELSEWHERE = "internet", "other private networks"
OUTSIDE = (INTERNET, ELSEWHERE)


@dataclass(frozen=True)
class Node:
    """One thing in the network. `role`: "", `balancer`, `control` (of a cluster), `endpoint` (of the cloud's own
    services), `serverless` (called past the network), `service` (of the cloud itself), `guard` (a firewall that
    guards nothing yet).
    """

    name: str
    component: str
    resource: Resource | None
    places: tuple[Place, ...]
    names: frozenset[str] = frozenset()  # groups, tags and accounts that rules know it by
    role: str = ""
    shared: bool = False  # it stands for every service that has no servers of its own: nodes of a cluster
    inside: bool = False  # a balancer that only the network reaches
    port: int = 0  # it is called at, where that is not as the spec has it
    listens: Spans = ALL_TRAFFIC  # what it can answer at all
    only: frozenset[str] | None = None  # it calls these only: proxies, and what the cloud runs for us
    hidden: bool = False  # the cloud adds rules that no plan shows
    routed: bool = True  # whether routes say who reaches it: the cloud's own services have ways of their own

    @property
    def groups(self) -> frozenset[str]:
        return frozenset(one for place in self.places for wall in place.walls for one in wall)

    @property
    def addresses(self) -> Spans:
        return union(*(place.addresses for place in self.places))

    @property
    def control(self) -> bool:
        return self.role == "control"

    @property
    def balancer(self) -> bool:
        return self.role == "balancer"

    @property
    def kind(self) -> str:
        """How roads lead to it."""
        if not self.routed:
            return "service"
        return {INTERNET: "internet", ELSEWHERE: "elsewhere"}.get(self.name, "inside")


@dataclass(frozen=True)
class Edge:
    """`boxes`: every (source, target, traffic) that passes; `sure`: traffic whose answers pass at every port too."""

    source: str
    target: str
    boxes: Boxes
    sure: Spans
    through: str = ""

    @property
    def spans(self) -> Spans:
        return traffic_of(self.boxes)


@dataclass(frozen=True)
class Graph:
    nodes: dict[str, Node]
    rules: tuple[Rule, ...]
    forwards: Mapping[str, Mapping[int, frozenset[str]]]  # balancer -> port it listens on -> nodes it leads to

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Who may talk to whom: worked out where it is asked for, as it takes each node with each other one."""
        pairs = ((source, target) for source in self.nodes.values() for target in self.nodes.values())
        return tuple(edge for source, target in pairs if (edge := self._edge(source, target)))

    @cached_property
    def _between(self) -> dict[tuple[str, str], Edge]:
        return {(edge.source, edge.target): edge for edge in self.edges}

    @cached_property
    def _guards(self) -> dict[tuple[Way, frozenset[str]], list[Rule]]:
        return {}

    def allowed(self, source: str, target: str) -> Spans:
        """The traffic that may pass, whichever port its answer takes."""
        edge = self._between.get((source, target))
        return edge.spans if edge else ()

    def sure(self, source: str, target: str) -> Spans:
        edge = self._between.get((source, target))
        return edge.sure if edge else ()

    def opened(self, node: Node, way: Way, peer: Node) -> dict[Rule, Spans]:
        """What each rule of the firewalls of a node opens to a peer, whatever else may stop it."""
        if (node.name, way, peer.name) not in self._opened:
            self._opened[node.name, way, peer.name] = self._open(node, way, peer)
        return self._opened[node.name, way, peer.name]

    @cached_property
    def _opened(self) -> dict[tuple[str, Way, str], dict[Rule, Spans]]:
        return {}

    def _open(self, node: Node, way: Way, peer: Node) -> dict[Rule, Spans]:
        source, target = (peer, node) if way == "ingress" else (node, peer)
        if not _comparable(source, target):
            return {}
        found: dict[Rule, list[Spans]] = {}
        for place in node.places:
            for there in peer.places:
                for wall in place.walls:
                    own, other = _ends(node, place, peer, there, way)
                    for rule, boxes in let_through(self._rules(way, wall), own, other):
                        found.setdefault(rule, []).append(traffic_of(boxes))
        return {rule: intersection(union(*spans), target.listens) for rule, spans in found.items()}

    def _rules(self, way: Way, wall: frozenset[str]) -> list[Rule]:
        if (way, wall) not in self._guards:
            found = (one for group in sorted(wall) for one in self._by_group.get((way, group), ()))
            self._guards[way, wall] = ordered(found)
        return self._guards[way, wall]

    @cached_property
    def _by_group(self) -> dict[tuple[Way, str], list[Rule]]:
        found: dict[tuple[Way, str], list[Rule]] = {}
        for rule in self.rules:
            found.setdefault((rule.way, rule.group), []).append(rule)
        return found

    def _edge(self, source: Node, target: Node) -> Edge | None:
        if not _comparable(source, target):
            return None
        boxes: list = []
        sure: list[Spans] = []
        through = ""
        for here in source.places:
            for there in target.places:
                passing, certain, over = self._connection(source, here, target, there)
                boxes += passing
                sure.append(certain)
                through = through or over
        return Edge(source.name, target.name, tuple(boxes), union(*sure), through) if boxes else None

    def _connection(self, source: Node, here: Place, target: Node, there: Place) -> tuple[Boxes, Spans, str]:
        """What passes from one place to another: a road there and back, both firewalls, both access lists."""
        back, reached, through = _road(source, here, target, there)
        passing: Boxes = meet([(back, reached, target.listens)], POSSIBLE)
        for wall in there.walls if passing else ():
            own, peer = _ends(target, there, source, here, "ingress")
            inward = [box for _, boxes in let_through(self._rules("ingress", wall), own, peer) for box in boxes]
            passing = meet(passing, turned(inward))
        for wall in here.walls if passing else ():
            own, peer = _ends(source, here, target, there, "egress")
            outward = [box for _, boxes in let_through(self._rules("egress", wall), own, peer) for box in boxes]
            passing = meet(passing, outward)
        if not passing or (here.subnet and here.subnet == there.subnet) or not (here.lists or there.lists):
            return passing, traffic_of(passing), through
        passing, sure = past_lists(passing, here, there, self._rules)
        return passing, sure, through

    def stopped_by(self, source: str, target: str, way: Way) -> str:
        """Of an edge that a firewall opens one way and that is no edge: what else is in the way."""
        one, other = self.nodes[source], self.nodes[target]
        roads = [_road(one, here, other, there) for here in one.places for there in other.places]
        if not any(back and reached for back, reached, _ in roads):
            return "a route that is missing"
        guarded = one if way == "ingress" else other
        if guarded.groups:
            return f"the firewall of {guarded.name}"
        listed = any(place.lists for node in (one, other) for place in node.places)
        return "a network ACL" if listed else "that one has IPv4 and the other IPv6"

    def paths_from(self, source: str) -> dict[str, str]:
        """The shortest way to every node, hop by hop: `internet → balancer:443 → web:8080`. A balancer leads only
        where its listener on the port of arrival does."""
        outgoing: dict[str, list[Edge]] = {}
        for edge in self.edges:
            outgoing.setdefault(edge.source, []).append(edge)
        seen: dict[tuple[str, Spans], str] = {(source, ()): source}
        found: dict[str, str] = {source: source}
        todo: list[tuple[str, Spans]] = [(source, ())]
        while todo:
            here, came = todo.pop(0)
            for edge in outgoing.get(here, ()):
                if not self._leads(here, came, edge.target):
                    continue
                arrives = edge.spans if self.nodes[edge.target].balancer else ()
                if (edge.target, arrives) in seen:
                    continue
                way = hop(seen[here, came], edge, edge.spans)
                seen[edge.target, arrives] = way
                found.setdefault(edge.target, way)
                if self.nodes[edge.target].resource is not None:  # what is outside passes nothing on
                    todo.append((edge.target, arrives))
        return found

    def _leads(self, here: str, came: Spans, target: str) -> bool:
        if here not in self.forwards:
            return True
        listeners = self.forwards[here].items()
        return any(target in nodes and intersection(came, tcp(port)) for port, nodes in listeners)

    def way(self, before: str, source: str, target: str, spans: Spans) -> str:
        """The last hop of a way, with what it passes through."""
        return hop(before, self._between[source, target], spans)


def hop(before: str, edge: Edge, spans: Spans) -> str:
    over = f" → {edge.through}" if edge.through else ""
    return f"{before}{over} → {edge.target}:{ports_of(spans)}"


CLOUDS = ("aws_", "azurerm_", "google_")


def _comparable(source: Node, target: Node) -> bool:
    """Outside nodes among themselves are not ours; two clouds share no network; a proxy sends to its own only."""
    if source.resource is None and target.resource is None:
        return False
    if source.only is not None and target.name not in source.only:
        return False
    if not source.routed and source.role == "service" and not target.groups:
        return False  # the cloud's own services have business with servers, not with one another
    if source.resource is not None and target.resource is not None:
        cloud = next((one for one in CLOUDS if source.resource.kind.startswith(one)), "")
        return target.resource.kind.startswith(cloud)
    return True


def _road(source: Node, here: Place, target: Node, there: Place) -> tuple[Spans, Spans, str]:
    """The callers that answers find, the addresses that calls find, and what they pass through."""
    callers, called = here.calls_from, there.addresses
    asks, answers = source.kind == "inside" and target.routed, target.kind == "inside" and source.routed
    reached, through = leads(here, there, called, target.kind) if asks else (called, "")
    back, _ = leads(there, here, callers, source.kind, True) if answers else (callers, "")
    return back, reached, through


def _ends(node: Node, place: Place, peer: Node, there: Place, way: Way) -> tuple[End, End]:
    """Both ends as the firewall at `place` sees them."""
    inward = way == "ingress"
    own = place.addresses if inward else place.calls_from
    other = there.calls_from if inward else there.addresses
    return End(own, node.names), End(other, peer.names)


def outside(own: Spans, private: Spans, public: Spans) -> Iterator[Node]:
    """The internet, and private networks that are not ours."""
    yield Node(INTERNET, "", None, (Place(public),))
    yield Node(ELSEWHERE, "", None, (Place(difference(private, own)),))


def free_name(one: Resource, name: str, taken: set[str]) -> str:
    """The name, made longer where another one has it."""
    name = next(shown for shown in (name, f"{name} ({one.name})", one.address) if shown not in taken)
    taken.add(name)
    return name
