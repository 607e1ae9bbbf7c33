"""AWS: how its sizes are named, which of them a planner should buy, and its catalog.

The words of AWS live here and its figures in `data/aws/`; reading them is the same for every cloud
(`clouds/tables.py`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from standfast.clouds.tables import FileCatalog

# Share of each vCPU that a burstable size may use all day: Amazon EC2 User Guide, "Key concepts and definitions
# for burstable performance instances" (T3, T3a and T4g alike); flex families: EC2 User Guide, "Flex instances".
# Production load is sustained, so this is what a plan may count on; bursts above it are a reserve.
BASELINE = {"nano": 0.05, "micro": 0.1, "small": 0.2, "medium": 0.2, "large": 0.3, "xlarge": 0.4, "2xlarge": 0.4}
FLEX_BASELINE = 0.4

# Amazon EC2 User Guide, "Instance size flexibility": the normalization factor of each size. A family's price per
# factor is one number, which is how a price that does not belong there is found.
FACTORS = {"nano": 0.25, "micro": 0.5, "small": 1.0, "medium": 2.0, "large": 4.0, "xlarge": 8.0}

HOME = "us-east-1"  # the region whose servers others are compared with
# What a region costs in general is read off the families that are sold nearly everywhere at the list price. Others
# mislead: in India servers with Graviton and AMD processors cost 0.65 of what those in Virginia do, and NAT 1.2.
LEVEL = ("c5", "m5", "r5", "t3")

OLDEST_GENERATION = 5  # of c, m, r; Amazon lists the generations before as "previous generation"
OLDEST_BURSTABLE = 3


class Size(NamedTuple):
    """The parts of `c7i-flex.2xlarge`: family c7i-flex, series c, generation 7, processor i, size 2xlarge."""

    family: str
    series: str
    generation: int
    processor: str  # i Intel, a AMD, g Graviton; "" before generation 6 (Intel)
    extras: str  # d local disk, n network, b block storage, e extra memory or disk, z high clock
    flex: bool
    size: str


_NAME = re.compile(r"(?:db\.|cache\.)?(([a-z]+)(\d+)([iag]?)([a-z]*)((?:-flex)?))\.([a-z0-9-]+)")


def parse(name: str) -> Size | None:
    """Take a size's name apart; None when it is not a name of that form. `db.` and `cache.` are left out."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    family, series, generation, processor, extras, flex, size = found.groups()
    return Size(family, series, int(generation), processor, extras, bool(flex), size)


def refused(name: str) -> str:
    """Why a planner should not buy this server; empty when it may. docs/catalog.md explains the rule."""
    size = parse(name)
    if size is None or size.series not in ("c", "m", "r", "t"):
        return "special hardware (accelerators, local storage, very large memory)"
    if size.size.startswith("metal"):
        return "bare metal"
    if size.generation < (OLDEST_BURSTABLE if size.series == "t" else OLDEST_GENERATION):
        return "previous generation"
    if size.extras:
        return "extras a plan does not use (local disk, network or storage bandwidth, clock)"
    return ""


def baseline(name: str) -> float:
    """The share of each vCPU that can be used without end: below 1 only for burstable and flex sizes."""
    size = parse(name)
    if size is None:
        return 1.0
    if size.flex:
        return FLEX_BASELINE
    return BASELINE[size.size] if size.series == "t" else 1.0


def factor(name: str) -> float | None:
    """The normalization factor of a size: large 4, xlarge 8, 2xlarge 16 ...; None where AWS has none (metal)."""
    size = name.rpartition(".")[2]
    if size in FACTORS:
        return FACTORS[size]
    found = re.fullmatch(r"(\d+)xlarge", size)
    return 8.0 * int(found[1]) if found else None


def family(name: str) -> str:
    """The sizes that are slices of one machine: `m5` of m5.large and of db.m5.large."""
    size = parse(name)
    return size.family if size else name.partition(".")[0]


def line(name: str) -> tuple[str, float] | None:
    """(family, factor): in a region, all sizes of a family have one price per factor. None where they have not."""
    size = factor(name)
    return (name.rpartition(".")[0], size) if size else None


def windows_step(name: str) -> float:
    """What a Windows licence adds to an hour: nothing, the dumps of AWS prices hold no such rows."""
    return 0.0


@cache
def load() -> FileCatalog:
    """The catalog of AWS. Reads nothing yet."""
    return FileCatalog("aws")
