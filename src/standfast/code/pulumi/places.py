"""Which resource stands in which module and under which name, so that no two modules need each other.

Terraform has no order; Python has. A module per concern would now and then need a second that needs the first (a bucket
policy names the distribution that reads the bucket). What others need first is then set apart in a module of its own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import PurePath
from typing import Any

from standfast.blueprint.model import Blueprint, Resource, references
from standfast.code.pulumi.words import Words
from standfast.code.terraform.layout import FILES
from standfast.problem import NOWHERE, Place, Problem, Problems
from standfast.python import identifier, snake

# From what others stand on to what only looks at others: where there is a choice, a module needs those before it.
ORDER = ("keys", "network", "firewall", "data", "edge", "identity", "compute", "backup", "watch")
# What is needed first of a concern, where it has a better name than `<module>_first`.
FIRST = {"watch": ("logs", "Where logs are kept: others write there, so they stand before what writes.")}


@dataclass(frozen=True)
class Module:
    name: str
    head: str
    resources: tuple[Resource, ...]  # each after those it needs


@dataclass(frozen=True)
class Site:
    """Where everything stands: module and variable of each resource, by its address."""

    modules: tuple[Module, ...]
    module: Mapping[str, str]
    variable: Mapping[str, str]


def site(blueprint: Blueprint, words: Words) -> Site:
    """Raises Problems where names collide, and where resources need one another in a circle."""
    needs = {one.address: needed(one) for one in blueprint.resources}
    modules = tuple(_modules(blueprint, needs))
    where = {one.address: module.name for module in modules for one in module.resources}
    return Site(modules, where, _variables(blueprint, words, where))


def needed(resource: Resource) -> tuple[str, ...]:
    """The addresses that a resource speaks of, each once, in the order in which it does."""
    return tuple(dict.fromkeys([*(one.address for one in references(resource.settings)), *resource.depends_on]))


def _modules(blueprint: Blueprint, needs: Mapping[str, tuple[str, ...]]) -> Iterator[Module]:
    by_address = {one.address: one for one in blueprint.resources}
    _check(by_address, needs)
    part_of = _merged(_parts(by_address, needs), needs)
    members = defaultdict(list)
    for address, part in part_of.items():
        members[part].append(address)
    graph = _graph(part_of, needs)
    place = {concern: number for number, concern in enumerate((*ORDER, *sorted(set(FILES) - set(ORDER))))}
    rounds = defaultdict(list)
    for concern, number in members:
        rounds[concern].append(number)
    for part in _sorted(graph, key=lambda part: (place.get(part[0], len(place)), -part[1])):
        concern, number = part
        behind = sum(other > number for other in rounds[concern])
        first = number != min(rounds[concern])
        inside = {
            one: {need for need in needs[one] if part_of.get(need) == part}
            for one in by_address
            if part_of[one] == part
        }
        order = _ordered(inside, inside)
        name, head = _named(concern, first, behind)
        yield Module(name, head, tuple(by_address[one] for one in order))


def _named(concern: str, first: bool, behind: int) -> tuple[str, str]:
    file, head = FILES.get(concern, (f"{concern}.tf", ""))
    name = identifier(PurePath(file).stem)
    if first:
        said = f"What other modules need of {name}.py, set apart so that no two modules need each other."
        name, head = FIRST.get(concern, (f"{name}_first", said))
        name = f"{name}_{behind + 1}" if behind else name
    return name, head


def _check(by_address: Mapping[str, Resource], needs: Mapping[str, tuple[str, ...]]) -> None:
    problems = [
        Problem(f"{address} speaks of {need}, which is not there", place=_place(by_address[address]))
        for address, all_of_it in needs.items()
        for need in all_of_it
        if need not in by_address
    ]
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as circle:
        around = " -> ".join(circle.args[1])
        problems.append(
            Problem("resources need one another in a circle", around, place=_place(by_address[circle.args[1][0]]))
        )
    if problems:
        raise Problems(problems)


def _place(resource: Resource) -> Place:
    return next(iter(resource.places), NOWHERE)


def _parts(by_address: Mapping[str, Resource], needs: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, int]]:
    """Concern and round of each resource: from the last concern to the first, what only those already taken need."""
    users: dict[str, set[str]] = {address: set() for address in by_address}
    for address, all_of_it in needs.items():
        for need in all_of_it:
            users[need].add(address)
    concerns = {one.concern for one in by_address.values()}
    backwards = [*reversed(ORDER), *sorted(concerns - set(ORDER))]
    left: dict[str, list[str]] = {concern: [] for concern in backwards}
    found: dict[str, tuple[str, int]] = {}
    number = 0
    for address in reversed(list(TopologicalSorter(needs).static_order())):
        left[by_address[address].concern].append(address)
    while len(found) < len(by_address):
        for concern in backwards:
            for address in left[concern]:
                if users[address] <= found.keys():
                    found[address] = (concern, number)
            left[concern] = [address for address in left[concern] if address not in found]
        number += 1
    return found


def _merged(parts: dict[str, tuple[str, int]], needs: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, int]]:
    """The parts of a concern are one again wherever no two modules need each other for it."""
    for part in sorted(set(parts.values()), key=lambda part: (part[1], part[0])):
        if not part[1]:
            continue
        for number in range(part[1]):
            tried = {address: (part[0], number) if one == part else one for address, one in parts.items()}
            if (part[0], number) in parts.values() and _acyclic(_graph(tried, needs)):
                parts = tried
                break
    return parts


def _graph(parts: Mapping[str, Any], needs: Mapping[str, tuple[str, ...]]) -> dict[Any, set[Any]]:
    graph: dict[Any, set[Any]] = {part: set() for part in parts.values()}
    for address, part in parts.items():
        graph[part] |= {parts[need] for need in needs[address] if parts[need] != part}
    return graph


def _acyclic(graph: Mapping[Any, set[Any]]) -> bool:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError:
        return False
    return True


def _sorted(graph: Mapping[Any, set[Any]], key: Any) -> Iterator[Any]:
    """In order of need; where that leaves a choice, in the order of `key`."""
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    ready: list[Any] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()], key=key)
        yield ready[0]
        sorter.done(ready.pop(0))


def _ordered(addresses: Iterable[str], needs: Mapping[str, set[str]]) -> list[str]:
    """The order of the blueprint, but for what is needed before its turn."""
    done: dict[str, None] = {}

    def take(address: str) -> None:
        if address not in done:
            for need in sorted(needs[address], key=place.__getitem__):
                take(need)
            done[address] = None

    place = {address: number for number, address in enumerate(addresses)}
    for address in place:
        take(address)
    return list(done)


def _variables(blueprint: Blueprint, words: Words, where: Mapping[str, str]) -> dict[str, str]:
    """A variable for each resource: its name and its class. In lower case, unless two would then be one."""
    spoken = {one.address: _spoken(one, words) for one in blueprint.resources}
    plain = {address: identifier(f"{name}_{kind}".lower()) for address, (name, kind) in spoken.items()}
    often = Counter((where[address], name) for address, name in plain.items())
    found: dict[str, str] = {}
    taken: dict[tuple[str, str], Resource] = {}
    problems = []
    for one in blueprint.resources:
        address, module = one.address, where[one.address]
        name = plain[address]
        if often[module, name] > 1:
            name = identifier(f"{spoken[address][0]}_{one.kind.partition('_')[2]}{'_data' if one.data else ''}")
        other = taken.setdefault((module, name), one)
        if other is not one:
            fix = f"rename {one.component or one.name} in the spec"
            problems.append(
                Problem(f"{address} and {other.address} would both be {name} in Python", "", fix, _place(one))
            )
        found[address] = name
    if problems:
        raise Problems(problems)
    return found


def _spoken(resource: Resource, words: Words) -> tuple[str, str]:
    shape = words.lookup(resource.kind) if resource.data else words.resource(resource.kind)
    kind = shape.path.rpartition(".")[2] if shape else resource.kind
    kind = kind.removeprefix("get_").removesuffix("_output") if resource.data else snake(kind)
    return resource.name, kind
