"""The graph of an estate, whichever cloud its resources are of."""

from __future__ import annotations

from standfast.audit.estate import Estate
from standfast.audit.reach.aws import nodes as aws_nodes
from standfast.audit.reach.aws import rules as aws_rules
from standfast.audit.reach.azure import nodes as azure_nodes
from standfast.audit.reach.azure import rules as azure_rules
from standfast.audit.reach.azure.roads import Roads as AzureRoads
from standfast.audit.reach.azure.tags import PLATFORM
from standfast.audit.reach.google import nodes as google_nodes
from standfast.audit.reach.google import rules as google_rules
from standfast.audit.reach.google.atlas import LOGIN, PROBES, Atlas
from standfast.audit.reach.google.roads import Roads as GoogleRoads
from standfast.audit.reach.graph import OUTSIDE, Graph, Node, outside
from standfast.audit.reach.rules import Rule
from standfast.audit.reach.spans import PRIVATE, PUBLIC, Spans, difference, union


def read_graph(estate: Estate) -> Graph:
    """Outside first; then what stands in the networks, cloud by cloud."""
    taken = set(OUTSIDE)
    kinds = {one.kind.partition("_")[0] for one in estate.resources}
    found: list[Node] = []
    rules: list[Rule] = []
    own: list[Spans] = []
    platform: list[Spans] = []
    if "aws" in kinds:
        found += aws_nodes.read_nodes(estate, taken)
        rules += aws_rules.read_rules(estate)
        own.append(aws_nodes.own(estate))
    if "azurerm" in kinds:
        roads = AzureRoads(estate)
        tags = azure_nodes.read_tags(estate, roads)
        found += azure_nodes.read_nodes(estate, taken, roads, tags)
        rules += azure_rules.read_rules(estate, tags)
        own.append(roads.space)
        platform.append(PLATFORM)
    if "google" in kinds:
        networks, atlas = GoogleRoads(estate), Atlas()
        here = google_nodes.read_nodes(estate, taken, networks, atlas)
        found += google_nodes.proxied(here, google_nodes.read_forwards(estate, {one.name: one for one in here}))
        rules += google_rules.read_rules(estate, atlas)
        own.append(networks.space)
        platform += [PROBES, LOGIN]
    public = difference(PUBLIC, union(*own, *platform))
    nodes = {node.name: node for node in (*outside(union(*own), PRIVATE, public), *found)}
    read = (aws_nodes.read_forwards, azure_nodes.read_forwards, google_nodes.read_forwards)
    forwards = {name: ports for one in read for name, ports in one(estate, nodes).items()}
    return Graph(nodes, tuple(rules), forwards)
