"""Firewalls allow the calls of the spec, nothing more and nothing less.

*Looks at*: every rule of every security group (AWS), network security group (Azure) and firewall (Google Cloud), in
their order and with those nobody wrote, both sides; network ACLs both ways, routes, peerings, gateways and public
addresses; compared with the call graph of the spec: callers, the balancers between them and their listeners, stores;
exact over sources, targets, protocols and ports
*Why*: a path nobody asked for is the one a break-in takes next; a path that is missing is an outage
*Fix*: remove the rule, or declare the call in the spec
*Source*: NIST SP 800-53 rev 5, SC-7(5) deny by default and AC-4 information flow enforcement
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, kept, missing, unknown
from standfast.audit.reach import Declared, Graph, Node, Rule, Wanted, declared, read_graph
from standfast.audit.reach.graph import INTERNET, OUTSIDE
from standfast.audit.reach.spans import Spans, difference, intersection, ports_of, tcp, union

ID = "firewall-edges"
TITLE = "Firewalls allow the calls of the spec, nothing more and nothing less"
SEVERITY = "critical"
KINDS = (
    "aws_security_group",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_network_acl",
    "aws_route_table",
    "azurerm_network_security_group",
    "azurerm_network_security_rule",
    "azurerm_route_table",
    "google_compute_firewall",
    "google_compute_route",
)


UNREAD = (
    "google_compute_network_firewall_policy_rule",
    "google_compute_region_network_firewall_policy_rule",
    "google_compute_firewall_policy_rule",
    "azurerm_network_manager_admin_rule",
)


def check(estate: Estate) -> Iterator[Finding]:
    if estate.system is None:
        if found := estate.of("aws_security_group", "azurerm_network_security_group", "google_compute_firewall"):
            about = missing(found[0].kind)
            yield unknown(about, "no spec says which calls there should be", "audit with the spec of this system")
        return
    for one in estate.of(*UNREAD):
        yield unknown(
            one,
            "rules of firewall policies are not read, and may open or close anything",
            "write them as rules of the network",
        )
    graph = read_graph(estate)
    wanted = declared(estate.system, graph)
    paths = graph.paths_from(INTERNET)
    wrong: set[str] = set()
    for rule in graph.rules:
        for node in graph.nodes.values():
            if rule.group in node.groups:
                for finding in _of_rule(rule, node, graph, wanted, paths):
                    wrong.add(node.name)
                    yield finding
    for node, finding in _missing(graph, wanted):
        wrong.add(node)
        yield finding
    for name in wanted.absent:
        part = estate.system.component(name)
        about = missing("aws_security_group", name, part.place)
        yield unknown(about, f"nothing with a firewall was found for {name}", f"tag it with component = {name}")
    for node in graph.nodes.values():
        if node.hidden and node.resource is not None:
            wrong.add(node.name)
            yield unknown(
                node.resource, "Google writes rules of its own for a cluster, which nobody sees before it is made"
            )
        if node.resource is not None and node.name not in wrong:
            yield kept(node.resource, _reached(node, graph))


def _of_rule(rule: Rule, node: Node, graph: Graph, wanted: Declared, paths: dict[str, str]) -> Iterator[Finding]:
    """What one rule opens beyond what is wanted."""
    if rule.unclear:
        yield from _unclear(rule, node, graph, wanted)
        return
    opened: dict[str, Spans] = {}
    for peer in graph.nodes.values():
        source, target = (peer, node) if rule.way == "ingress" else (node, peer)
        spans = graph.opened(node, rule.way, peer).get(rule, ())
        if rule.way == "egress" and peer.groups and not rule.groups & peer.names:
            continue  # a rule for addresses reaches nobody who does not let it in: that rule is told of
        extra = difference(spans, wanted.between(source.name, target.name))
        if extra:
            opened[peer.name] = extra
    if opened:
        yield _extra(rule, node, opened, graph, paths)


def _extra(rule: Rule, node: Node, opened: dict[str, Spans], graph: Graph, paths: dict[str, str]) -> Finding:
    first = INTERNET if INTERNET in opened else next(iter(opened))
    ports = ports_of(union(*opened.values()))
    source, target = (first, node.name) if rule.way == "ingress" else (node.name, first)
    names = "everybody" if INTERNET in opened else " and ".join(sorted(opened))
    if rule.way == "ingress":
        said = f"{names} may reach {node.name} on {ports}, and no call of the spec needs it"
    else:
        said = f"{node.name} may reach {'any address' if INTERNET in opened else names} on {ports}, without need"
    if intersection(graph.allowed(source, target), opened[first]):
        said += f" ({graph.way(paths.get(source, source), source, target, opened[first])})"
    else:
        said += f"; only {graph.stopped_by(source, target, rule.way)} still stops it"
    if rule.implied:
        return broken(
            rule.origin, f"{said}: {rule.implied} lets it", "refuse it with a rule that comes before that one"
        )
    return broken(rule.origin, said, "remove the rule, or declare the call in the spec")


def _unclear(rule: Rule, node: Node, graph: Graph, wanted: Declared) -> Iterator[Finding]:
    """Harmless where it could name any peer: users at a balancer's listeners, HTTPS out of a server."""
    if rule.own_groups and not rule.own_groups & node.names:
        return
    if not rule.allows:
        yield unknown(rule.origin, f"what this rule refuses at {node.name} is decided when it is applied")
        return
    harmless = tcp(443)
    if node.balancer and rule.way == "ingress":
        harmless = tcp(*graph.forwards.get(node.name, {})) if _fronts_users(node, wanted) else ()
    elif rule.way == "ingress":
        harmless = ()
    if difference(rule.spans, harmless):
        yield unknown(rule.origin, f"whom this rule lets reach {node.name} is decided when it is applied")


