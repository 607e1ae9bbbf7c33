"""What is wrong with a System although each of its lines can be read: names, cycles, contradictions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from standfast.problem import Problem, did_you_mean, quoted
from standfast.spec.model import DATABASES, System


def problems_of(system: System) -> list[Problem]:
    """Every contradiction in a System. Pure; an empty list means that it can be planned."""
    return [
        *_names(system),
        *_calls(system),
        *_cycles(system),
        *_traffic(system),
        *_numbers(system),
        *_stores(system),
    ]


RESERVED = {"balancer", "network", "dns", "keys", "waf", "cdn", "nat", "backup", "logs", "standfast"}


def _names(system: System) -> Iterator[Problem]:
    seen = {}
    for part in (*system.services, *system.stores):
        if part.name in seen:
            why = f"a service and a store share the name; the other is at line {seen[part.name].line}"
            yield Problem(f"{quoted(part.name)} is written twice", why, "rename one of them", part.place)
        if part.name in RESERVED:
            why = "the plan gives this name to a part of its own"
            yield Problem(
                f"{quoted(part.name)} is a reserved name",
                why,
                f"rename it, e.g. to {part.name}-1",
                part.place,
            )
        seen[part.name] = part.place


def _calls(system: System) -> Iterator[Problem]:
    known = {part.name for part in (*system.services, *system.stores)}
    caches = {store.name for store in system.stores if store.kind == "redis"}
    for service in system.services:
        for call in service.calls:
            if call.to not in known:
                fix = did_you_mean(call.to, known - {service.name})
                yield Problem(f"{service.name} calls {quoted(call.to)}, which is not in the spec", "", fix, call.place)
            if call.cached_by and call.cached_by not in caches:
                fix = did_you_mean(call.cached_by, caches) or "add a store of kind redis"
                yield Problem(
                    f"cached_by names {quoted(call.cached_by)}, which is not a redis store",
                    "",
                    fix,
                    call.place,
                )


def _cycles(system: System) -> Iterator[Problem]:
    """One problem per cycle in the calls: load and latency would have no end."""
    names = {service.name: service for service in system.services}
    state: dict[str, int] = {}  # 1: on the path now, 2: done
    for start in names:
        path: list[str] = []
        stack = [(start, iter(names[start].calls))] if start not in state else []
        if stack:
            state[start], path = 1, [start]
        while stack:
            name, calls = stack[-1]
            call = next(calls, None)
            if call is None:
                state[name] = 2
                stack.pop()
                path.pop()
            elif call.to in names and state.get(call.to) == 1:
                loop = " -> ".join([*path[path.index(call.to) :], call.to])
                why = "load and latency along it would have no end"
                yield Problem(
                    f"the calls form a cycle: {loop}",
                    why,
                    "remove one of these calls, or make it a message",
                    call.place,
                )
            elif call.to in names and call.to not in state:
                state[call.to] = 1
                path.append(call.to)
                stack.append((call.to, iter(names[call.to].calls)))


def _traffic(system: System) -> Iterator[Problem]:
    public = [service for service in system.services if service.public]
    total = sum(service.traffic for service in public)
    if public and abs(total - 1) > 0.005:
        what = f"the traffic of the public services adds up to {total:.1%}"
        yield Problem(
            what,
            "",
            "let the shares add up to 100%, or leave them out for equal shares",
            public[0].where("traffic"),
        )
    if not public:
        why = "no request of the declared load would reach it"
        fix = "add public: true to the service that users reach"
        yield Problem("no service is public", why, fix, system.where("services"))
    for service in system.services:
        if not service.public and "traffic" in service.places:
            what = f"service {service.name} has traffic but is not public"
            yield Problem(what, "", "add public: true, or remove traffic", service.where("traffic"))


def _numbers(system: System) -> Iterator[Problem]:
    wanted = system.promises
    load = wanted.scalability
    if load.average > load.peak:
        what = f"the average ({load.average:g} rps) is above the peak ({load.peak:g} rps)"
        yield Problem(what, "", "swap them, or raise the peak", system.where("scalability.average"))
    if load.peak <= 0:
        yield Problem("the peak is 0 rps", "", "declare the load to carry", system.where("scalability.peak"))
    if wanted.reliability.availability >= 1:
        why = "nothing that is built or changed by people is always up"
        yield Problem(
            "availability of 100% cannot be promised",
            why,
            "try 99.99%",
            system.where("reliability.availability"),
        )
    times = [(name, value) for name, value in sorted(wanted.performance.percentiles.items())]
    for (low, fast), (high, slow) in itertools.pairwise(times):
        if fast > slow:
            what = f"{low} ({fast:g} s) is above {high} ({slow:g} s)"
            yield Problem(what, "a higher percentile is never faster", "swap them", system.where(f"performance.{low}"))
    for name, value in times:
        if value == 0:
            yield Problem(f"{name} of 0 s cannot be kept", "", "try 300 ms", system.where(f"performance.{name}"))
    if wanted.cost.budget == 0:
        yield Problem(
            "a budget of 0 buys nothing",
            "",
            "remove it, or name what may be spent",
            system.where("cost.budget"),
        )


def _stores(system: System) -> Iterator[Problem]:
    for store in system.stores:
        if store.kind in DATABASES and store.data <= 0:
            yield Problem(f"store {store.name} holds no data", "", "write data: 10 GiB", store.where("data"))
        if store.cdn and store.kind != "objects":
            yield Problem(
                f"store {store.name} is not an object store; a CDN cannot serve it",
                "",
                "remove cdn",
                store.where("cdn"),
            )
