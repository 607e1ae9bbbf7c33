"""What the spec asks of the firewalls: the edges of its call graph, hop by hop through the balancers.

Beside the calls, two things are meant without being said: users reach the balancer of public services on the ports
it listens on, and servers reach the internet over HTTPS, where images and the cloud's own API are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from standfast.audit.reach.google.nodes import LOGGING_IN, PROBING
from standfast.audit.reach.graph import INTERNET, OUTSIDE, Graph, Node
from standfast.audit.reach.spans import ALL_TRAFFIC, Spans, tcp, traffic, union
from standfast.problem import NOWHERE, Place
from standfast.spec import System
from standfast.spec.model import Service, Store

PORTS = {"postgres": 5432, "mysql": 3306, "redis": 6379}
HTTPS, DNS, SSH = 443, 53, 22
KONNECTIVITY = 8132  # nodes open the tunnel of their control plane (Google Cloud docs, GKE firewall rules)
KUBELET = (10250, 10251)  # kubelets, and the metrics-server that asks them
# What a control plane reaches on nodes: kubelets, measures, and the hooks of operators (EKS user guide, "Security group
# requirements").
FROM_CONTROL = (443, 4443, 8443, 9443, *KUBELET)


@dataclass(frozen=True)
class Wanted:
    """One edge that may be. `need`: what it is for; of all edges of a source with one need, one must stand."""

    source: str
    target: str
    spans: Spans
    place: Place = NOWHERE
    need: str = ""


@dataclass(frozen=True)
class Declared:
    wanted: tuple[Wanted, ...]
    absent: tuple[str, ...]  # components of the spec that nothing with a firewall belongs to

    def between(self, source: str, target: str) -> Spans:
        return union(*(one.spans for one in self.wanted if (one.source, one.target) == (source, target)))


def declared(system: System, graph: Graph) -> Declared:
    balancers = [node for node in graph.nodes.values() if node.balancer]
    wanted = [*_users(system, graph, balancers), *_cluster(system, graph), *_platform(system, graph)]
    for node in balancers:
        wanted += _behind(system, graph, node)
    for service in system.services:
        for source in _servers(graph, service.name):
            wanted += _out(system, graph, service, source)
            wanted += _endpoints(graph, service, source)
            wanted += _calls(system, graph, service, source, balancers)
    guarded = [*system.services, *(one for one in system.stores if one.kind in PORTS)]
    absent = tuple(one.name for one in guarded if not _standing(graph, one))
    return Declared(tuple(wanted), absent)


def _standing(graph: Graph, part: Service | Store) -> list[Node]:
    return _servers(graph, part.name) if isinstance(part, Service) else _named(graph, part.name)


def _callees(service: Service) -> Mapping[str, Place]:
    """Everything a service talks to, with the line that says so."""
    return {name: call.place for call in service.calls for name in (call.to, call.cached_by) if name}


ASIDE = ("balancer", "guard", "endpoint", "control")  # what stands for no part of the spec by itself


def _named(graph: Graph, component: str) -> list[Node]:
    """What stands for a component of the spec. A firewall that guards nothing stands for nothing."""
    nodes = graph.nodes.values()
    return [node for node in nodes if node.component == component and node.role not in ASIDE]


def _servers(graph: Graph, service: str) -> list[Node]:
    """What a service runs on: servers of its own, else the nodes that all services of a cluster share."""
    return _named(graph, service) or [node for node in graph.nodes.values() if node.shared]


def _run_on(system: System, graph: Graph, name: str) -> list[str]:
    """The services that run on a node of the graph."""
    return [one.name for one in system.services if any(node.name == name for node in _servers(graph, one.name))]


def _cluster(system: System, graph: Graph) -> Iterator[Wanted]:
    """What a cluster needs beside the calls of the spec: names, measures, and its control plane in both directions."""
    place = system.where("rules.compute")
    aws = [node for node in graph.nodes.values() if node.resource and node.resource.kind.startswith("aws_")]
    shared = [node for node in aws if node.shared]
    for control in (node for node in aws if node.control):
        for node in shared:
            yield Wanted(control.name, node.name, tcp(*FROM_CONTROL), place)
            yield Wanted(node.name, control.name, tcp(HTTPS), place, "API server")
    for node in shared:
        for other in shared:
            yield Wanted(node.name, other.name, union(tcp(DNS, *KUBELET), traffic("udp", DNS, DNS)), place)


AZURE_RUNS = traffic("tcp", 65200, 65535)  # Azure docs, "Application Gateway infrastructure configuration"
TUNNEL = traffic("udp", 1194, 1194)  # Azure docs, "Outbound network rules for AKS clusters"


def _platform(system: System, graph: Graph) -> Iterator[Wanted]:
    """What a cloud needs to run its own: it comes to gateways, and what it manages goes to its services.

    Azure and Google Cloud ask that nodes and pods of a cluster (and containers of an environment) reach one another:
    which may call which is said by their own policies there.
    """
    place = system.where("rules.clouds")
    services = [node for node in graph.nodes.values() if node.role == "service"]
    for node in graph.nodes.values():
        if node.resource is None or node.resource.kind.startswith("aws_"):
            continue
        if node.resource.kind.startswith("google_"):
            yield from _google(system, graph, node)
            continue
        if node.shared:
            yield Wanted(node.name, node.name, ALL_TRAFFIC, place)
        if node.balancer and node.resource.kind == "azurerm_application_gateway":
            yield Wanted(node.name, INTERNET, ALL_TRAFFIC, place)  # Azure docs, as above: it may not be closed
        for other in services:
            if node.balancer:
                yield Wanted(other.name, node.name, AZURE_RUNS, place)
                yield Wanted(node.name, other.name, ALL_TRAFFIC, place)
            else:
                yield Wanted(node.name, other.name, union(tcp(HTTPS), TUNNEL) if node.shared else tcp(HTTPS), place)
        if node.role == "" and node.component in {one.name for one in system.stores}:
            yield Wanted(node.name, node.name, ALL_TRAFFIC, place)  # a pair, among itself


def _google(system: System, graph: Graph, node: Node) -> Iterator[Wanted]:
    """Probes ask whether a server is well, people log in through Google's proxy, a cluster has its control plane."""
    place = system.where("rules.clouds")
    if node.shared:
        yield Wanted(node.name, node.name, ALL_TRAFFIC, place)
    for name in _run_on(system, graph, node.name):
        service = next(one for one in system.services if one.name == name)
        yield Wanted(PROBING, node.name, tcp(service.port), service.place)
        yield Wanted(LOGGING_IN, node.name, tcp(SSH), service.place)
    if node.control:
        for other in (one for one in graph.nodes.values() if one.shared):
            yield Wanted(other.name, node.name, tcp(HTTPS, KONNECTIVITY), place)


