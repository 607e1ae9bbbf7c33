"""Resources that rest on one another in a circle: Terraform makes none of them, and names none in a small way.

Seen are circles inside a module, also through its locals and `depends_on`; those that lead through another module are
not. Source: developer.hashicorp.com/terraform/internals/graph
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from standfast.audit.sources.hcl import tree
from standfast.audit.sources.terraform.code import Code, Declared
from standfast.problem import Problem

FIX = "break the circle: a resource of its own for the link often does, such as a rule beside two firewalls"


def circles(code: Code) -> Iterator[Problem]:
    """One Problem for each circle that has a resource in it, at the first of its blocks."""
    nodes: dict[str, Declared] = {f"local.{name}": one for name, one in code.locals.items()}
    for (data, kind, name), one in code.resources.items():
        nodes[f"{'data.' if data else ''}{kind}.{name}"] = one
    edges = {name: sorted(_named(one) & nodes.keys()) for name, one in nodes.items()}
    for circle in _strong(edges):
        alone = len(circle) == 1
        if alone and circle[0] not in edges[circle[0]]:
            continue
        own = [name for name in circle if not name.startswith("local.")]
        if own:
            first = min(own, key=lambda name: nodes[name].place)
            others = ", ".join(name[:60] for name in sorted(circle) if name != first)
            what = f"{first[:60]} rests on itself" if alone else f"{first[:60]} rests on itself, through {others[:200]}"
            yield Problem(what, "Terraform can begin with none of them", FIX, nodes[first].place)


def _named(declared: Declared) -> set[str]:
    """What an expression or a block speaks of: `local.a`, `aws_vpc.b`, `data.aws_ami.c`."""
    found: set[str] = set()
    todo: list[object] = [declared.what]
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
