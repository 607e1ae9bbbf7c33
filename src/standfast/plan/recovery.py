"""How long each part is away after a disruption, and how much it forgets: a walk through a table of steps.

RTO = detect + decide + fail over or restore (a restore takes longer the more data there is).
RPO = replication lag, the interval of the log archive, or the interval of backups.
Every figure is a row of `data/recovery.csv` with source and date; rows marked `assumed` are to be shown.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from standfast.spec.model import Assumption, System


@dataclass(frozen=True)
class Step:
    name: str
    seconds: float
    source: str
    assumed: bool


@dataclass(frozen=True)
class Recovered:
    """Seconds until it answers again, seconds of writes lost, and the steps; None: it does not come back."""

    rto: float | None
    rpo: float | None
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What recovery depends on beside the design. GiB and seconds.

    `data`      GiB to restore
    `interval`  seconds between backups; 0: no backups
    `offsite`   backups are copied to another region
    `versioned` an object store keeps old versions
    """

    data: float = 0.0
    interval: float = 86_400.0
    offsite: bool = False
    versioned: bool = True


NOT_BACK = Recovered(None, None)


def recover(kind: str, design: str, facts: Facts, disruption: str) -> Recovered:
    """What one part does in a disruption. A design the table does not know raises KeyError."""
    rows = _table()[kind, design]
    steps: list[Step] = []
    rto = rpo = 0.0
    for row in rows:
        if disruption not in row["disruption"].split():
            continue
        if row["needs"] and not _has(facts, row["needs"]):
            return NOT_BACK
        seconds = float(row["seconds"]) + float(row["per_gib"] or 0) * facts.data
        if row["seconds_from"] == "interval":
            seconds += facts.interval
        if row["counts"] == "never":
            return NOT_BACK
        steps.append(Step(row["step"], seconds, f"{row['source']}, {row['date']}", row["assumed"] == "yes"))
        if row["counts"] == "rto":
            rto += seconds
        else:
            rpo = max(rpo, seconds)
    return Recovered(rto, rpo, tuple(steps))


def _has(facts: Facts, need: str) -> bool:
    return {"backup": facts.interval > 0, "offsite": facts.offsite, "versioned": facts.versioned}[need]


@dataclass(frozen=True)
class Held:
    """How one component is kept: the kind and design of its choice, and its facts."""

    kind: str
    design: str
    facts: Facts = Facts()


def system_recovery(held: Mapping[str, Held], essential: Iterable[str], disruption: str) -> Recovered:
    """The worst over the essential components: RTO over all, RPO over those that hold data."""
    rto: float | None = 0.0
    rpo: float | None = 0.0
    steps: tuple[Step, ...] = ()
    for name in sorted(set(essential) & set(held)):
        one = recover(held[name].kind, held[name].design, held[name].facts, disruption)
        if rto is not None and (one.rto is None or one.rto > rto):
            rto, steps = one.rto, one.steps
        if held[name].kind != "server" and rpo is not None:
            rpo = None if one.rpo is None else max(rpo, one.rpo)
    return Recovered(rto, rpo, steps)


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, str], list[dict[str, str]]]:
    text = files("standfast.plan").joinpath("data/recovery.csv").read_text(encoding="utf-8")
    table: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in csv.DictReader(text.splitlines()):
        for kind in row["kind"].split():
            for design in row["design"].split():
                table.setdefault((kind, design), []).append(row)
    return table


def designs(kind: str) -> tuple[str, ...]:
    """The designs that the table knows for a kind of choice."""
    return tuple(sorted(design for known, design in _table() if known == kind))


def assumed(system: System, held: Mapping[str, Held]) -> tuple[Assumption, ...]:
    """The assumed steps behind the recovery promises of this system, each once."""
    found: dict[str, Assumption] = {}
    for disruption in system.promises.reliability.recovery:
        for name in sorted(held):
            for step in recover(held[name].kind, held[name].design, held[name].facts, disruption).steps:
                if step.assumed and not math.isclose(step.seconds, 0):
                    what = f"{held[name].kind} {held[name].design}: {step.name}"
                    found.setdefault(what, Assumption(what, f"{step.seconds:g} s", step.source))
    return tuple(found.values())
