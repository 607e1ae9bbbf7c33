"""Where a system could stand: a region of a cloud, how many of its zones, the shape of its compute, its standby."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from standfast.clouds import Catalog, Region
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.spec.model import DATABASES, System

MOST_ZONES = 3
SHAPES = ("vm", "container", "kubernetes")
DESIGNS = ("backup", "log-shipping", "pilot-light", "warm-standby", "active-active")  # in the order of what they cost
DAY = 86_400.0
# Seconds that the copies in the other region are behind. Logs are archived every five minutes and copied in the next
# five: assumed, as RDS publishes no figure for its cross-region backups. Objects: 15 minutes (Amazon S3 User Guide, "S3
# Replication Time Control").
LOGS, OBJECTS = 600.0, 900.0
# What a Redis holds follows to a running standby only where a cloud copies it by itself, by design of the standby:
# ElastiCache's Global Datastore has one end that is written to, and leads there when a person says so; both ends of
# Azure Managed Redis' active geo-replication are written to. Memorystore for Redis copies nothing out of its region
# (decision 0097). Seconds behind: "typically under a second" (ElastiCache guide, "Replication across AWS Regions").
CACHES = {("aws", "warm-standby"), ("azure", "warm-standby"), ("azure", "active-active")}
CACHE = 1.0


@dataclass(frozen=True)
class Standby:
    """What stands in another region for the day the first is lost: one of DESIGNS, which plan/standby.py explains."""

    design: str
    catalog: Catalog
    region: Region

    @property
    def replicates(self) -> bool:
        """Whether a replica of each database runs there."""
        return DESIGNS.index(self.design) >= DESIGNS.index("pilot-light")


@dataclass(frozen=True)
class Place:
    """One group of the solver."""

    catalog: Catalog
    region: Region
    zones: int
    shape: str = "vm"
    standby: Standby | None = None

    @property
    def cloud(self) -> str:
        return self.catalog.cloud

    @property
    def way(self) -> str:
        """The cloud that the copies of a standby go through: both sites' own, or `apart` where they are on two."""
        return self.cloud if not self.standby or self.standby.catalog.cloud == self.cloud else "apart"

    def offsite(self, kind: str) -> float | None:
        """Seconds that the copy of a component's data in the other region is behind; None: there is no copy."""
        if self.standby is None:
            return None
        if kind == "redis":
            return CACHE if (self.way, self.standby.design) in CACHES else None
        if kind == "objects":
            return OBJECTS
        return LOGS if self.standby.design != "backup" and kind in DATABASES else DAY

    @property
    def name(self) -> str:
        behind = f"/{self.standby.design}" if self.standby else ""
        return f"{self.cloud}/{self.region.name}/{self.zones}/{self.shape}{behind}"

    @property
    def zone_names(self) -> tuple[str, ...]:
        """The availability zones as the cloud writes them: eu-west-1a; europe-west1-b; westeurope-1."""
        region = self.region.name
        if self.cloud == "azure":
            return tuple(f"{region}-{n + 1}" for n in range(self.zones))
        return tuple(f"{region}{'-' if self.cloud == 'gcp' else ''}{letter}" for letter in "abcdef"[: self.zones])


def shapes(system: System) -> tuple[str, ...]:
    """The shapes of compute that `rules.compute` leaves."""
    return SHAPES if system.rules.compute == "any" else (system.rules.compute,)


def places(system: System, catalogs: Iterable[Catalog]) -> list[Place]:
    """Every place that the rules leave, without standby. Raises Problems for a word nobody knows, or none left."""
    catalogs = tuple(catalogs)
    left = allowed(system, catalogs)
    return [
        Place(catalog, region, zones, shape)
        for catalog in catalogs
        for region in left[catalog.cloud]
        for zones in range(1, min(MOST_ZONES, max(1, region.zones)) + 1)
        for shape in shapes(system)
    ]


def allowed(system: System, catalogs: Iterable[Catalog]) -> Mapping[str, list[Region]]:
    """By cloud, the regions that `rules.regions` and `rules.residency` leave.

    Raises Problems for a region or residency nobody knows, and where none is left.
    """
    wanted, rules = system.rules.residency, system.rules
    regions = [region for catalog in catalogs for region in catalog.regions()]
    names = {region.name for region in regions}
    unknown = [name for name in rules.regions if name not in names]
    if unknown:
        place = system.where("rules.regions")
        raise Problems([Problem(f"no region {quoted(name)}", "", did_you_mean(name, names), place) for name in unknown])
    found: dict[str, list[Region]] = {catalog.cloud: [] for catalog in catalogs}
    for region in regions:
        if inside(wanted, region) and (not rules.regions or region.name in rules.regions):
            found[region.cloud].append(region)
    if not any(found.values()):
        known = {"any", "EU", "EEA"} | {region.country for region in regions} | {region.continent for region in regions}
        why = "no region of the candidate clouds is inside, or `regions` names only others"
        place = system.where("rules.residency")
        raise Problems(
            [Problem(f"residency {quoted(wanted)} leaves no region", why, did_you_mean(wanted, known), place)]
        )
    return found


def inside(residency: str, region: Region) -> bool:
    """Whether a region is inside: any, EU, EEA, a country (ISO 3166) or a continent."""
    word = residency.lower()
    if word in ("any", "eu", "eea"):
        return word == "any" or (region.eu if word == "eu" else region.eea)
    return residency.upper() == region.country or word == region.continent.lower()
