"""One zone answers late: the promised percentiles must hold all the same."""

from __future__ import annotations

from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import busiest_service, play
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, fast_enough, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "slow_network"
TITLE = "Everything to and from the services of one zone takes longer"
DISRUPTION = ""
RUNBOOK = ""
ON = "system"
MEASURES = ()


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    zone = busiest_service(world.shape)[0].zone
    play(world, recorder, settings, Fault("delay", {"zones": (zone,), "seconds": settings.delay}))


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    return with_findings(judgement, *fast_enough(history, wanted)) if ended(history) else judgement
