"""How long what failed stays down, and how often that makes it fail: `data/repairs.csv`, with sources."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from standfast.plan.models.availability import FAILOVERS, REGION, ZONE, Part
from standfast.plan.models.load import MONTH
from standfast.plan.models.recovery import Held
from standfast.plan.simulation.outages import Repairs
from standfast.spec.model import Assumption

CORRUPTIONS = 1.0  # a year: a table dropped, a bad change that writes
WHAT = {"region": "what all zones share", "zone": "a zone", "instance": "an instance", "service": "a managed service"}
MANAGED = ("postgres", "mysql", "redis")  # a machine of the cloud's own under a store


def repairs() -> Repairs:
    """The mean times that are assumed."""
    return Repairs(**{what: seconds for what, (seconds, _) in _table().items()})


def failures(available: float, repair: float) -> float:
    """How often in a month one machine fails that is up the share `available` of the time."""
    return MONTH * (1 - available) / repair


def events(parts: Mapping[str, Part], held: Mapping[str, Held], zones: int) -> dict[str, dict[str, float]]:
    """Disruptions in a month: disruption -> what is hit -> how often. `` is the whole system."""
    mean = repairs()
    hit: dict[str, float] = {}
    for name, one in held.items():
        part = parts.get(name)
        if part is not None and part.instances:
            hit[name] = sum(part.instances) * failures(part.instance, mean.instance)
        elif one.kind in MANAGED:
            hit[name] = FAILOVERS / 12
    return {
        "instance": hit,
        "zone": {"": zones * failures(ZONE, mean.zone)},
        "region": {"": failures(REGION, mean.region)},
        "corruption": {"": CORRUPTIONS / 12},
    }


def assumed() -> tuple[Assumption, ...]:
    """What was taken here that nobody declared."""
    found = [
        Assumption(f"simulation: time until {WHAT[what]} is up again", f"{seconds / 3600:g} h", f"mean; {source}")
        for what, (seconds, source) in _table().items()
    ]
    often = failures(ZONE, repairs().zone), failures(REGION, repairs().region)
    return (
        *found,
        Assumption(
            "simulation: how often things fail", f"a zone every {1 / often[0]:.0f} months, "
            f"what all zones share every {1 / often[1] / 12:.1f} years",
            "so often that, with these times, the availabilities of the plan come out; seen in practice: less often",
        ),
        Assumption("simulation: times", "exponential", "the time until a failure, and until it is repaired"),
        Assumption(
            "simulation: machine of a managed store", f"fails {FAILOVERS:g} a year", "as the plan assumes of a primary"
        ),
        Assumption("simulation: corruption", f"{CORRUPTIONS:g} a year", "nobody publishes it: count yours"),
    )  # fmt: skip


@lru_cache(maxsize=1)
def _table() -> dict[str, tuple[float, str]]:
    text = files("standfast.plan.simulation").joinpath("data/repairs.csv").read_text(encoding="utf-8")
    return {row["what"]: (float(row["seconds"]), row["source"]) for row in csv.DictReader(text.splitlines())}
