"""Which regions Azure pairs: only there does it copy backups by itself."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.data.databases import offsite
from standfast.blueprint.azure.site import Site
from standfast.problem import Problem

# Azure docs, "List of Azure regions" and "Azure paired regions", as of 2025-03-21: both ways, but for the one below.
_PAIRED = """\
australiaeast australiasoutheast
canadacentral canadaeast
centralindia southindia
centralus eastus2
eastasia southeastasia
eastus westus
francecentral francesouth
germanywestcentral germanynorth
japaneast japanwest
koreacentral koreasouth
northcentralus southcentralus
northeurope westeurope
norwayeast norwaywest
southafricanorth southafricawest
swedencentral swedensouth
switzerlandnorth switzerlandwest
uaenorth uaecentral
uksouth ukwest
westcentralus westus2
"""
PAIRS = {a: b for line in _PAIRED.splitlines() for a, b in (line.split(), line.split()[::-1])}
PAIRS["brazilsouth"] = "southcentralus"


def apart(site: Site) -> Iterator[Problem]:
    """A problem where backups should be copied to a region that Azure does not pair with this one."""
    there = site.plan.standby
    if there is None or not offsite(site) or PAIRS.get(site.plan.region) == there.region or not site.databases:
        return
    pair = PAIRS.get(site.plan.region)
    what = f"Azure does not copy backups from {site.plan.region} to {there.region}"
    why = f"it copies them to {pair} alone" if pair else f"{site.plan.region} has no region it is paired with"
    fix = "ask for a shorter rto for region, which a replica there keeps, or copy dumps there by a job of your own"
    yield Problem(what, why, fix, site.system.where("reliability.recovery.region"))
