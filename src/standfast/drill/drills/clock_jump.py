"""Let the clock of a host jump: an alert fires, and the runbook sets it."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import busiest_service, play
from standfast.drill.settings import Settings
from standfast.drill.survival import alert_fired, ended, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "clock_jump"
TITLE = "The clock of one host jumps by an hour"
DISRUPTION = ""
RUNBOOK = "clock"
ON = "system"
MEASURES = ()
SECONDS = 3600.0


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    host = busiest_service(world.shape)[0]
    off = ("HostRunsShort", {"component": host.component, "resource": "clock"})
    fault = Fault("jump_clock", {"host": host.name, "seconds": SECONDS})
    play(world, recorder, settings, fault, alert=True, alerts=[off])


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    return with_findings(judgement, alert_fired(history), *alerts.judged(history), agreement(history, by_hand=True))
