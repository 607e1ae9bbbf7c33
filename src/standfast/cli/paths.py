"""Who may talk to whom over the network, and how the internet gets there, hop by hop: for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from standfast.cli.findings import wrapped
from standfast.cli.terminal import Terminal

if TYPE_CHECKING:
    from standfast.audit import Audit
    from standfast.audit.reach import Graph


def paths_json(audit: Audit) -> dict[str, list[dict[str, Any]]]:
    """Every edge, and the shortest way of the internet to each node, as the contract for scripts has it."""
    from standfast.audit.reach.spans import ports_of

    edges, ways = [], []
    for site, graph in _graphs(audit):
        for one in graph.edges:
            said = {"from": one.source, "to": one.target, "ports": ports_of(one.spans), "through": one.through or None}
            edges.append({"site": site, **said})
        ways += [{"site": site, "to": name, "way": way} for name, way in _from_outside(graph)]
    return {"edges": edges, "from_the_internet": ways}


def show_paths(world: str, audit: Audit, terminal: Terminal) -> None:
    """Ways from the internet first, then who calls whom inside."""
    from standfast.audit.run import called

    width = max(terminal.console().width, 40)
    for site, graph in _graphs(audit):
        at = f", {site}" if site else ""
        terminal.result("")
        terminal.styled((f"{called(world)}{at}: who may talk to whom", "bold"))
        for _, way in _from_outside(graph):
            terminal.result(wrapped(way, width, "  ", "      "))
        for line in _inside(graph):
            terminal.result(wrapped(line, width, "  ", "      "))
        if not graph.edges:
            terminal.result("  nobody and nothing, as far as is seen here")


def _graphs(audit: Audit) -> Iterator[tuple[str, Graph]]:
    from standfast.audit.reach import read_graph

    for site, estate in audit.estates.items():
        graph = read_graph(estate)
        if any(node.resource is not None for node in graph.nodes.values()):
            yield site, graph


def _from_outside(graph: Graph) -> list[tuple[str, str]]:
    from standfast.audit.reach.graph import INTERNET

    return [(name, way) for name, way in graph.paths_from(INTERNET).items() if graph.nodes[name].resource is not None]


def _inside(graph: Graph) -> Iterator[str]:
    """Each caller on a line, with everything it may call."""
    from standfast.audit.reach.graph import INTERNET
    from standfast.audit.reach.spans import ports_of

    for name in graph.nodes:
        said = [
            f"{one.target}:{ports_of(one.spans)}{f' through {one.through}' if one.through else ''}"
            for one in graph.edges
            if one.source == name and name != INTERNET
        ]
        if said:
            yield f"{name} → {', '.join(said)}"
