"""Who calls whom, as far as it can be told from outside; and which calls go so that they have an end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from standfast.problem import Problem, Problems
from standfast.spec.draft.variables import hosts, hosts_of_command
from standfast.spec.draft.workload import ADDRESSED, GUESSED, ORDERED, Need, Remarks, Workload

LIMIT_CALLS = 5_000  # more than people write; above it circles take too long to undo
Calls = dict[str, dict[str, Need]]  # caller -> called -> why it is thought so


def host_names(workloads: Iterable[Workload]) -> dict[str, str]:
    """Every host name (lower case) -> the workload it leads to; its own name goes before an alias of another."""
    workloads = list(workloads)
    found = {alias.lower(): one.name for one in reversed(workloads) for alias in one.aliases}
    return {**found, **{one.name.lower(): one.name for one in workloads}}


def find_calls(workloads: Sequence[Workload], stores: Collection[str], remarks: Remarks) -> Calls:
    """The calls of all workloads, the surest ground of each. Stores call nobody."""
    names, known = host_names(workloads), {one.name: one for one in workloads}
    calls: Calls = {}
    for one in workloads:
        mine = calls.setdefault(one.name, {})
        if one.name in stores:
            continue
        for need in _needs(one, names):
            if need.to == one.name or need.to not in known:
                continue
            if need.strength <= ORDERED and _same_program(one, known[need.to]):
                what = f"{one.name} waits for {need.to}, which is the same program: taken as order, not as a call"
                remarks.say(what, need.place, fix=f"add {need.to} to its calls if it does call it")
                continue
            if need.to not in mine or mine[need.to].strength < need.strength:
                mine[need.to] = need
    if sum(len(called) for called in calls.values()) > LIMIT_CALLS:
        what = f"more than {LIMIT_CALLS:,} calls between the services"
        raise Problems([Problem(what, fix="check that it is the right file", place=workloads[0].place)])
    return calls


def _needs(one: Workload, names: Mapping[str, str]) -> Iterable[Need]:
    yield from (Need(names.get(need.to.lower(), need.to), need.strength, need.ground, need.place) for need in one.needs)
    for variable in one.variables:
        for part, _ in hosts(variable, names):
            yield Need(part, ADDRESSED, variable.name, variable.place)
    for part, _ in hosts_of_command(one.command, names):
        yield Need(part, ADDRESSED, "command", one.place)


def _same_program(one: Workload, other: Workload) -> bool:
    """A worker or a scheduler beside the web server: built from the same source, started with another command."""
    same = (one.image and one.image == other.image) or (one.build and one.build == other.build)
    return bool(same) and one.command != other.command


def give_callers(
    calls: Calls, kept: Sequence[Workload], stores: Collection[str], proxies: Collection[str], remarks: Remarks
) -> None:
    """A store that nobody is known to call is there for somebody: the services that call no other service."""
    called = {name for caller in calls.values() for name in caller}
    others = [one for one in kept if one.name not in stores and one.name not in proxies]
    backs = [one for one in others if not any(name not in stores for name in calls[one.name])]
    for store in (one for one in kept if one.name in stores and one.name not in called):
        for one in backs:
            calls[one.name][store.name] = Need(store.name, GUESSED, "a guess", store.place)
        if backs:
            names = ", ".join(one.name for one in backs)
            what = f"nothing here says who uses {store.name}: taken {names}"
            remarks.say(what, store.place, fix=f"correct the calls of {names}")


def without_cycles(calls: Calls, order: Sequence[str], public: Collection[str], remarks: Remarks) -> Calls:
    """The calls without cycles: of each cycle the one goes that is least sure, or else leads back to the users."""
    kept = {caller: dict(called) for caller, called in calls.items()}
    place = {name: index for index, name in enumerate(order)}
    while cycle := _cycle(kept, order):
        edges = list(zip(cycle, [*cycle[1:], cycle[0]], strict=True))
        caller, called = min(
            edges, key=lambda edge: (kept[edge[0]][edge[1]].strength, edge[1] not in public, -place[edge[0]])
        )
        need = kept[caller].pop(called)
        loop = " -> ".join([*cycle, cycle[0]])
        why = f"{need.ground} says so, but the calls would form a cycle: {loop}; load and latency would have no end"
        remarks.say(
            f"the call from {caller} to {called} is left out", need.place, why, "keep the one that users wait for"
        )
    return kept


def _cycle(calls: Calls, order: Sequence[str]) -> list[str]:
    """One cycle of the calls, the first in `order`; empty where there is none. Iterative: depth has no limit."""
    done: set[str] = set()
    for start in order:
        path, stack = [start], [iter(calls.get(start, {}))]
        if start in done:
            continue
        while stack:
            name = next(stack[-1], None)
            if name is None:
                done.add(path.pop())
                stack.pop()
            elif name in path:
                return path[path.index(name) :]
            elif name not in done:
                path.append(name)
                stack.append(iter(calls.get(name, {})))
    return []


def behind(proxy: str, calls: Calls) -> set[str]:
    """Everything that a request entering at `proxy` can reach."""
    reached, todo = set(), [proxy]
    while todo:
        for name in calls.get(todo.pop(), {}):
            if name not in reached:
                reached.add(name)
                todo.append(name)
    return reached
