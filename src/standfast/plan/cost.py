"""The bill: every line from a price of the catalog, a quantity of the load, and usage assumptions by name.

`low` is a quiet month (autoscaled groups follow the daily traffic down to their least size) at the low end of each
price; `typical` is the declared load with every group at its planned size; `high` the high end of each price with
`BUSY_MONTH` times the declared traffic.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from standfast.clouds import Catalog, Price
from standfast.plan.model import CostLine, Money
from standfast.plan.models.load import MONTH, Load
from standfast.plan.retention import longest
from standfast.spec.model import DATABASES, Assumption, System

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


@dataclass(frozen=True)
class Need:
    """So much of an item a month, which has its price by region only. `used`: it follows the traffic."""

    component: str
    what: str
    item: str
    quantity: float
    used: bool = False
    tiered: bool = False  # its price falls with the quantity

    def bought(self, catalog: Catalog, region: str) -> Iterator[tuple[str, float, Price]]:
        """(what, quantity, price): one, or one for each tier of the price that is reached."""
        if not self.tiered:
            yield self.what, self.quantity, catalog.price(region, self.item)
            return
        tiers = catalog.tiers(region, self.item)
        for (start, price), end in zip(tiers, [*(start for start, _ in tiers[1:]), float("inf")], strict=True):
            inside = min(self.quantity, end) - start
            if inside > 0:
                yield self.what + (f" above {start:,.0f} GB" if start else ""), inside, price


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


def needs(system: System, use: Usage, zones: int, shape: str, servers: int) -> list[Need]:
    """What the plan's own parts need wherever they stand, component by component. `servers`: how many in all."""
    found: list[Need] = []

    def need(component: str, what: str, item: str, quantity: float, **how: bool) -> None:
        found.append(Need(component, what, item, quantity, **how))

    def balancer(which: str, rate: float, egress: float) -> None:
        """Capacity units: 25 new connections/s or 1 GB/h each (AWS "Elastic Load Balancing pricing", 2026)."""
        units = max(rate / REQUESTS_PER_CONNECTION / 25, egress / HOURS, 0.1)
        need("balancer", f"{which} balancer", "balancer.hour", HOURS)
        need("balancer", f"{which} balancer's load", "balancer.lcu_hour", units * HOURS, used=True)

    if use.public:
        balancer("public", use.rate, use.egress)
    if use.internal and shape != "kubernetes":  # a cluster balances between its own pods
        balancer("internal", use.rate_inside, use.egress_inside)
    need("network", "NAT gateways", "nat.hour", zones * HOURS)
    need("network", "sent through NAT", "nat.gb", servers * NAT_PER_SERVER, used=True)
    need("network", "public addresses", "ipv4.hour", (2 * zones if use.public else zones) * HOURS)
    need("network", "between zones, both ways", "egress.zone.gb", 2 * use.crossing * (1 - 1 / zones), used=True)
    need("network", "to the internet", "egress.internet.gb", use.egress, used=True, tiered=True)
    if any(store.cdn for store in system.stores):
        need("cdn", "profile", "cdn.profile_month", 1)
        need("cdn", "sent by the CDN", "cdn.gb", use.cdn, used=True, tiered=True)
        need("cdn", "requests to the CDN", "cdn.10k_requests", use.cdn_rate * MONTH / 10_000, used=True)
    requests = system.promises.scalability.average * MONTH
    if system.promises.security.exposure == "public" and use.public:
        need("waf", "access list", "waf.acl_month", 1)
        need("waf", "rule groups", "waf.rule_month", 4)
        need("waf", "requests looked at", "waf.1m_requests", requests / 1e6, used=True)
    need("dns", "zones", "dns.zone_month", 2)
    need("dns", "queries", "dns.1m_queries", requests / REQUESTS_PER_CONNECTION / 1e6, used=True)
    need("keys", "keys", "keys.month", 4)
    need("keys", "uses", "keys.10k_requests", 10, used=True)
    if use.secrets:
        need("secrets", "secrets", "secrets.month", use.secrets)
        need("secrets", "reads of secrets", "secrets.10k_calls", servers * 0.1, used=True)
    logged = use.answered * MONTH * LOG_PER_REQUEST
    need("logs", "logs taken in", "logs.gb", logged, used=True)
    need("logs", "logs kept", "logs.gb_month", logged * LOG_MONTHS * 0.15, used=True)
    need("logs", "alarms", "alarms.month", ALARMS_PER_PART * use.parts)
    need("logs", "metrics", "metrics.month", METRICS_PER_PART * use.parts)
    if use.data:
        need("backup", "snapshots in the vault", "backup.gb_month", use.data * (1 + DAILY_CHANGE * longest(system)))
    return found


def monthly(wanted: Iterable[Need], catalog: Catalog, region: str) -> float:
    """What it costs there, USD a month: the sum of its lines, without making them."""
    return sum(quantity * price.usd for need in wanted for _, quantity, price in need.bought(catalog, region))


def lines_of(wanted: Iterable[Need], catalog: Catalog, region: str) -> dict[str, list[CostLine]]:
    """The bill of it there: component -> lines. What is free and nobody guessed is left out beside other lines."""
    lines: dict[str, list[CostLine]] = {}
    for need in wanted:
        made = used if need.used else line
        lines.setdefault(need.component, []).extend(made(*one) for one in need.bought(catalog, region))
    return {name: [one for one in some if one.unit_price or one.estimated] or some[:1] for name, some in lines.items()}


LOG_MONTHS = 3.0  # logs are kept 90 days, compressed to 15 %


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
