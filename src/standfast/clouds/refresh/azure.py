"""The Azure Retail Prices API: JSON, a thousand prices a page, no key.

Format: Microsoft "Azure Retail Prices overview" (2026). Filters keep to one service in one region.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Collection, Iterator, Mapping
from math import isclose
from typing import Any

from standfast.clouds.azure import parse
from standfast.clouds.refresh.quote import Missing, Quote, Wanted, number
from standfast.clouds.refresh.web import AGAIN, Web, host
from standfast.problem import Problem, Problems

ENDPOINT = "https://prices.azure.com"
MOST_PAGES = 200
SOURCE = "Azure Retail Prices API"
STANDBY = "the price for one server; a standby in another zone is a second one"
PER_VCORE = "the price of a vCore"

_DATABASE = re.compile(
    r".* Flexible Server (Burstable|General Purpose|Memory Optimized|Business Critical)(?: -)? ?(\w+) Series Compute"
)
_TIERS = {"Burstable": "B", "General Purpose": "GP", "Memory Optimized": "MO", "Business Critical": "MO"}
_CACHE = re.compile(r"Azure Managed Redis - (Balanced|Memory Optimized|Compute Optimized)")
_VCORES = re.compile(r"(?:(\d+) )?vCore")
SERVICES = {
    "Virtual Machines": "server", "Azure Database for PostgreSQL": "postgres", "Azure Database for MySQL": "mysql",
    "Redis Cache": "redis",
}  # fmt: skip

Item = Mapping[str, Any]


def read(web: Web, endpoint: str, regions: Collection[str], wanted: Wanted) -> Iterator[tuple[str, list[Quote]]]:
    """(region, prices) for each region. Raises Problems."""
    for region in regions:
        found: list[Quote] = []
        for service, kind in SERVICES.items():
            items = list(_items(web, endpoint, service, region))
            if kind == "server":
                found += _servers(items, wanted)
            elif kind == "redis":
                found += _caches(items, wanted)
            else:
                found += _databases(items, kind, wanted)
        yield region, found


def _items(web: Web, endpoint: str, service: str, region: str) -> Iterator[Item]:
    """The prices by the hour of one service in one region, over all pages."""
    wanted = f"serviceName eq '{service}' and armRegionName eq '{region}' and priceType eq 'Consumption'"
    query = urllib.parse.urlencode({"currencyCode": "USD", "$filter": wanted}, safe="$'", quote_via=urllib.parse.quote)
    path, missing = f"/api/retail/prices?{query}", Missing(f"the list of {service}")
    for page in range(1, MOST_PAGES + 1):
        web.step(f"{region}: {service}" + (f", page {page}" if page > 1 else ""))
        answer = web.json(endpoint + path)
        items = answer.get("Items")
        if not isinstance(items, list) or answer.get("BillingCurrency", "USD") != "USD":
            raise Problems([Problem(f"{host(endpoint)} answered with something else than prices in USD", "", AGAIN)])
        for item in items:
            fields = ("armRegionName", "productName", "skuName", "unitOfMeasure", "type")
            if not isinstance(item, dict) or not missing.take(item, *fields, of=lambda one: isinstance(one, str)):
                continue
            hourly = item["unitOfMeasure"] == "1 Hour" and item["type"] == "Consumption"
            if hourly and item["armRegionName"] == region:
                yield item
        path = _next(answer.get("NextPageLink"), path, endpoint)
        if not path:
            missing.check()
            return
    raise Problems([Problem(f"{host(endpoint)} has no end of pages", f"more than {MOST_PAGES}", AGAIN)])


def _next(link: Any, path: str, endpoint: str) -> str:
    """The path of the next page; the host stays the one that was asked."""
    if not link:
        return ""
    parts = urllib.parse.urlsplit(link) if isinstance(link, str) else None
    if parts is None or not parts.path.startswith("/api/retail/prices"):
        raise Problems([Problem(f"{host(endpoint)} leads to a page that is none", "", AGAIN)])
    following = f"{parts.path}?{parts.query}"
    if following == path:
        raise Problems([Problem(f"{host(endpoint)} leads to the same page again", "", AGAIN)])
    return following.replace(" ", "%20")


def _quote(kind: str, name: str, usd: float, wanted: Wanted, note: str = "") -> Quote:
    return Quote(kind, name, usd, SOURCE, wanted.today, note)


def _servers(items: Collection[Item], wanted: Wanted) -> Iterator[Quote]:
    """Linux at the plain price: no Windows, no spot, nothing of the old cloud services."""
    for item in items:
        name, usd = item.get("armSkuName"), number(item.get("retailPrice"))
        product, sku = item["productName"], f"{item['skuName']} {item.get('meterName', '')}"
        other = product.endswith(("Windows", "CloudServices", "Cloud Services")) or "Dedicated Host" in product
        if name in wanted.sizes and usd is not None and not other and not re.search("Spot|Low Priority", sku):
            yield _quote("server", str(name), usd, wanted)


def _caches(items: Collection[Item], wanted: Wanted) -> Iterator[Quote]:
    for item in items:
        tier, usd = _CACHE.fullmatch(item["productName"]), number(item.get("retailPrice"))
        name = f"{tier[1].replace(' ', '')}_{item['skuName']}" if tier else ""
        if name in wanted.sizes and usd is not None:
            yield _quote("redis", name, usd, wanted)


def _databases(items: Collection[Item], kind: str, wanted: Wanted) -> Iterator[Quote]:
    """A series by its price per vCore; burstable sizes by their own. A standby is a second server."""
    series: dict[tuple[str, str], dict[int, set[float]]] = {}
    for item in items:
        found, usd = _DATABASE.fullmatch(item["productName"]), number(item.get("retailPrice"))
        if not found or usd is None:
            continue
        tier, vcores = _TIERS[found[1]], _VCORES.fullmatch(item["skuName"])
        name = next((one for one in wanted.sizes if one.upper() == f"B_STANDARD_{item['skuName'].upper()}"), "")
        if vcores:
            series.setdefault((tier, found[2]), {}).setdefault(int(vcores[1] or 1), set()).add(usd)
        elif name:
            yield _quote(kind, name, usd, wanted)
    for (tier, called), prices in series.items():
        each = per_vcore(prices)
        for name in wanted.sizes if each else ():
            size = parse(name) if name.startswith(f"{tier}_Standard_") else None
            if each and size and size.family.replace("_", "").lower() == called.lower():
                yield _quote(kind, name, each * size.vcpu, wanted, PER_VCORE)
                yield _quote(f"{kind}-multi-az", name, 2 * each * size.vcpu, wanted, STANDBY)


def per_vcore(prices: Mapping[int, Collection[float]]) -> float | None:
    """The price of a vCore from those of `1 vCore`, `4 vCore` ...; None where they do not say it without doubt.

    Some series state the price of one vCore under each count, others that of all; only several counts tell which.
    """
    if any(len(usd) != 1 for usd in prices.values()):
        return None
    stated = {count: next(iter(usd)) for count, usd in prices.items()}
    whole = [usd / count for count, usd in stated.items()]
    for candidates in (whole, list(stated.values())):
        told = len(stated) > 1 or 1 in stated
        if told and all(isclose(one, candidates[0], rel_tol=0.01) for one in candidates):
            return stated.get(1, candidates[0])
    return None
