"""What rests on one another in a circle: blocks and values that speak of each other.

Source: developer.hashicorp.com/terraform/internals/graph
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass

from standfast.audit.sources.hcl import tree

Said = tree.Section | tree.Set


def circles(nodes: Mapping[str, Said]) -> list[list[str]]:
    """The names of each circle, sorted. `nodes`: by what others call them, such as `local.a` or `aws_vpc.b`."""
    edges = {name: sorted(_named(one) & nodes.keys()) for name, one in nodes.items()}
    return [sorted(part) for part in _strong(edges) if len(part) > 1 or part[0] in edges[part[0]]]


def _named(said: Said) -> set[str]:
    """What an expression or a block speaks of: `local.a`, `aws_vpc.b`, `data.aws_ami.c`."""
    found: set[str] = set()
    todo: list[object] = [said]
    while todo:
        one = todo.pop()
        if isinstance(one, tree.Attribute):
            steps, of = [one.name], one.of
            while isinstance(of, tree.Attribute):
                steps.append(of.name)
                of = of.of
            if isinstance(of, tree.Name):
                words = [of.name, *reversed(steps)]
                found.add(".".join(words[: 3 if of.name == "data" else 2]))
            else:
                todo.append(of)
        elif isinstance(one, (list, tuple)):
            todo += one
        elif isinstance(one, dict):
            todo += one.values()
        elif is_dataclass(one):
            todo += [getattr(one, each.name) for each in fields(one)]
    return found


def _strong(edges: dict[str, list[str]]) -> Iterator[list[str]]:
    """The strongly connected parts, without recursion. Source: Tarjan 1972, doi.org/10.1137/0201010"""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    held: list[str] = []
    inside: set[str] = set()
    for root in sorted(edges):
        if root in number:
            continue
        work = [(root, iter(edges[root]))]
        number[root] = low[root] = len(number)
        held.append(root)
        inside.add(root)
        while work:
            node, rest = work[-1]
            for other in rest:
                if other not in number:
                    number[other] = low[other] = len(number)
                    held.append(other)
                    inside.add(other)
                    work.append((other, iter(edges[other])))
                    break
                if other in inside:
                    low[node] = min(low[node], number[other])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == number[node]:
                    at = held.index(node)
                    part, held[at:] = held[at:], []
                    inside -= set(part)
                    yield part
