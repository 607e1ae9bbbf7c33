"""The graph of an estate, whichever cloud its resources are of."""

from __future__ import annotations

from standfast.audit.estate import Estate
from standfast.audit.reach.aws import nodes as aws_nodes
from standfast.audit.reach.aws import rules as aws_rules
from standfast.audit.reach.graph import OUTSIDE, Graph, outside
from standfast.audit.reach.spans import PRIVATE, PUBLIC


def read_graph(estate: Estate) -> Graph:
    """Outside first; then everything with a firewall, cloud by cloud."""
    taken = set(OUTSIDE)
    found = [*aws_nodes.read_nodes(estate, taken)]
    nodes = {node.name: node for node in (*outside(aws_nodes.own(estate), PRIVATE, PUBLIC), *found)}
    return Graph(nodes, tuple(aws_rules.read_rules(estate)), aws_nodes.read_forwards(estate, nodes))
