"""The Cloud Billing Catalog API of Google: JSON, 5,000 SKUs a page, with an API key from the environment.

Format: Google "Get publicly available Google Cloud pricing information" (2026). Google prices vCPUs and memory; sizes
are made of both. The key is sent in a header, to one host, and neither kept nor shown.
"""

from __future__ import annotations

import os
import re
import urllib.parse
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from standfast.clouds.refresh.quote import Missing, Quote, Wanted
from standfast.clouds.refresh.web import AGAIN, Web, host
from standfast.problem import Problem, Problems

ENDPOINT = "https://cloudbilling.googleapis.com"
KEY = "GOOGLE_API_KEY"
SOURCE = "Google Cloud Billing Catalog API"
MOST_PAGES = 200
SUM = "vCPUs times their price and GB times theirs"
BY_GB = "GB times their price"
SERVICES = ("Compute Engine", "Cloud SQL", "Cloud Memorystore for Redis")

_SERVER = re.compile(r"([A-Z]\d[A-Z]?)(?: AMD| Arm)? Instance (Core|Ram) running in .+")
_SQL = re.compile(
    r"Cloud SQL for (PostgreSQL|MySQL): (Zonal|Regional) - (vCPU|RAM|Micro instance|Small instance) in .+"
)
_REDIS = re.compile(r"Redis Capacity (Basic|Standard) (M[1-5])(?: .+)?")
_UNITS = {"Core": "h", "Ram": "GiBy.h", "vCPU": "h", "RAM": "GiBy.h", "Micro instance": "h", "Small instance": "h"}
_SHARED = {"db-f1-micro": "Micro instance", "db-g1-small": "Small instance"}
_DESIGNS = {"Zonal": "", "Regional": "-multi-az"}
_TIERS = {"Basic": "redis", "Standard": "redis-replicated"}

Parts = dict[tuple[str, ...], float]  # what is priced -> USD


def read(web: Web, endpoint: str, regions: Collection[str], wanted: Wanted) -> Iterator[tuple[str, list[Quote]]]:
    """(region, prices) for each region, after one reading of all SKUs. Raises Problems."""
    web = replace(web, headers={**web.headers, "X-Goog-Api-Key": _key()})
    parts: dict[str, Parts] = defaultdict(dict)
    known = {one.get("displayName"): one.get("name") for one in _pages(web, endpoint, "v1/services", "services")}
    for service in SERVICES:
        name = known.get(service)
        if not isinstance(name, str) or not re.fullmatch(r"services/[A-Z0-9-]+", name):
            what = f"{host(endpoint)} knows no service {service}"
            raise Problems([Problem(what, "", "see whether a newer Standfast knows it as it is called now")])
        missing = Missing(f"the list of {service}")
        for sku in _pages(web, endpoint, f"v1/{name}/skus", "skus"):
            if missing.take(sku, "description", "serviceRegions", "pricingInfo"):
                _take(sku, regions, parts)
        missing.check()
    for region in regions:
        yield region, list(_quotes(parts[region], wanted))


def _key() -> str:
    key = os.environ.get(KEY, "").strip()
    if not key:
        why = "Google answers only with an API key; it costs nothing and needs no billing account"
        fix = (
            "in the Google Cloud console enable the Cloud Billing API, then APIs & Services, Credentials, Create API "
            f"key; and: export {KEY}=..."
        )
        raise Problems([Problem(f"no API key of Google in {KEY}", why, fix)])
    if not re.fullmatch(r"[A-Za-z0-9_-]{10,200}", key):
        raise Problems([Problem(f"what {KEY} holds is not an API key", "", "copy it again from the console")])
    return key


