"""Where a cloud copies the backups of its managed databases to by itself."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from standfast.clouds.tables import DATA, rows

# Whose databases send their archived log to another region: Amazon RDS "Replicating automated backups to another AWS
# Region", Azure Database "Geo-redundant backup"; Cloud SQL keeps its log beside the database (2026).
SHIPS_LOGS = ("aws", "azure")


@cache
def _pairs(cloud: str) -> Mapping[str, str]:
    return {row["region"]: row["pair"] for row in rows(DATA / "pairs.csv") if row["cloud"] == cloud}


def pair_of(cloud: str, region: str) -> str:
    """The one region that a paired region is copied to; "" where it has none."""
    return _pairs(cloud).get(region, "")


def copies_backups(cloud: str, region: str, other: str) -> bool:
    """Whether `region` can have its databases' backups copied to the region `other` of the same cloud.

    Azure copies to the paired region alone, the others to any.
    """
    return not _pairs(cloud) or pair_of(cloud, region) == other
