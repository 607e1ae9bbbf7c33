"""Where a cloud copies what its managed stores hold to by itself: backups of databases, and caches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from standfast.clouds.tables import DATA, rows

# Whose databases send their archived log to another region: Amazon RDS "Replicating automated backups to another AWS
# Region", Azure Database "Geo-redundant backup"; Cloud SQL keeps its log beside the database (2026).
SHIPS_LOGS = ("aws", "azure")
# Regions that ElastiCache's Global Datastore joins (User Guide, "Global datastores: prerequisites and limitations",
# read 2026-11). Azure names none that its Managed Redis cannot be replicated from or to.
GLOBAL_DATASTORE = frozenset({
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2",
    "ca-central-1", "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1",
    "us-east-2", "us-west-1", "us-west-2",
})  # fmt: skip


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


def copies_caches(cloud: str, region: str, other: str) -> bool:
    """Whether what a Redis in `region` holds can follow to the region `other` of the same cloud."""
    return cloud != "aws" or {region, other} <= GLOBAL_DATASTORE
