"""Fill the disk of the largest database: an alert fires, and the runbook makes room."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import largest_database, play
from standfast.drill.settings import Settings
from standfast.drill.survival import alert_fired, ended, survived, with_findings
from standfast.problem import Problem, Problems
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "full_disk"
TITLE = "The disk of the database is full"
DISRUPTION = ""
RUNBOOK = "disk"
ON = "system"
NEEDS = ("postgres",)
MEASURES = ()


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    hosts = world.shape.of("database", largest_database(world.shape))
    if not hosts:
        raise Problems([Problem("the system has no database", "there is no disk to fill")])
    full = ("StoreRunsShort", {"component": hosts[0].component, "resource": "storage"})
    play(world, recorder, settings, Fault("fill_disk", {"host": hosts[0].name}), alert=True, alerts=[full])


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    return with_findings(judgement, alert_fired(history), *alerts.judged(history), agreement(history, by_hand=True))
