"""The AWS Price List: one CSV per service and region, some of hundreds of megabytes, read line by line.

Format: AWS Billing User Guide, "Reading the service price list file for an AWS service" (2026): five rows of metadata,
then the names of the columns, then one row per price.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice

from standfast.clouds.refresh.quote import Missing, Quote, Wanted, number
from standfast.clouds.refresh.web import AGAIN, Web, host
from standfast.problem import Problem, Problems

ENDPOINT = "https://pricing.us-east-1.amazonaws.com"
METADATA = 20  # rows at most before the names of the columns; there are five
SHOWN_EVERY = 100_000  # rows

Row = Mapping[str, str]
COLUMNS = ("SKU", "TermType", "Unit", "PricePerUnit", "Currency", "Product Family", "Region Code")
_ENGINES = {"PostgreSQL": "postgres", "MySQL": "mysql", "Redis": "redis", "Valkey": "valkey"}
_DESIGNS = {"Single-AZ": "", "Multi-AZ": "-multi-az"}
_HOURS = ("Hrs", "Hours", "hours")


def _servers(row: Row) -> tuple[str, str] | None:
    """What a row of AmazonEC2 prices: Linux on shared machines, by the hour; NAT; disks."""
    family, usage = row["Product Family"], row.get("usageType", "")
    if family == "Compute Instance" and row["Unit"] in _HOURS:
        plain = {
            "Operating System": ("Linux",), "Tenancy": ("Shared",), "Pre Installed S/W": ("NA",),
            "CapacityStatus": ("Used",), "License Model": ("No License required", "NA", ""),
            "operation": ("RunInstances", ""), "MarketOption": ("OnDemand", ""),
        }  # fmt: skip
        fits = all(row.get(column, "") in values for column, values in plain.items())
        return ("server", row.get("Instance Type", "")) if fits else None
    if family == "NAT Gateway" and usage.endswith("NatGateway-Hours"):
        return "item", "nat.hour"
    if family == "NAT Gateway" and usage.endswith("NatGateway-Bytes"):
        return "item", "nat.gb"
    if family == "Storage" and row.get("Volume API Name") == "gp3" and row["Unit"] == "GB-Mo":
        return "item", "disk.gp3.gb_month"
    return None


def _databases(row: Row) -> tuple[str, str] | None:
    """What a row of AmazonRDS prices: instances of the two engines, and their disks."""
    family, design = row["Product Family"], _DESIGNS.get(row.get("Deployment Option", ""))
    if design is None:
        return None
    engine = row.get("Database Engine", "")
    if family == "Database Instance" and row["Unit"] in _HOURS and _ENGINES.get(engine) in ("postgres", "mysql"):
        return _ENGINES[engine] + design, row.get("Instance Type", "")
    disk = row.get("Volume Type") == "General Purpose-GP3" and row["Unit"] == "GB-Mo"
    if family == "Database Storage" and disk and engine in ("PostgreSQL", "Any"):
        return "item", "database.storage_multi_az.gb_month" if design else "database.storage.gb_month"
    return None


def _caches(row: Row) -> tuple[str, str] | None:
    kind = _ENGINES.get(row.get("Cache Engine", ""))
    if row["Product Family"] == "Cache Instance" and row["Unit"] in _HOURS and kind in ("redis", "valkey"):
        return kind, row.get("Instance Type", "")
    return None


OFFERS: dict[str, Callable[[Row], tuple[str, str] | None]] = {
    "AmazonEC2": _servers, "AmazonRDS": _databases, "AmazonElastiCache": _caches,
}  # fmt: skip


def read(web: Web, endpoint: str, regions: Collection[str], wanted: Wanted) -> Iterator[tuple[str, list[Quote]]]:
    """(region, prices) for each region. Raises Problems."""
    for region in regions:
        found: list[Quote] = []
        for offer, pick in OFFERS.items():
            web.step(f"{region}: {offer}")
            url = f"{endpoint}/offers/v1.0/aws/{offer}/current/{region}/index.csv"
            found += _quotes(web, url, offer, region, pick, wanted)
        yield region, found


def _quotes(
    web: Web, url: str, offer: str, region: str, pick: Callable[[Row], tuple[str, str] | None], wanted: Wanted
) -> Iterator[Quote]:
    reader = csv.reader(web.lines(url))
    metadata, columns = _head(reader, url)
    published = metadata.get("Publication Date", "")[:10] or wanted.today
    source = f"AWS Price List, {offer} version {metadata.get('Version', 'unknown')}"
    missing = Missing(f"the list of {offer}")
    term, at = columns.index("TermType"), columns.index("Region Code")
    for count, cells in enumerate(_rows(reader, url), start=1):
        if count % SHOWN_EVERY == 0:
            web.step(f"{region}: {offer}, {count:,} rows")
        if len(cells) <= max(term, at):
            missing.take({}, "SKU")
            continue
        if cells[term] != "OnDemand" or cells[at] != region:
            continue
        row = dict(zip(columns, cells, strict=False))
        if not missing.take(row, "SKU", "Unit", "PricePerUnit", "Product Family"):
            continue
        found, usd = pick(row), number(row["PricePerUnit"])
        if found and usd is not None and row["Currency"] == "USD" and (found[0] == "item" or found[1] in wanted.sizes):
            yield Quote(*found, usd, source, published)
    missing.check()


def _head(reader: Iterator[list[str]], url: str) -> tuple[dict[str, str], list[str]]:
    """The metadata, and the names of the columns."""
    metadata: dict[str, str] = {}
    for cells in islice(_rows(reader, url), METADATA):
        if cells and cells[0] == "SKU":
            lacking = [name for name in COLUMNS if name not in cells]
            if lacking:
                what = f"the price list of {host(url)} has no column {', '.join(lacking)}"
                raise Problems([Problem(what, "", "see whether a newer Standfast knows the list as it is now")])
            return metadata, cells
        if len(cells) == 2:
            metadata[cells[0]] = cells[1]
    raise Problems([Problem(f"{host(url)} sent something else than a price list", "no names of columns", AGAIN)])


def _rows(reader: Iterator[list[str]], url: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise Problems([Problem(f"{host(url)} sent a damaged price list", str(error), AGAIN)]) from error
