"""The AWS catalog: one file of prices per region, read when that region is asked for."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from importlib.resources import files

import numpy as np

from standfast.clouds.distance import kilometres, round_trip
from standfast.clouds.model import Price, Region, Shelf, Sla
from standfast.problem import Problem, Problems, did_you_mean, quoted

DATA = files("standfast.clouds") / "data" / "aws"
KINDS = ("server", "postgres", "postgres-multi-az", "mysql", "mysql-multi-az", "redis")
TIERS = (0, 10_240, 51_200, 153_600)  # GB a month at which traffic to the internet gets cheaper

# How far the true price may lie from the shown one, by how it is known. `estimated`: scaled from another region;
# on 1,584 RDS prices that were known, such a scaling was off by 0.9 % (median) and 21 % (90th percentile).
BAND = {"exact": 0.0, "observed": 0.05, "derived": 0.10, "estimated": 0.21}

# Share of a vCPU that a burstable size may use for ever ("Burstable performance instances", Amazon EC2 User Guide,
# 2026): production load is sustained, so this is its speed.
BASELINE = {"nano": 0.05, "micro": 0.10, "small": 0.20, "medium": 0.20, "large": 0.30, "xlarge": 0.40, "2xlarge": 0.40}
SIZE = re.compile(r"(?:db\.|cache\.)?([a-z0-9-]+)\.(\w+)")
ACCESS_NETWORK = 0.010  # s: round trip inside the user's own network, assumed


def load() -> Aws:
    return _catalog()


@lru_cache(maxsize=1)
def _catalog() -> Aws:
    return Aws()


def _rows(name: str) -> list[list[str]]:
    """The rows of a data file without its head."""
    raw = (DATA / name).read_bytes()
    text = gzip.decompress(raw).decode() if name.endswith(".gz") else raw.decode()
    return list(csv.reader(text.splitlines()))[1:]


class Aws:
    """AWS as a `Catalog`. Files are read once, when they are first needed."""

    cloud = "aws"

    def __init__(self) -> None:
        self._files: dict[str, dict[str, list[list[str]]]] = {}
        self._shelves: dict[tuple[str, str], Shelf] = {}

    @lru_cache(maxsize=1)  # noqa: B019 - one catalog lives as long as the process
    def regions(self) -> tuple[Region, ...]:
        return tuple(
            Region(
                "aws", name, title, country, continent, eu == "yes", eea == "yes", float(lat), float(lon), int(zones)
            )
            for name, title, country, continent, eu, eea, lat, lon, zones in sorted(_rows("regions.csv"))
        )

    def region(self, name: str) -> Region:
        """The region called `name`. Raises Problems for one that has no prices."""
        known = {region.name: region for region in self.regions()}
        if name not in known:
            raise Problems([Problem(f"AWS has no region {quoted(name)} here", fix=did_you_mean(name, known))])
        return known[name]

    def shelf(self, region: str, kind: str) -> Shelf:
        key = (region, kind)
        if key not in self._shelves:
            self._shelves[key] = self._shelf(region, kind, self._kinds(region).get(kind, []))
        return self._shelves[key]

    def price(self, region: str, item: str) -> Price:
        row = next((row for row in self._kinds(region).get("item", []) if row[1] == item), None)
        if row is None:
            known = [row[1] for row in self._kinds(region).get("item", [])]
            raise Problems([Problem(f"no price for {quoted(item)} in {region}", fix=did_you_mean(item, known))])
        usd, band = float(row[4]), BAND[row[5]]
        return Price(item, usd, row[2], usd * (1 - band), usd * (1 + band), row[5], self._sources[row[6]], row[7])

    def prices(self, region: str) -> list[Price]:
        """Every unit price of a region, by name."""
        return [self.price(region, row[1]) for row in self._kinds(region).get("item", [])]

    def sla(self, item: str) -> Sla:
        for row in self._slas:
            if row[0] == item:
                return Sla(item, row[1], float(row[2]) / 100, row[3], row[4], row[5] == "yes")
        raise Problems([Problem(f"no SLA for {quoted(item)}", fix=did_you_mean(item, [row[0] for row in self._slas]))])

    def rtt(self, country: str, region: str) -> tuple[float, bool]:
        """Seconds; measured (True) when AWS has a region in the user's country, else from the distance."""
        at_home = [one.name for one in self.regions() if one.country == country]
        known = [self._latency[home, region] for home in at_home if (home, region) in self._latency]
        if known:
            return min(known) + ACCESS_NETWORK, True
        place = self._countries.get(country)
        if place is None:
            raise Problems([Problem(f"unknown country {quoted(country)}", fix=did_you_mean(country, self._countries))])
        here = self.region(region)
        return round_trip(kilometres(*place, here.latitude, here.longitude)) + ACCESS_NETWORK, False

    def rtt_between(self, a: str, b: str) -> tuple[float, bool]:
        """Seconds between two regions; measured where it is known, else from the distance."""
        if (a, b) in self._latency:
            return self._latency[a, b], True
        one, other = self.region(a), self.region(b)
        return round_trip(kilometres(one.latitude, one.longitude, other.latitude, other.longitude)), False

    def facts(self) -> Mapping[str, str]:
        lock, oldest, newest = (DATA / "LOCK").read_text().split()
        return {"lock": lock, "oldest": oldest, "newest": newest}

    def _kinds(self, region: str) -> dict[str, list[list[str]]]:
        """The rows of one region's file by their kind."""
        if region not in self._files:
            self.region(region)
            kinds: dict[str, list[list[str]]] = {}
            for row in _rows(f"{region}.csv.gz"):
                kinds.setdefault(row[0], []).append(row)
            self._files[region] = kinds
        return self._files[region]

    def _shelf(self, region: str, kind: str, rows: Iterable[list[str]]) -> Shelf:
        columns = list(zip(*rows, strict=True)) or [()] * 8
        _, names, vcpu, memory, usd, quality, source, date = columns
        sizes = [SIZE.fullmatch(name).groups() for name in names]  # type: ignore[union-attr]
        price = np.array(usd, dtype=float)
        band = np.array([BAND[one] for one in quality], dtype=float)
        burst = np.array([family.startswith("t") for family, _ in sizes], dtype=bool)
        speed, measured = self._speed(sizes)
        return Shelf(
            "aws", region, kind, np.array(names), np.array(vcpu, dtype=float), np.array(memory, dtype=float), price,
            price * (1 - band), price * (1 + band), np.array([arch(family) for family, _ in sizes]), burst, speed,
            measured, np.array(quality), np.array([self._sources[one] for one in source]), np.array(date),
        )  # fmt: skip

    def _speed(self, sizes: list[tuple[str, str]]) -> tuple[np.ndarray, np.ndarray]:
        """Speed per vCPU relative to the reference core, and whether the family was measured."""
        middle = float(np.median(list(self._speeds.values())))
        speed = [
            self._speeds.get(family, middle) * (BASELINE.get(size, 0.4) if family.startswith("t") else 1.0)
            for family, size in sizes
        ]
        return np.array(speed, dtype=float), np.array([family in self._speeds for family, _ in sizes], dtype=bool)

    @cached_property
    def _sources(self) -> dict[str, str]:
        return dict(_rows("sources.csv"))

    @cached_property
    def _speeds(self) -> dict[str, float]:
        return {family: float(speed) for family, speed, *_ in _rows("speeds.csv")}

    @cached_property
    def _slas(self) -> list[list[str]]:
        return _rows("slas.csv")

    @cached_property
    def _latency(self) -> dict[tuple[str, str], float]:
        return {(a, b): float(ms) / 1000 for a, b, ms, *_ in _rows("latency.csv.gz")}

    @cached_property
    def _countries(self) -> dict[str, tuple[float, float]]:
        return {code: (float(lat), float(lon)) for code, _, lat, lon, _ in _rows("countries.csv")}


def arch(family: str) -> str:
    """Graviton families carry a `g` behind their generation."""
    return "arm64" if re.match(r"[a-z]+\d+g", family) else "x86_64"
