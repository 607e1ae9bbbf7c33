"""What `rules: retention` asks of the backups that a cloud takes itself, and what a cloud cannot keep of it.

A cloud's own backups go back to any moment of the last days (the log), and a vault keeps copies for longer. Where the
spec is silent, each has a default of ours, and nothing here speaks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from standfast.problem import Problem
from standfast.spec.model import DATABASES, Retention, System

MOMENTS, VAULT = 14, 35  # days, where the spec is silent: a choice of ours
DAYS = {"daily": 1, "weekly": 7, "monthly": 31, "yearly": 366}  # that one of it lasts, at most


@dataclass(frozen=True)
class Limits:
    """Days that a cloud keeps for going back to any moment, and longest copies of a database; with the source."""

    moments: int
    copies: int
    source: str


LIMITS: Mapping[str, Limits] = {
    "aws": Limits(35, 36_500, "Amazon RDS User Guide, Backup retention period; AWS Backup API, Lifecycle; 2026-11-28"),
    "azure": Limits(
        35, 3_660, "Azure Database for PostgreSQL, Backup and restore; Azure Backup, long-term; 2026-11-28"
    ),
    "gcp": Limits(7, 365, "Cloud SQL, About backups: retained backups, retained log of Enterprise; 2026-11-28"),
}


def said(system: System) -> bool:
    return "rules.retention" in system.places or system.rules.retention != Retention()


def moments(system: System, cloud: str) -> int:
    """Days for which any moment can be gone back to: what is kept by the hour, and a week at least."""
    if not said(system):
        return MOMENTS
    kept = system.rules.retention
    return min(max(math.ceil(kept.hourly / 24), kept.daily, 7), LIMITS[cloud].moments)


def copies(system: System) -> Mapping[str, int]:
    """Days that each kind of copy in a vault lasts: one a day, a week, a month, a year. Not those that keep none."""
    if not said(system):
        return {"daily": VAULT}
    kept = system.rules.retention
    return {name: each * getattr(kept, name) for name, each in DAYS.items() if getattr(kept, name)} or {"daily": 7}


def longest(system: System) -> int:
    return max(copies(system).values())


def beyond(system: System, cloud: str) -> Iterator[Problem]:
    """Warnings: what the spec wants kept, and the cloud's own backups of a database do not."""
    if not any(store.kind in DATABASES for store in system.stores):
        return
    place, limit = system.where("rules.retention"), LIMITS[cloud]
    fix = "keep them with `standfast backup`, or ask for less"
    if said(system):
        hours = math.ceil(system.rules.retention.hourly / 24)
        if hours > limit.moments:
            what = f"{cloud} goes back to any moment of the last {limit.moments} days, and {hours} days are to be kept"
            yield Problem(what, limit.source, fix, place, warning=True)
        if longest(system) > limit.copies:
            what = f"{cloud} keeps copies of a database for {limit.copies} days, and {longest(system)} are asked for"
            yield Problem(what, limit.source, fix, place, warning=True)
    if system.rules.hold:
        why = "the backups that a cloud takes end when their time is over; a legal hold of a vault is set by hand"
        yield Problem("rules: hold is not in the code of the cloud", why, fix, system.where("rules.hold"), warning=True)
