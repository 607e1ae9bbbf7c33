"""Lose one instance of a service, and see what users notice of it."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import busiest_service, play
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "lose_instance"
TITLE = "One process of a service is killed while users come"
DISRUPTION = "instance"
RUNBOOK = "instance"
ON = "system"
MEASURES = ("reliability.rto.instance",)


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    host = busiest_service(world.shape)[0]
    missing = alerts.instances([host.component])
    play(world, recorder, settings, Fault("kill_instance", {"host": host.name}), alerts=missing, unless=host.name)


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    return with_findings(judgement, *alerts.judged(history)) if ended(history) else judgement
