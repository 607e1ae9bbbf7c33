"""Which designs keep the recovery promises, and what must survive without the peak suffering."""

from __future__ import annotations

from functools import lru_cache

from standfast.plan.models.recovery import STANDBYS, Facts, Held, Recovered, system_recovery
from standfast.plan.place import DAY, Place
from standfast.spec.model import System


def survivors(system: System, zones: int) -> str:
    """What must be gone without the peak suffering: `zone`, `instance` or `` (nothing)."""
    wanted = system.promises.reliability.recovery
    if "zone" in wanted and zones > 1:
        return "zone"
    return "instance" if {"zone", "instance"} & set(wanted) else ""


INTERVALS = (24, 12, 8, 6, 4, 3, 2, 1)  # hours between backups that fall at the same times every day


def backup_hours(system: System) -> int:
    """How often what has no log to archive is backed up: as seldom as its promises allow, once an hour at the most.

    Snapshots hold what changed, and more of them hold the same change: the price is the same.
    """
    wanted = system.promises.reliability.recovery
    limits = [wanted[one].rpo for one in ("zone", "corruption") if one in wanted]
    least = min((limit for limit in limits if limit is not None), default=INTERVALS[0] * 3600.0)
    return next((hours for hours in INTERVALS if hours * 3600.0 <= least), INTERVALS[-1])


def held(kind: str, design: str, place: Place, data: float = 0.0, interval: float = DAY) -> Held:
    """How a component is kept in a place; `data` is what a restore brings back, GiB; `interval` as in `Facts`."""
    behind = place.standby
    follows = behind.design if behind and behind.design in STANDBYS else ""
    return Held(
        kind,
        design,
        Facts(data=data, interval=interval, offsite=place.offsite(kind), standby=follows, way=place.way),
    )


def recovers(system: System, name: str, kept: Held) -> bool:
    """Whether this design keeps every recovery promise by itself (the system's is the worst of its parts)."""
    return not broken_by(system, name, kept)


def broken_by(system: System, name: str, kept: Held) -> str:
    """The first recovery promise a design breaks, as `zone.rto`; "" where it breaks none."""
    essential = name in system.essential
    for disruption, wanted in system.promises.reliability.recovery.items():
        found = _alone(kept, essential, disruption)
        for key, declared, value in (("rto", wanted.rto, found.rto), ("rpo", wanted.rpo, found.rpo)):
            if declared is not None and (value is None or value > declared + 1e-9):
                return f"{disruption}.{key}"
    return ""


@lru_cache(maxsize=4096)
def _alone(kept: Held, essential: bool, disruption: str) -> Recovered:
    """How one part comes back by itself; asked for in every region, and the same in all of them."""
    return system_recovery({"": kept}, {""} if essential else (), disruption)
