"""Azure: how its sizes are named, which of them a planner should buy, and its catalog.

The words of Azure live here and its figures in `data/azure/`; reading them is the same for every cloud
(`clouds/tables.py`). Names: Microsoft "Azure virtual machine sizes naming conventions" (2026).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from standfast.clouds.tables import FileCatalog

# Share of each vCPU that a burstable size may use all day: Microsoft "Bsv2-series", "Basv2-series", "Bpsv2-series",
# column "Base CPU Performance of VM (%)" (2026), by memory: t tiny, l low, the rest.
BASELINE = {"t": 0.20, "l": 0.30, "": 0.40}
# The same of the first B series, which databases still run on: "B-series", base performance divided by vCPUs (2026).
BASELINE_V1 = {
    "B1ls": 0.05, "B1s": 0.10, "B1ms": 0.20, "B2s": 0.20, "B2ms": 0.30, "B4ms": 0.225, "B8ms": 0.16875,
    "B12ms": 0.16875, "B16ms": 0.16875, "B20ms": 0.16875,
}  # fmt: skip

OLDEST_GENERATION = 5  # of D and E; a v4 costs what its v5 does, and those before are "previous generation sizes"
OLDEST_BURSTABLE = 2
OLDEST_COMPUTE = 6

HOME = "eastus"  # the region whose servers others are compared with
LEVEL = ("Ds_v5", "Es_v5", "Das_v5", "Eas_v5")  # sold nearly everywhere: what a region costs in general
WINDOWS_STEP = 0.046  # USD per vCPU and hour of a Windows licence, found as exactly this in dumps of Linux prices
WINDOWS_STEP_BURSTABLE = 0.0046  # of B v2


class Size(NamedTuple):
    """The parts of `Standard_D4ads_v5`: series D, 4 vCPU, letters ads, generation 5."""

    series: str
    vcpu: int
    constrained: bool  # `D8-4`: half of the vCPUs are switched off, and paid for
    letters: str  # a AMD, p Arm, d local disk, s premium disks, l less memory, m more, i isolated, b disk bandwidth
    extras: str  # an accelerator or the like between underscores
    generation: int

    @property
    def family(self) -> str:
        return f"{self.series}{self.letters}" + (f"_v{self.generation}" if self.generation > 1 else "")


_NAME = re.compile(r"(?:(?:B|GP|MO)_)?Standard_([A-Z]+)(\d+)(-\d+)?([a-z]*)((?:_[A-Za-z0-9]+?)*?)(?:_v(\d+))?")
_CACHE = re.compile(r"([A-Z][A-Za-z]+)_[A-Z](\d+)")  # Balanced_B5, MemoryOptimized_M10


def parse(name: str) -> Size | None:
    """Take a size's name apart; None when it is not of that form. `GP_`, `MO_` and `B_` of databases are left out."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    series, vcpu, constrained, letters, extras, generation = found.groups()
    return Size(series, int(vcpu), bool(constrained), letters, extras, int(generation or 1))


def refused(name: str) -> str:
    """Why a planner should not buy this server; empty when it may. docs/catalog.md explains the rule."""
    size = parse(name)
    if size is None or size.series not in ("B", "D", "E", "F") or size.extras:
        return "special hardware (accelerators, confidential computing, local storage, very large memory)"
    oldest = {"B": OLDEST_BURSTABLE, "F": OLDEST_COMPUTE}.get(size.series, OLDEST_GENERATION)
    if size.generation < oldest:
        return "previous generation"
    if size.constrained:
        return "vCPUs that are paid for and switched off"
    if "s" not in size.letters:
        return "no premium disks, which the SLA for one server asks for"
    if set(size.letters) - set("apslt"):
        return "extras a plan does not use (local disk, isolation, disk bandwidth, more memory)"
    return ""


def baseline(name: str) -> float:
    """The share of each vCPU that can be used without end: below 1 only for burstable sizes."""
    size = parse(name)
    if size is None or size.series != "B":
        return 1.0
    if size.generation == 1:
        return BASELINE_V1.get(f"B{size.vcpu}{size.letters}", BASELINE["t"])
    return BASELINE["t" if "t" in size.letters else "l" if "l" in size.letters else ""]


def family(name: str) -> str:
    """The sizes that are slices of one machine: `Dads_v5`; of a cache the tier; of nothing else."""
    size = parse(name)
    found = _CACHE.fullmatch(name)
    return size.family if size else found[1] if found else ""


def line(name: str) -> tuple[str, float] | None:
    """(family, factor): in a region, all sizes of a family have one price per factor. None where they have not."""
    size = parse(name)
    if size is None or size.constrained or size.generation == 1:
        return None
    if size.series == "B" and size.vcpu == 2 and "l" in size.letters:
        return None  # Microsoft sells the smallest of the low-memory B series at half of the others' price per vCPU
    return name.rpartition("Standard_")[0] + size.family, float(size.vcpu)


def windows_step(name: str) -> float:
    """What a Windows licence adds to an hour of this size."""
    size = parse(name)
    if size is None:
        return 0.0
    return size.vcpu * (WINDOWS_STEP_BURSTABLE if size.series == "B" and size.generation > 1 else WINDOWS_STEP)


@cache
def load() -> FileCatalog:
    """The catalog of Azure. Reads nothing yet."""
    return FileCatalog("azure")