def _users(system: System, graph: Graph, balancers: list[Node]) -> Iterator[Wanted]:
    """Users reach the balancer that stands before public services; so may anything else."""
    private = system.promises.security.exposure == "private"
    public = {one.name: one.place for one in system.services if one.public}
    for node in balancers:
        ports = graph.forwards.get(node.name, {})
        behind = {name for names in ports.values() for name in names}
        fronts = sorted({one for name in behind for one in _run_on(system, graph, name)} & set(public))
        if not fronts or (node.inside and not private):
            continue
        for source in graph.nodes:
            if source == INTERNET and private:
                continue
            need = "users" if source == INTERNET else ""
            yield Wanted(source, node.name, tcp(*ports), public[fronts[0]], need)


def _behind(system: System, graph: Graph, node: Node) -> Iterator[Wanted]:
    """A balancer reaches what it stands before, on its port: public services from outside, called ones inside."""
    services = {one.name: one for one in system.services}
    called = {name for one in system.services for name in _callees(one)}
    private = system.promises.security.exposure == "private"
    for name in sorted({name for names in graph.forwards.get(node.name, {}).values() for name in names}):
        for service in (services[one] for one in _run_on(system, graph, name)):
            if graph.nodes[name].role == "serverless":
                continue  # past the network: the cloud asks who is calling
            if (service.public and (private or not node.inside)) or (service.name in called and node.inside):
                port = graph.nodes[name].port or service.port
                yield Wanted(node.name, name, tcp(port), service.place, f"{name} {port}")


def _out(system: System, graph: Graph, service: Service, source: Node) -> Iterator[Wanted]:
    kinds = {store.name: store.kind for store in system.stores}
    objects = any(kinds.get(name) == "objects" for name in _callees(service))
    for outside in (*OUTSIDE, *(node.name for node in graph.nodes.values() if node.role == "service")):
        yield Wanted(source.name, outside, tcp(HTTPS), service.place, "objects" if objects else "")


def _endpoints(graph: Graph, service: Service, source: Node) -> Iterator[Wanted]:
    """The cloud's own services, where they are answered inside the network."""
    for node in graph.nodes.values():
        if node.role == "endpoint":
            yield Wanted(source.name, node.name, tcp(HTTPS), service.place)


def _calls(system: System, graph: Graph, service: Service, source: Node, balancers: list[Node]) -> Iterator[Wanted]:
    stores = {one.name: one for one in system.stores}
    services = {one.name: one for one in system.services}
    for name, place in _callees(service).items():
        if name in stores and stores[name].kind in PORTS:
            for target in _named(graph, name):
                port = target.port or PORTS[stores[name].kind]
                yield Wanted(source.name, target.name, tcp(port), place, f"call of {target.name}")
        elif name in services:
            for balancer, port in _through(graph, name, balancers):
                yield Wanted(source.name, balancer.name, tcp(port), place, f"call of {name}")
            for target in _servers(graph, name):
                yield Wanted(source.name, target.name, tcp(services[name].port), place, f"call of {name}")


def _through(graph: Graph, name: str, balancers: list[Node]) -> Iterator[tuple[Node, int]]:
    """The internal listeners that lead to a service."""
    for node in balancers:
        for port, names in graph.forwards.get(node.name, {}).items() if node.inside else ():
            if any(graph.nodes[one].component == name for one in names):
                yield node, port