def _pages(web: Web, endpoint: str, path: str, field: str) -> Iterator[dict[str, Any]]:
    """The entries of a list over all its pages."""
    token, seen = "", set()
    for page in range(1, MOST_PAGES + 1):
        query = {"pageSize": "5000", **({"currencyCode": "USD"} if field == "skus" else {})}
        query |= {"pageToken": token} if token else {}
        web.step(f"{path.removeprefix('v1/')}" + (f", page {page}" if page > 1 else ""))
        answer = web.json(f"{endpoint}/{path}?{urllib.parse.urlencode(query)}")
        entries = answer.get(field, [])
        if not isinstance(entries, list):
            raise Problems([Problem(f"{host(endpoint)} answered with something else than {field}", "", AGAIN)])
        yield from (one for one in entries if isinstance(one, dict))
        token = answer.get("nextPageToken") or ""
        if not token:
            return
        if not isinstance(token, str) or token in seen:
            break
        seen.add(token)
    raise Problems([Problem(f"{host(endpoint)} has no end of pages", "", AGAIN)])


def _take(sku: Mapping[str, Any], regions: Collection[str], parts: dict[str, Parts]) -> None:
    """Keep a SKU that prices something wanted, for every region it is sold in."""
    category = sku.get("category")
    if not isinstance(category, dict) or category.get("usageType") != "OnDemand":
        return
    found = next(filter(None, (form.fullmatch(str(sku["description"])) for form in (_SERVER, _SQL, _REDIS))), None)
    if not found:
        return
    usd = _rate(sku["pricingInfo"], _UNITS.get(found[found.re.groups], "GiBy.h"))
    there = sku["serviceRegions"] if isinstance(sku["serviceRegions"], list) else []
    for region in {one for one in there if isinstance(one, str)} & set(regions):
        if usd is not None:
            key = found.groups()
            before = parts[region].setdefault(key, usd)
            parts[region][key] = usd if before == usd else -1.0  # two prices for one thing: neither is taken


def _rate(info: Any, unit: str) -> float | None:
    """The one price of a SKU per `unit`; None where it has tiers, another unit or another currency."""
    try:
        expression = info[-1]["pricingExpression"]
        (rate,) = expression["tieredRates"]
        price = rate["unitPrice"]
        if expression["usageUnit"] != unit or price.get("currencyCode", "USD") != "USD":
            return None
        return int(price.get("units", 0)) + int(price.get("nanos", 0)) / 1e9
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _quotes(parts: Parts, wanted: Wanted) -> Iterator[Quote]:
    def of(*key: str) -> float | None:
        usd = parts.get(key)
        return usd if usd is not None and usd > 0 else None

    for name, size in wanted.sizes.items():
        custom = re.fullmatch(r"db-custom-(\d+)-(\d+)", name)
        redis = re.fullmatch(r"redis-(m\d)-(\d+)gb", name)
        series = re.fullmatch(r"([a-z]\d[a-z]?)-[a-z]+(?:-\d+)?", name)
        if custom or name in _SHARED:
            for engine in ("PostgreSQL", "MySQL"):
                for mode, design in _DESIGNS.items():
                    kind = ("postgres" if engine == "PostgreSQL" else "mysql") + design
                    if custom:
                        cpu, memory = of(engine, mode, "vCPU"), of(engine, mode, "RAM")
                        if cpu and memory:
                            usd = int(custom[1]) * cpu + int(custom[2]) / 1024 * memory
                            yield Quote(kind, name, usd, SOURCE, wanted.today, SUM)
                    elif stated := of(engine, mode, _SHARED[name]):
                        yield Quote(kind, name, stated, SOURCE, wanted.today)
        elif redis:
            for tier, kind in _TIERS.items():
                if each := of(tier, redis[1].upper()):
                    yield Quote(kind, name, int(redis[2]) * each, SOURCE, wanted.today, BY_GB)
        elif series:
            core, memory = of(series[1].upper(), "Core"), of(series[1].upper(), "Ram")
            if core and memory:  # of shared cores the baseline is what is charged
                usd = size.vcpu * size.baseline * core + size.memory * memory
                yield Quote("server", name, usd, SOURCE, wanted.today, SUM)
