"""One zone answers late: the promised percentiles must hold all the same."""

from __future__ import annotations

from standfast.drill.history import History, Recorder, first
from standfast.drill.judgement import Finding, Judgement, Wanted
from standfast.drill.scene import busiest_service, play
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, fast_enough, survived, with_findings
from standfast.drill.traffic import percentile, requests
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "slow_network"
TITLE = "Everything to and from the services of one zone takes longer"
DISRUPTION = ""
RUNBOOK = ""
ON = "system"
MEASURES = ()
FEWEST = 3  # answers that came later: fewer may be late for any reason


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    zone = busiest_service(world.shape)[0].zone
    play(world, recorder, settings, Fault("delay", {"zones": (zone,), "seconds": settings.delay}), lasts=False)


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    return with_findings(judgement, _slower(history), *fast_enough(history, wanted))


def _slower(history: History) -> Finding:
    """Whether the line was slow at all: more than once in a while, an answer took the delay of both ways longer."""
    what, broken = "answers through that zone came later", first(history, "breaking")
    if broken is None:
        return Finding(what, "unknown", "nobody looked")
    usual = percentile(requests(history, 0.0, broken["t"]), 0.5)
    if usual is None:
        return Finding(what, "unknown", "nothing was answered before")
    longer = 2 * broken["told"]["seconds"]
    after = requests(history, broken["t"])
    late = sum(one.took >= usual + 0.9 * longer for one in after)
    told = f"{late} of {len(after)} took {longer * 1000:,.0f} ms longer than the {usual * 1000:,.0f} ms of before"
    return Finding(what, "kept" if late >= FEWEST else "unknown", told)
