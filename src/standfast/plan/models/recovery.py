"""How long each part is away after a disruption, and what it forgets: a walk through a table of steps.

RTO = detect + decide + fail over or restore (a restore takes longer the more data there is).
RPO = replication lag, the interval of the log archive, or the interval of backups, whichever is worst.
Every figure is a row of `data/recovery.csv`, or of `data/standby.csv` for what runs in another region, with source and
date; rows marked `assumed` are shown to the user.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from standfast.spec.model import DISRUPTIONS, Assumption

STANDBYS = ("pilot-light", "warm-standby", "active-active")  # in the order of what they cost
STATEFUL = "stateful"  # a server with a disk of its own: no standby follows it, only copies of its backups


@dataclass(frozen=True)
class Facts:
    """What recovery depends on beside the design.

    `data`       GiB to restore
    `interval`   seconds between backups; None: there are none
    `offsite`    seconds that the copy in another region is behind; None: there is no copy
    `versioned`  an object store keeps old versions
    `standby`    what runs in another region: `pilot-light`, `warm-standby`, `active-active`; "": nothing
    `way`        the cloud of both sites, or `apart`: who takes over by itself depends on it
    """

    data: float = 0.0
    interval: float | None = 86_400.0
    offsite: float | None = None
    versioned: bool = True
    standby: str = ""
    way: str = "aws"


@dataclass(frozen=True)
class Held:
    """How one component is kept: kind and design of its choice, and its facts."""

    kind: str
    design: str
    facts: Facts = Facts()


@dataclass(frozen=True)
class Step:
    """One step; `counts` towards `rto` (steps add up) or `rpo` (the worst one counts)."""

    name: str
    seconds: float
    source: str
    assumed: bool
    counts: str = "rto"


@dataclass(frozen=True)
class Recovered:
    """Seconds until it answers again, and seconds of writes lost.

    `rto` None: it does not come back. `rpo` None: everything is lost.
    `worst` names the component that decides the RTO of a whole system; its `steps` are those shown.
    """

    rto: float | None
    rpo: float | None
    steps: tuple[Step, ...] = ()
    worst: str = ""


@dataclass(frozen=True)
class _Row:
    disruptions: tuple[str, ...]
    counts: str
    step: str
    seconds: float
    per_gib: float
    plus: str  # "", "interval" or "offsite": a fact added to the seconds of an rpo row; where it is None, all is lost
    needs: str  # "", "backup", "offsite" or "versioned": without it, there is no way back
    assumed: bool
    source: str
    ways: tuple[str, ...] = ()  # where the row counts, as in `Facts.way`; none: everywhere


def recover(kind: str, design: str, facts: Facts, disruption: str) -> Recovered:
    """What one part does in one of the DISRUPTIONS. KeyError for a design the table does not know."""
    there = {"": True, "backup": facts.interval is not None, "offsite": facts.offsite is not None}
    there["versioned"] = facts.versioned
    extra = {"": 0.0, "interval": facts.interval, "offsite": facts.offsite}
    rto: float = 0.0
    rpo: float | None = 0.0
    steps: list[Step] = []
    elsewhere = disruption == "region" and facts.standby and design != STATEFUL
    for row in _table()[(kind, facts.standby) if elsewhere else (kind, design)]:
        if disruption not in row.disruptions or (row.ways and facts.way not in row.ways):
            continue
        if not there[row.needs]:
            return Recovered(None, None)
        more = extra[row.plus]
        if more is None:
            rpo = None
            continue
        seconds = row.seconds + row.per_gib * facts.data + more
        steps.append(Step(row.step, seconds, row.source, row.assumed, row.counts))
        if row.counts == "rto":
            rto += seconds
        else:
            rpo = None if rpo is None else max(rpo, seconds)
    return Recovered(rto, rpo, tuple(steps))


def system_recovery(held: Mapping[str, Held], essential: Iterable[str], disruption: str) -> Recovered:
    """RTO: the worst of the essential parts, which recover at the same time. RPO: the worst of all that hold data.

    A store holds data whether a request needs it or not; a Redis does only where it is essential, else it is a cache.
    """
    needed = set(essential)
    found = {name: recover(one.kind, one.design, one.facts, disruption) for name, one in sorted(held.items())}
    waited = [name for name in found if name in needed]
    holding = [name for name in found if name in needed or held[name].kind != "redis"]
    lost = max((found[name].rpo for name in holding), key=_endless, default=0.0)
    if not waited:
        return Recovered(0.0, lost)
    worst = max(waited, key=lambda name: _endless(found[name].rto))
    return Recovered(found[worst].rto, lost, found[worst].steps, worst)


def _endless(seconds: float | None) -> float:
    return math.inf if seconds is None else seconds


def designs(kind: str) -> tuple[str, ...]:
    """The designs that the table knows for a kind of choice."""
    return tuple(sorted(design for known, design in _table() if known == kind and design not in STANDBYS))


def assumed(held: Mapping[str, Held], essential: Iterable[str], disruptions: Iterable[str]) -> tuple[Assumption, ...]:
    """The assumed figures behind the recovery of these parts in these disruptions, each once."""
    found: dict[tuple[str, str], Assumption] = {}
    for disruption in DISRUPTIONS:
        for name in sorted(set(essential) & set(held)) if disruption in set(disruptions) else ():
            one = held[name]
            for step in recover(one.kind, one.design, one.facts, disruption).steps:
                if step.assumed:
                    what = f"recovery of {name}: {step.name}"
                    found.setdefault((name, step.name), Assumption(what, f"{step.seconds:g} s", step.source))
    return tuple(found.values())


def _rows(name: str) -> Iterable[dict[str, str]]:
    text = (Path(__file__).parent / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], tuple[_Row, ...]]:
    table: dict[tuple[str, str], tuple[_Row, ...]] = {}
    for row in (*_rows("recovery"), *_rows("standby")):
        one = _Row(
            tuple(row.get("disruption", "region").split()), row["counts"], row["step"], float(row["seconds"]),
            float(row.get("per_gib") or 0), row["plus"], row.get("needs") or "", row["assumed"] == "yes",
            f"{row['source']} ({row['date']})", tuple((row.get("ways") or "").split()),
        )  # fmt: skip
        for kind in row["kind"].split():
            for design in row["design"].split():
                table[kind, design] = (*table.get((kind, design), ()), one)
    return table
