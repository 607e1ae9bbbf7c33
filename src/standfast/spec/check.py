"""What is wrong with a System although each of its lines can be read: names, cycles, contradictions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from standfast.problem import Place, Problem, did_you_mean, quoted
from standfast.spec.model import DATABASES, PRODUCTION, System


def problems_of(system: System) -> list[Problem]:
    """Every contradiction in a System. Pure; an empty list means that it can be planned."""
    checks = (_names, _secrets, _calls, _cycles, _traffic, _load, _promises, _rules, _stores, _environments)
    return [problem for check in checks for problem in check(system)]


# What the plan calls parts of its own.
RESERVED = {
    "balancer", "network", "dns", "keys", "secrets", "waf", "cdn", "nat", "backup", "logs", "standfast"
}  # fmt: skip
LONGEST_NAME = 32


def _names(system: System) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for part in (*system.services, *system.stores):
        if part.name in seen:
            why = f"a service and a store share the name; the other is at line {seen[part.name].line}"
            yield Problem(f"{quoted(part.name)} is written twice", why, "rename one of them", part.place)
        if part.name in RESERVED:
            why, fix = "the plan gives this name to a part of its own", f"rename it, e.g. to {part.name}-1"
            yield Problem(f"{quoted(part.name)} is a reserved name", why, fix, part.place)
        seen[part.name] = part.place


def _secrets(system: System) -> Iterator[Problem]:
    """Secrets become environment variables and objects of the cloud: no two may come out the same."""
    stores = {_variable(store.name): store for store in system.stores}
    known: dict[str, str] = {}
    for service in system.services:
        place, inside = service.where("secrets"), set()
        for name in service.secrets:
            same = _variable(name)
            if same in inside:
                why = "their names become the same environment variable"
                yield Problem(f"{service.name} would get {same} from two secrets", why, "rename one of them", place)
            elif known.setdefault(same, name) != name:
                what = f"the secrets {quoted(known[same])} and {quoted(name)} cannot be told apart"
                yield Problem(what, f"both become {same}", "write them the same, or rename one", place)
            if same in service.environment:
                why = f"{service.name} has {same} in its environment too"
                yield Problem(f"{quoted(name)} is a secret and a plain value", why, "remove one of them", place)
            if same in stores:
                why = f"the plan keeps the password of the store {stores[same].name} under this name"
                yield Problem(f"{quoted(name)} is the name of a store", why, "rename the secret", place)
            inside.add(same)


def _variable(name: str) -> str:
    """What remains of a name in code and in an environment."""
    return re.sub(r"[^A-Za-z0-9_]", "_", name)


def _calls(system: System) -> Iterator[Problem]:
    known = {part.name for part in (*system.services, *system.stores)}
    caches = {store.name for store in system.stores if store.kind == "redis"}
    found = 0
    for service in system.services:
        for call in service.calls:
            if call.to not in known:
                found += 1  # the nearest of many names takes time to find: after a page of problems nobody asks
                fix = did_you_mean(call.to, known - {service.name}) if found < 50 else ""
                what = f"{service.name} calls {quoted(call.to)}, which is not in the spec"
                yield Problem(what, "", fix or "add it under services or stores", call.place)
            if call.cached_by and call.cached_by not in caches:
                fix = did_you_mean(call.cached_by, caches) or "add a store of kind redis"
                what = f"cached_by names {quoted(call.cached_by)}, which is not a redis store"
                yield Problem(what, "", fix, call.place)
            elif call.cached_by and call.cached_by == call.to:
                what, fix = f"{quoted(call.to)} stands as a cache before itself", "remove cached_by"
                yield Problem(what, "", fix, call.place)


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
                why, fix = "load and latency along it would have no end", "remove one of them, or make it a message"
                yield Problem(f"the calls form a cycle: {loop}", why, fix, call.place)
            elif call.to in names and call.to not in state:
                state[call.to] = 1
                path.append(call.to)
                stack.append((call.to, iter(names[call.to].calls)))


def _traffic(system: System) -> Iterator[Problem]:
    public = [service for service in system.services if service.public]
    total = sum(service.traffic for service in public)
    if public and abs(total - 1) > 0.005:
        what = f"the traffic of the public services adds up to {total:.1%}"
        fix = "let the shares add up to 100%, or leave them out for equal shares"
        yield Problem(what, "", fix, public[0].where("traffic"))
    if not public:
        why, fix = "no request of the declared load would reach it", "add public: true to the service that users reach"
        yield Problem("no service is public", why, fix, system.where("services"))
    for service in system.services:
        if not service.public and "traffic" in service.places:
            what = f"service {service.name} has traffic but is not public"
            yield Problem(what, "", "add public: true, or remove traffic", service.where("traffic"))


def _load(system: System) -> Iterator[Problem]:
    load = system.promises.scalability
    if load.peak <= 0:
        yield Problem("the peak is 0 rps", "", "declare the load to carry", system.where("scalability.peak"))
    elif load.average <= 0:
        yield Problem("the average is 0 rps", "", "declare it, or remove it", system.where("scalability.average"))
    if load.average > load.peak:
        what = f"the average ({load.average:g} rps) is above the peak ({load.peak:g} rps)"
        yield Problem(what, "", "swap them, or raise the peak", system.where("scalability.average"))
    changes = system.deploys
    if changes.rate * changes.failure * changes.rollback >= 1:
        what = "by its deploys the system is never up: the next change fails before the last is rolled back"
        yield Problem(what, "", "check rate, failure and rollback", system.where("deploys"))


def _promises(system: System) -> Iterator[Problem]:
    wanted = system.promises
    if wanted.reliability.availability >= 1:
        why, place = "nothing that people build or change is always up", system.where("reliability.availability")
        yield Problem("availability of 100% cannot be promised", why, "try 99.99%", place)
    for name, recovery in wanted.reliability.recovery.items():
        if recovery.rto == 0 and name in ("region", "corruption"):
            place = system.where(f"reliability.recovery.{name}.rto")
            what, why = f"rto of 0 s for {name} cannot be kept", "it takes time to notice and to decide"
            yield Problem(what, why, "try 4 h", place)
    times = sorted(wanted.performance.percentiles.items())
    for (low, fast), (high, slow) in itertools.pairwise(times):
        if fast > slow:
            what = f"{low} ({fast:g} s) is above {high} ({slow:g} s)"
            yield Problem(what, "a higher percentile is never faster", "swap them", system.where(f"performance.{low}"))
    for name, value in times:
        if value == 0:
            yield Problem(f"{name} of 0 s cannot be kept", "", "try 300 ms", system.where(f"performance.{name}"))
    if wanted.cost.budget == 0:
        fix = "remove it, or name what may be spent"
        yield Problem("a budget of 0 buys nothing", "", fix, system.where("cost.budget"))


def _rules(system: System) -> Iterator[Problem]:
    if not system.rules.clouds:
        fix = "name one, such as [aws], or remove the line"
        yield Problem("clouds names no cloud", "", fix, system.where("rules.clouds"))


def _stores(system: System) -> Iterator[Problem]:
    for store in system.stores:
        if store.kind in DATABASES and store.data <= 0:
            yield Problem(f"store {store.name} holds no data", "", "write data: 10 GiB", store.where("data"))
        if store.kind == "objects" and not store.cdn and "hit_rate" in store.places:
            what = f"store {store.name} has hit_rate, but no CDN answers for it"
            yield Problem(what, "", "add cdn: true, or remove hit_rate", store.where("hit_rate"))


def _environments(system: System) -> Iterator[Problem]:
    for one in system.environments:
        if one.name == PRODUCTION:
            why = "production is what the spec itself says"
            yield Problem("'production' is a reserved name", why, "rename it, or remove it", one.place)
        full = f"{system.name}-{one.name}"
        if len(full) > LONGEST_NAME:
            why = f"it would be called {full}, and a name has at most {LONGEST_NAME} characters"
            yield Problem(f"the name of environment {one.name} is too long", why, "shorten it", one.place)
