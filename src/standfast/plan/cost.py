"""The bill: every line from a price of the catalog, a quantity of the load, and usage assumptions by name.

`low` is a quiet month (autoscaled groups follow the daily traffic down to their least size) at the low end of each
price; `typical` is the declared load with every group at its planned size; `high` the high end of each price with
`BUSY_MONTH` times the declared traffic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from standfast.clouds import Catalog, Price
from standfast.plan.model import CostLine, Money
from standfast.plan.models.load import MONTH, Load
from standfast.spec.model import Assumption, System

Priced = Callable[[str], Price]  # the price of an item in the region at hand

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


def shared_lines(
    system: System, load: dict[str, Load], catalog: Catalog, region: str, zones: int, servers: int
) -> dict[str, list[CostLine]]:
    """The lines of the plan's own parts: component -> lines. `servers` is how many there are in all."""

    def price(item: str) -> Price:
        return catalog.price(region, item)

    public = [service for service in system.services if service.public]
    internal = [s for s in system.services if any(c.to == s.name for other in system.services for c in other.calls)]
    lines: dict[str, list[CostLine]] = {}
    if public:
        lines["balancer"] = list(_balancer(load, price, [s.name for s in public], "public"))
    if internal:
        lines.setdefault("balancer", []).extend(_balancer(load, price, [s.name for s in internal], "internal"))
    lines["network"] = [
        line("NAT gateways", zones * HOURS, price("nat.hour")),
        used("sent through NAT", servers * NAT_PER_SERVER, price("nat.gb")),
        line("public addresses", (2 * zones if public else zones) * HOURS, price("ipv4.hour")),
        used(
            "between zones, both ways", 2 * sum(one.cross_zone(zones) for one in load.values()), price("egress.zone.gb")
        ),
        *tiered(
            "to the internet", sum(one.egress for one in load.values()), catalog.tiers(region, "egress.internet.gb")
        ),
    ]
    served = [store for store in system.stores if store.cdn]
    if served:
        sent = sum(load[store.name].cdn for store in served)
        asked = sum(load[store.name].cdn_rate for store in served) * MONTH / 10_000
        lines["cdn"] = [
            *tiered("sent by the CDN", sent, catalog.tiers(region, "cdn.gb")),
            used("requests to the CDN", asked, price("cdn.10k_requests")),
        ]
    requests = system.promises.scalability.average * MONTH
    if system.promises.security.exposure == "public" and public:
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
    secrets = len({name for service in system.services for name in service.secrets}) + sum(
        store.kind in ("postgres", "mysql", "redis") for store in system.stores
    )
    if secrets:
        lines["secrets"] = [
            line("secrets", secrets, price("secrets.month")),
            used("reads of secrets", servers * 0.1, price("secrets.10k_calls")),
        ]
    return {**lines, **_kept(system, load, price)}


def _balancer(load: Mapping[str, Load], price: Priced, names: list[str], which: str) -> Iterator[CostLine]:
    """Capacity units: 25 new connections/s or 1 GB/h each (AWS "Elastic Load Balancing pricing", 2026)."""
    rate = sum(load[name].average for name in names)
    sent = sum(load[name].egress + load[name].internal for name in names) / HOURS
    units = max(rate / REQUESTS_PER_CONNECTION / 25, sent, 0.1)
    yield line(f"{which} balancer", HOURS, price("balancer.hour"))
    yield used(f"{which} balancer's load", units * HOURS, price("balancer.lcu_hour"))


def _kept(system: System, load: Mapping[str, Load], price: Priced) -> dict[str, list[CostLine]]:
    """Backups and logs."""
    data = sum(load[store.name].data for store in system.stores if store.kind in ("postgres", "mysql"))
    logged = sum(load[service.name].average * MONTH for service in system.services) * LOG_PER_REQUEST
    parts = len(system.services) + len(system.stores)
    lines = {
        "logs": [
            used("logs taken in", logged, price("logs.gb")),
            used("logs kept", logged * LOG_MONTHS * 0.15, price("logs.gb_month")),
            line("alarms", ALARMS_PER_PART * parts, price("alarms.month")),
            line("metrics", METRICS_PER_PART * parts, price("metrics.month")),
        ]
    }
    if data:
        kept = data * (1 + DAILY_CHANGE * BACKUP_DAYS)
        lines["backup"] = [line("snapshots in the vault", kept, price("backup.gb_month"))]
    return lines


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
