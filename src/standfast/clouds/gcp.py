"""Google Cloud: how its sizes are named, which of them a planner should buy, and its catalog.

The words of Google Cloud live here and its figures in `data/gcp/`; reading them is the same for every cloud
(`clouds/tables.py`). Names: Google "Machine families resource and comparison guide" (2026).
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from standfast.clouds.tables import FileCatalog

# Share of each of their two vCPUs that shared-core sizes may use all day: Google "General-purpose machine family",
# section "E2 shared-core machine types": micro 0.25, small 0.5, medium 1 vCPU in all (2026).
BASELINE = {
    "e2-micro": 0.125, "e2-small": 0.25, "e2-medium": 0.5,
    # Cloud SQL's shared cores, sold as 1 vCPU: "F1 micro" 0.2, "G1 small" 0.5 (Google "Compute Engine: N1", 2026)
    "db-f1-micro": 0.2, "db-g1-small": 0.5,
}  # fmt: skip

SERIES = ("c3", "c3d", "c4", "c4a", "c4d", "e2", "n2", "n2d", "n4", "n4a", "n4d", "t2d")
OLD = ("c2", "c2d", "f1", "g1", "n1", "t2a")  # Google sells newer ones for the same work
OFF_LINE = ("n2-highmem-128", "c4d-highcpu-2")  # have less memory per vCPU than their family, and cost less
SHAPES = ("standard", "highcpu", "highmem")
HOME = "us-central1"  # the region whose servers others are compared with
LEVEL = ("e2-standard", "e2-highmem", "n2-standard", "n2d-standard")  # sold nearly everywhere


class Size(NamedTuple):
    """The parts of `c4-highmem-8-lssd`: series c4, shape highmem, 8 vCPU (0 for shared cores), extras lssd."""

    series: str
    shape: str
    vcpu: int
    extras: str


_NAME = re.compile(r"([a-z]\d[a-z]?)-([a-z]+)(?:-(\d+)[a-z]?)?(?:-([a-z]+))?")
_CUSTOM = re.compile(r"db-custom-(\d+)-(\d+)")


def parse(name: str) -> Size | None:
    """Take a server's name apart; None when it is not of that form."""
    found = _NAME.fullmatch(name)
    if not found:
        return None
    series, shape, vcpu, extras = found.groups()
    return Size(series, shape, int(vcpu or 0), extras or "")


def refused(name: str) -> str:
    """Why a planner should not buy this server; empty when it may. docs/catalog.md explains the rule."""
    size = parse(name)
    if size is None or size.series not in (*SERIES, *OLD):
        return "special hardware (accelerators, local storage, network, very large memory)"
    if size.series in OLD:
        return "previous generation"
    if size.extras == "metal":
        return "bare metal"
    if size.extras:
        return "extras a plan does not use (local disk)"
    if size.shape not in SHAPES and name not in BASELINE:
        return "special hardware (accelerators, local storage, network, very large memory)"
    return ""


def baseline(name: str) -> float:
    """The share of each vCPU that can be used without end: below 1 only for shared cores."""
    return BASELINE.get(name, 1.0)


def family(name: str) -> str:
    """The sizes that have one price per vCPU: `n2-highmem`; shared cores and managed services by their product."""
    size = parse(name)
    if size is None:
        return name.partition("-")[0]
    return f"{size.series}-{size.shape if size.vcpu else 'shared'}"


def line(name: str) -> tuple[str, float] | None:
    """(family, factor): in a region, all sizes of a family have one price per factor. None where they have not."""
    custom = _CUSTOM.fullmatch(name)
    if custom:
        vcpu, megabytes = (int(part) for part in custom.groups())
        return f"db-custom of {megabytes / vcpu:.0f} MB per vCPU", float(vcpu)
    size = parse(name)
    return (family(name), float(size.vcpu)) if size and size.vcpu and name not in OFF_LINE else None


def windows_step(name: str) -> float:
    """What a Windows licence adds to an hour: nothing, Google sells it apart."""
    return 0.0


@cache
def load() -> FileCatalog:
    """The catalog of Google Cloud. Reads nothing yet."""
    return FileCatalog("gcp")
