"""How much of what reaches each part: the declared load, walked once through the call graph.

Rates are requests per second, sizes GiB, CPU in seconds of a reference core. A month has 730 hours, as bills do.
Forced flow law: the rate at a part is the rate of its callers times the visits of each request
(Denning and Buzen, "The Operational Analysis of Queueing Network Models", ACM Computing Surveys 1978).
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import TopologicalSorter

from standfast.spec.model import DATABASES, Assumption, Store, System

MONTH = 730 * 3600.0  # seconds in the month of a bill
KIB = 2.0**-20  # GiB

READ_SHARE = 0.8  # of the calls to a database, where reads and writes are not declared
CPU = {  # seconds of a reference core per read and per write of a store
    "postgres": (0.5e-3, 1.0e-3),
    "mysql": (0.5e-3, 1.0e-3),
    "redis": (10e-6, 10e-6),
    "objects": (0.0, 0.0),
}
ANSWER = {"postgres": 4 * KIB, "mysql": 4 * KIB, "redis": 1 * KIB, "objects": 30 * KIB}  # GiB per call of a store
HOT = 0.1  # share of a database's data that is in use: what its memory should hold
READ_IOPS, WRITE_IOPS = 0.1, 2.0  # disk operations per read (nine of ten found in memory) and write (log, page)
CONNECTIONS_PER_CORE = 10  # open connections of a service to its database, for each core it keeps busy


@dataclass(frozen=True)
class Load:
    """What reaches one part.

    `peak`           requests per second at the busiest minute, grown to the horizon
    `average`        requests per second, mean of a month, today; `average_later` the same at the horizon
    `cores`          reference cores kept busy at that peak
    `reads, writes`  the parts of `peak` a store sees (services: 0)
    `egress`         GiB per month sent to the internet straight from the region, today
    `cdn`            GiB per month sent to users by a CDN, today; `cdn_rate` its requests per second
    `internal`       GiB per month answered to callers inside the system, today
    `data`           GiB held at the horizon; `hot` the GiB of it in use at any time
    `iops`           disk operations per second at that peak; `connections` held open
    """

    peak: float = 0.0
    average: float = 0.0
    average_later: float = 0.0
    cores: float = 0.0
    reads: float = 0.0
    writes: float = 0.0
    egress: float = 0.0
    cdn: float = 0.0
    cdn_rate: float = 0.0
    internal: float = 0.0
    data: float = 0.0
    hot: float = 0.0
    iops: float = 0.0
    connections: int = 0

    def cross_zone(self, zones: int) -> float:
        """GiB per month that cross a zone boundary when callers and called are spread evenly over `zones`."""
        return self.internal * (1 - 1 / max(1, zones))


def loads(system: System) -> dict[str, Load]:
    """The load of every service and store, by name. Linear in the calls; raises CycleError for a cycle."""
    wanted = system.promises.scalability
    grown = wanted.at_horizon(1.0)
    ratio = wanted.peak / wanted.average if wanted.average else 1.0  # peak to average, the same everywhere
    visits, written, cached = _visits(system)
    result = {}
    for service in system.services:
        inside = visits[service.name] - service.traffic
        peak = visits[service.name] * wanted.peak * grown
        result[service.name] = Load(
            peak=peak,
            average=visits[service.name] * wanted.average,
            average_later=visits[service.name] * wanted.average * grown,
            cores=peak * service.cpu,
            egress=service.traffic * wanted.average * service.response * MONTH,
            internal=inside * wanted.average * service.response * MONTH,
        )
    busy = {service.name: result[service.name].cores for service in system.services}
    for store in system.stores:
        called, writes = visits[store.name], written[store.name]
        callers = sum(busy[s.name] for s in system.services if any(call.to == store.name for call in s.calls))
        result[store.name] = _of_store(store, system, called, writes + cached[store.name], ratio, grown, callers)
    return result


def _visits(system: System) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """Per request to the system: calls that reach each part, those of them that write, and fills of caches."""
    names = [part.name for part in (*system.services, *system.stores)]
    visits, written, fills = (dict.fromkeys(names, 0.0) for _ in range(3))
    kinds = {store.name: store.kind for store in system.stores}
    services = {service.name: service for service in system.services}
    after = {name: [call.to for call in service.calls if call.to in services] for name, service in services.items()}
    for name in reversed(list(TopologicalSorter(after).static_order())):
        service = services[name]
        visits[name] += service.traffic
        for call in service.calls:
            calls = visits[name] * call.share * call.times
            left = calls
            if call.cached_by:
                left = calls * (1 - call.hit_rate)
                visits[call.cached_by] += calls + left  # every call asks the cache; what it missed is filled in
                fills[call.cached_by] += left
            visits[call.to] += left
            if call.to in kinds and kinds[call.to] != "objects":
                written[call.to] += min(left, calls * (1 - READ_SHARE))  # a cache answers reads before writes
    return visits, written, fills


def _of_store(
    store: Store, system: System, called: float, writes: float, ratio: float, grown: float, callers: float
) -> Load:
    wanted = system.promises.scalability
    average = called * wanted.average
    reads_peak, writes_peak = (called - writes) * wanted.peak, writes * wanted.peak
    egress = cdn = edge = 0.0
    if store.kind == "objects":
        users = store.requests or store.egress / MONTH / ANSWER["objects"]  # per second, mean, at the edge
        sent = store.egress or store.requests * ANSWER["objects"] * MONTH
        egress, cdn, edge = (0.0, sent, users) if store.cdn else (sent, 0.0, 0.0)
        reaches = users * (1 - store.hit_rate) if store.cdn else users
        average += reaches
        reads_peak += reaches * ratio
    if store.kind in DATABASES:
        reads_peak = reads_peak if store.reads is None else store.reads
        writes_peak = writes_peak if store.writes is None else store.writes
        if store.reads is not None or store.writes is not None:
            average = (reads_peak + writes_peak) / ratio
    per_read, per_write = CPU[store.kind]
    reads, writing = reads_peak * grown, writes_peak * grown
    years = wanted.horizon / (365.25 * 86_400.0)
    data = (store.data or store.memory) * (1 + store.growth) ** years
    database = store.kind in DATABASES
    return Load(
        peak=reads + writing,
        average=average,
        average_later=average * grown,
        cores=reads * per_read + writing * per_write,
        reads=reads,
        writes=writing,
        egress=egress,
        cdn=cdn,
        cdn_rate=edge,
        internal=called * wanted.average * ANSWER[store.kind] * MONTH,
        data=data,
        hot=data * HOT if database else 0.0,
        iops=reads * READ_IOPS + writing * WRITE_IOPS if database else 0.0,
        connections=(store.connections or max(10, round(callers * CONNECTIONS_PER_CORE))) if database else 0,
    )


def assumed(system: System) -> tuple[Assumption, ...]:
    """The numbers used here that nobody declared, for the parts that are really there."""
    found = []
    for store in system.stores:
        if store.kind not in DATABASES:
            continue
        read, write = CPU[store.kind]
        if store.reads is None or store.writes is None:
            ground = "reads and writes are not declared"
            found.append(
                Assumption(f"store {store.name}: reads", f"{READ_SHARE:.0%} of its calls", ground, store.place)
            )
        value = f"{read * 1e3:g} ms per read, {write * 1e3:g} ms per write"
        found.append(Assumption(f"store {store.name}: CPU", value, "of a reference core; simple queries", store.place))
        value = f"{HOT:.0%} of the data"
        found.append(Assumption(f"store {store.name}: working set", value, "held in memory", store.place))
        value = f"{READ_IOPS:.0%} of reads reach it, {WRITE_IOPS:g} operations per write"
        found.append(Assumption(f"store {store.name}: disk", value, "the log, then the page", store.place))
    return tuple(found)
