"""The bill: every line from a price of the catalog, a quantity of the load, and usage assumptions by name.

`low` is a quiet month (autoscaled groups follow the daily traffic down to their least size) at the low end of each
price; `typical` is the declared load with every group at its planned size; `high` the high end of each price with
`BUSY_MONTH` times the declared traffic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from standfast.clouds import Price
from standfast.plan.model import CostLine, Money
from standfast.plan.models.load import MONTH, Load
from standfast.plan.place import Place
from standfast.spec.model import DATABASES, Assumption, System

Priced = Callable[[str], Price]  # the price of an item in the region at hand

DISK = 30  # GiB of a server's disk
HOURS = 730.0  # in the month of a bill
QUIET_MONTH, BUSY_MONTH = 0.5, 1.5  # of the declared traffic, in `low` and `high`
LOG_PER_REQUEST = 1.0 / 2**20  # GiB: 1 KiB of log for each request that a service answers
DAILY_CHANGE = 0.01  # share of the data that changes in a day: what each further daily backup adds
NAT_PER_SERVER = 5.0  # GiB a month through NAT: image pulls, patches, calls to the cloud's own API
REQUESTS_PER_CONNECTION = 20.0
ALARMS_PER_PART, METRICS_PER_PART = 2, 5


def line(what: str, quantity: float, price: Price, low: float = 1.0, high: float = 1.0) -> CostLine:
    """One line; `low` and `high` are how much less or more of the quantity there may be."""
    money = Money(quantity * low * price.low, quantity * price.usd, quantity * high * price.high)
    return CostLine(
        what, float(quantity), price.unit, price.usd, money, price.source, price.date, price.quality == "estimated"
    )


def used(what: str, quantity: float, price: Price) -> CostLine:
    """A line that follows the traffic."""
    return line(what, quantity, price, QUIET_MONTH, BUSY_MONTH)


def tiered(what: str, quantity: float, tiers: tuple[tuple[float, Price], ...]) -> Iterator[CostLine]:
    """A line per tier of a price that falls with the quantity; tiers are (from, price), from below."""
    for (start, price), end in zip(tiers, [*(start for start, _ in tiers[1:]), float("inf")], strict=True):
        inside = min(quantity, end) - start
        if inside > 0:
            above = f" above {start:,.0f} GB" if start else ""
            yield used(what + above, inside, price)


@dataclass(frozen=True)
class Usage:
    """What the plan's own parts are used for in a month, summed once over all components. GiB, requests per second."""

    public: int  # services
    internal: int  # services that others call
    rate: float  # of requests to public services
    rate_inside: float  # to internal ones
    egress: float
    egress_inside: float  # of internal services
    crossing: float  # answered to callers inside
    cdn: float
    cdn_rate: float
    data: float  # of databases, and of servers that keep data on their disk
    answered: float  # requests per second that services answer
    parts: int
    secrets: int


def usage(system: System, load: Mapping[str, Load]) -> Usage:
    """The sums behind the bill of the plan's own parts."""
    called = {call.to for service in system.services for call in service.calls}
    public = [load[service.name] for service in system.services if service.public]
    inside = [load[service.name] for service in system.services if service.name in called]
    cdn = [load[store.name] for store in system.stores if store.cdn]
    return Usage(
        len(public), len(inside), sum(one.average for one in public), sum(one.average for one in inside),
        sum(one.egress for one in load.values()), sum(one.egress + one.internal for one in inside),
        sum(one.internal for one in load.values()),
        sum(one.cdn for one in cdn), sum(one.cdn_rate for one in cdn),
        sum(load[store.name].data for store in system.stores if store.kind in DATABASES)
        + DISK * sum(service.stateful for service in system.services),
        sum(load[service.name].average for service in system.services),
        len(system.services) + len(system.stores),
        len({name for service in system.services for name in service.secrets})
        + sum(store.kind != "objects" for store in system.stores),
    )  # fmt: skip


