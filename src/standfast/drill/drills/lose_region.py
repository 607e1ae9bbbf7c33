"""Lose everything of the region, and bring the system up elsewhere from the offsite copy."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import play
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "lose_region"
TITLE = "Everything of the region is gone; the standby comes up from the offsite copy"
DISRUPTION = "region"
RUNBOOK = "region"
ON = "system"
MEASURES = ("reliability.rto.region", "reliability.rpo.region")


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    world.back_up()
    watched = world.alerting is not None  # who decides that the region is lost must have been told
    play(world, recorder, settings, Fault("lose_region"), alert=watched, alerts=[("OutsideFails", {})])


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION)
    if not ended(history):
        return judgement
    return with_findings(judgement, agreement(history, by_hand=True), *alerts.judged(history))
