"""A plan of elsewhere may want backups where Azure does not copy them: only to the paired region does it by itself."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure.data.databases import offsite
from standfast.blueprint.azure.site import Site
from standfast.clouds.pairs import copies_backups, pair_of
from standfast.problem import Problem


def apart(site: Site) -> Iterator[Problem]:
    """A problem where backups should be copied to a region that Azure does not pair with this one."""
    there = site.plan.standby
    if (
        there is None
        or not offsite(site)
        or copies_backups("azure", site.plan.region, there.region)
        or not site.databases
    ):
        return
    pair = pair_of("azure", site.plan.region)
    what = f"Azure does not copy backups from {site.plan.region} to {there.region}"
    why = f"it copies them to {pair} alone" if pair else f"{site.plan.region} has no region it is paired with"
    fix = "ask for a shorter rto for region, which a replica there keeps, or copy dumps there by a job of your own"
    yield Problem(what, why, fix, site.system.where("reliability.recovery.region"))