def shared_lines(system: System, use: Usage, place: Place, servers: int) -> dict[str, list[CostLine]]:
    """The lines of the plan's own parts: component -> lines. `servers` is how many there are in all."""
    catalog, region, zones = place.catalog, place.region.name, place.zones

    def price(item: str) -> Price:
        return catalog.price(region, item)

    lines: dict[str, list[CostLine]] = {}
    if use.public:
        lines["balancer"] = list(_balancer(use.rate, use.egress, price, "public"))
    if use.internal and place.shape != "kubernetes":  # a cluster balances between its own pods
        lines.setdefault("balancer", []).extend(_balancer(use.rate_inside, use.egress_inside, price, "internal"))
    lines["network"] = [
        line("NAT gateways", zones * HOURS, price("nat.hour")),
        used("sent through NAT", servers * NAT_PER_SERVER, price("nat.gb")),
        line("public addresses", (2 * zones if use.public else zones) * HOURS, price("ipv4.hour")),
        used("between zones, both ways", 2 * use.crossing * (1 - 1 / zones), price("egress.zone.gb")),
        *tiered("to the internet", use.egress, catalog.tiers(region, "egress.internet.gb")),
    ]
    if any(store.cdn for store in system.stores):
        lines["cdn"] = [
            line("profile", 1, price("cdn.profile_month")),
            *tiered("sent by the CDN", use.cdn, catalog.tiers(region, "cdn.gb")),
            used("requests to the CDN", use.cdn_rate * MONTH / 10_000, price("cdn.10k_requests")),
        ]
    requests = system.promises.scalability.average * MONTH
    if system.promises.security.exposure == "public" and use.public:
        lines["waf"] = [
            line("access list", 1, price("waf.acl_month")),
            line("rule groups", 4, price("waf.rule_month")),
            used("requests looked at", requests / 1e6, price("waf.1m_requests")),
        ]
    lines["dns"] = [
        line("zones", 2, price("dns.zone_month")),
        used("queries", requests / REQUESTS_PER_CONNECTION / 1e6, price("dns.1m_queries")),
    ]
    lines["keys"] = [line("keys", 4, price("keys.month")), used("uses", 10, price("keys.10k_requests"))]
    if use.secrets:
        lines["secrets"] = [
            line("secrets", use.secrets, price("secrets.month")),
            used("reads of secrets", servers * 0.1, price("secrets.10k_calls")),
        ]
    logged = use.answered * MONTH * LOG_PER_REQUEST
    lines["logs"] = [
        used("logs taken in", logged, price("logs.gb")),
        used("logs kept", logged * LOG_MONTHS * 0.15, price("logs.gb_month")),
        line("alarms", ALARMS_PER_PART * use.parts, price("alarms.month")),
        line("metrics", METRICS_PER_PART * use.parts, price("metrics.month")),
    ]
    if use.data:
        kept = use.data * (1 + DAILY_CHANGE * BACKUP_DAYS)
        lines["backup"] = [line("snapshots in the vault", kept, price("backup.gb_month"))]
    return {name: [one for one in some if one.unit_price or one.estimated] or some[:1] for name, some in lines.items()}


def _balancer(rate: float, egress: float, price: Priced, which: str) -> Iterator[CostLine]:
    """Capacity units: 25 new connections/s or 1 GB/h each (AWS "Elastic Load Balancing pricing", 2026)."""
    units = max(rate / REQUESTS_PER_CONNECTION / 25, egress / HOURS, 0.1)
    yield line(f"{which} balancer", HOURS, price("balancer.hour"))
    yield used(f"{which} balancer's load", units * HOURS, price("balancer.lcu_hour"))


LOG_MONTHS = 3.0  # logs are kept 90 days, compressed to 15 %
BACKUP_DAYS = 35


def assumed() -> tuple[Assumption, ...]:
    """The usage assumptions of every bill."""
    return (
        Assumption(
            "cost: low and high", f"{QUIET_MONTH:.0%} and {BUSY_MONTH:.0%} of the traffic", "and the band of each price"
        ),
        Assumption("cost: logs", "1 KiB per request and service, kept 90 days", "measure yours"),
        Assumption("cost: backups", f"{DAILY_CHANGE:.0%} of the data changes in a day", "measure yours"),
        Assumption("cost: NAT", f"{NAT_PER_SERVER:g} GiB a month per server", "image pulls and patches"),
    )
