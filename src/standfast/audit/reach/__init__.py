"""Who may talk to whom: what the firewalls allow, and what the call graph of the spec asks for.

Exact, over intervals of protocols, ports and addresses (`spans`); nothing is sampled.
"""

from standfast.audit.reach.declared import Declared, Wanted, declared
from standfast.audit.reach.graph import Edge, Graph, Node
from standfast.audit.reach.read import read_graph
from standfast.audit.reach.rules import Rule

__all__ = ["Declared", "Edge", "Graph", "Node", "Rule", "Wanted", "declared", "read_graph"]