def _fronts_users(node: Node, wanted: Declared) -> bool:
    return any(one.target == node.name and one.source in OUTSIDE for one in wanted.wanted)


def _missing(graph: Graph, wanted: Declared) -> Iterator[tuple[str, Finding]]:
    """Needs that no allowed edge serves."""
    needs: dict[tuple[str, str], list] = {}
    for one in wanted.wanted:
        if one.need:
            needs.setdefault((one.source, one.need), []).append(one)
    for edges in needs.values():
        if any(not difference(one.spans, graph.allowed(one.source, one.target)) for one in edges):
            continue
        one = edges[0]
        unclear = graph.nodes[one.target].hidden or any(
            rule.unclear and rule.group in _groups(graph, one.source, one.target) for rule in graph.rules
        )
        about = missing(_firewall(graph, one), one.target, one.place)
        said = f"{one.source} cannot reach {one.target} on {ports_of(one.spans)}, which the spec needs"
        if unclear:
            yield one.target, unknown(about, f"cannot be told yet whether {said}")
        else:
            yield one.target, broken(about, said, "allow it on both sides: out of the caller, into the target")


FIREWALLS = {"azurerm": "azurerm_network_security_group", "google": "google_compute_firewall"}


def _firewall(graph: Graph, edge: Wanted) -> str:
    """The kind of resource that is missing, in the words of the cloud."""
    ends = (graph.nodes[name].resource for name in (edge.target, edge.source))
    cloud = next((one.kind.partition("_")[0] for one in ends if one is not None), "")
    return FIREWALLS.get(cloud, "aws_security_group")


def _groups(graph: Graph, *names: str) -> set[str]:
    return {group for name in names for group in graph.nodes[name].groups}


def _reached(node: Node, graph: Graph) -> str:
    ways = [f"{edge.source} on {ports_of(edge.spans)}" for edge in graph.edges if edge.target == node.name]
    ways = [way for way in ways if not way.startswith(OUTSIDE[1])]
    return f"reached by {'; '.join(ways)}: as the spec has it" if ways else "nothing reaches it"
