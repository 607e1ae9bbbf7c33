"""What can be bought: regions, shelves of offers, unit prices, published SLAs. Every number has source and date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

QUALITIES = ("exact", "observed", "derived", "estimated")  # how a price is known, best first


@dataclass(frozen=True)
class Region:
    cloud: str
    name: str
    title: str
    country: str  # ISO 3166, two capitals
    continent: str
    eu: bool
    eea: bool
    latitude: float
    longitude: float
    zones: int


@dataclass(frozen=True)
class Price:
    """USD for one `unit` of `item`. `low` and `high` are the band that its quality leaves open."""

    item: str
    usd: float
    unit: str
    low: float
    high: float
    quality: str  # one of QUALITIES
    source: str
    date: str


@dataclass(frozen=True)
class Offer:
    """One thing for sale in one region, per hour."""

    cloud: str
    region: str
    kind: str
    name: str
    vcpu: float
    memory: float  # GiB
    arch: str  # x86_64 | arm64
    burstable: bool
    speed: float  # of one core, relative to the reference core
    price: Price


@dataclass(frozen=True)
class Shelf:
    """All offers of one kind in one region as columns of equal length (numpy arrays), cheapest first.

    `kind`: `server`, `postgres`, `postgres-multi-az`, `mysql`, `mysql-multi-az`, `redis`, `valkey` (one node),
    `redis-replicated`, `valkey-replicated` (two nodes in two zones). Empty where a cloud does not sell the kind.
    `usd_hour` is typical; `low` and `high` the band. `speed` is per core, relative to the reference core; a
    server nobody measured has the median of its family and `speed_measured` False.
    """

    cloud: str
    region: str
    kind: str
    name: np.ndarray
    vcpu: np.ndarray
    memory: np.ndarray
    usd_hour: np.ndarray
    low: np.ndarray
    high: np.ndarray
    arch: np.ndarray
    burstable: np.ndarray
    speed: np.ndarray
    speed_measured: np.ndarray
    quality: np.ndarray
    source: np.ndarray
    date: np.ndarray

    def __len__(self) -> int:
        return len(self.name)

    def offer(self, row: int) -> Offer:
        name = str(self.name[row])
        price = Price(
            f"{self.kind}.{name}", float(self.usd_hour[row]), "hour", float(self.low[row]), float(self.high[row]),
            str(self.quality[row]), str(self.source[row]), str(self.date[row]),
        )  # fmt: skip
        return Offer(
            self.cloud, self.region, self.kind, name, float(self.vcpu[row]), float(self.memory[row]),
            str(self.arch[row]), bool(self.burstable[row]), float(self.speed[row]), price,
        )  # fmt: skip


@dataclass(frozen=True)
class Sla:
    """A published monthly uptime, as a fraction. A refund promise of the seller, not a measurement.

    `assumed`: no published figure was found; the value is ours and is shown as an assumption.
    """

    item: str
    condition: str
    uptime: float
    source: str
    date: str
    assumed: bool = False


class Words(Protocol):
    """How a cloud names what it sells: what a cloud's module has beside its catalog."""

    HOME: str
    """The region that others are compared with."""

    LEVEL: tuple[str, ...]
    """Families of servers that are sold nearly everywhere: what a region costs in general."""

    def refused(self, name: str, /) -> str:
        """Why a planner should not buy this server; empty when it may."""
        ...

    def baseline(self, name: str, /) -> float:
        """The share of each vCPU that can be used without end."""
        ...

    def family(self, name: str, /) -> str:
        """What a size's processor and price are told by: `m5` of m5.large."""
        ...

    def line(self, name: str, /) -> tuple[str, float] | None:
        """(family, factor): all sizes of a family have one price per factor in a region; None where they have not."""
        ...

    def windows_step(self, name: str, /) -> float:
        """USD that a Windows licence adds to an hour, where price dumps mix such prices in; else 0."""
        ...


class Catalog(Protocol):
    """One cloud's offers. A module in this folder has `def load() -> Catalog`; the folder is the register."""

    cloud: str

    def regions(self) -> tuple[Region, ...]:
        """Every region that has prices, sorted by name."""
        ...

    def region(self, name: str) -> Region:
        """The region of that name. Raises Problems for one without prices."""
        ...

    def shelf(self, region: str, kind: str) -> Shelf:
        """The offers of a kind in a region; may be empty. Reads that region's file and no other."""
        ...

    def price(self, region: str, item: str) -> Price:
        """A unit price (`nat.hour`, `egress.internet.gb` …). Raises Problems for an item nobody sells."""
        ...

    def prices(self, region: str) -> tuple[Price, ...]:
        """Every unit price of a region, by name."""
        ...

    def tiers(self, region: str, item: str) -> tuple[tuple[float, Price], ...]:
        """(first unit of the tier in a month, price) in rising order, the first from 0; one pair where it is flat."""
        ...

    def sla(self, item: str) -> Sla:
        """The published uptime of `server.single`, `server.multi-zone`, `postgres.multi-az`, `balancer` …"""
        ...

    def rtt(self, country: str, region: str) -> tuple[float, bool]:
        """Seconds of round trip between users of a country and a region; True where it was measured."""
        ...

    def rtt_between(self, one: str, other: str) -> tuple[float, bool]:
        """Seconds of round trip between two regions; True where it was measured."""
        ...

    def cdn_zone(self, country: str) -> str:
        """The price area of the CDN for users of a country: `europe` means `cdn.gb.europe`."""
        ...

    def product(self, part: str) -> str:
        """What a part of a plan (`balancer`, `network`, `cdn`, `objects` …) is called on this cloud."""
        ...

    def facts(self) -> Mapping[str, str]:
        """`lock` (hash of all data files), `oldest` and `newest` price date."""
        ...
