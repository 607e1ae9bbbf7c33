"""What one or three years of commitment take off a price: data/commitments.csv, with its band and source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from standfast.clouds.tables import DATA, rows

ON_DEMAND = "on-demand"
TERMS = (ON_DEMAND, "1y", "3y")  # the words of `rules.commitment`
FILE = DATA / "commitments.csv"

_SOLD_AS = {
    "server": "server", "postgres": "database", "mysql": "database", "redis": "cache", "valkey": "cache",
    "container": "container",
}  # fmt: skip


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


def sold_as(kind: str) -> str:
    """What a shelf's kind (`postgres-multi-az`) or a unit price (`container.vcpu_hour`) counts as; "" if nothing."""
    return _SOLD_AS.get(kind.partition("-")[0].partition(".")[0], "")


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
    import hashlib

    return hashlib.sha256(FILE.read_bytes()).hexdigest()
