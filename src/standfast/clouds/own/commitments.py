"""What one or three years of commitment take off a price: data/commitments.csv, with its band and source."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from standfast.clouds.tables import DATA, rows

ON_DEMAND = "on-demand"
TERMS = (ON_DEMAND, "1y", "3y")  # the words of `rules.commitment`
FILE = DATA / "commitments.csv"

# How commitments are sold: what a kind on a shelf, or the first word of a unit price, counts as.
SOLD_AS = {
    "server": "server",
    **dict.fromkeys(("postgres", "postgres-multi-az", "mysql", "mysql-multi-az"), "database"),
    **dict.fromkeys(("redis", "valkey"), "cache"),
    "container": "container",
}


@dataclass(frozen=True)
class Commitment:
    """A factor of the on-demand price for `term` ("1y", "3y"); `low` and `high` are its band."""

    cloud: str
    kind: str  # server | database | cache | container
    term: str
    factor: float
    low: float
    high: float
    burstable: bool  # whether burstable sizes are covered, too
    quality: str  # one of QUALITIES
    source: str
    date: str


@cache
def commitments(cloud: str, term: str) -> Mapping[str, Commitment]:
    """What a cloud gives for a term, by kind. Empty on demand."""
    found = (
        Commitment(
            row["cloud"], row["kind"], row["term"], float(row["factor"]), float(row["low"]), float(row["high"]),
            row["burstable"] == "yes", row["quality"], row["source"], row["date"],
        )
        for row in rows(FILE)
    )  # fmt: skip
    return {one.kind: one for one in found if one.cloud == cloud and one.term == term}


@cache
def hash_of_file() -> str:
    return hashlib.sha256(FILE.read_bytes()).hexdigest()
