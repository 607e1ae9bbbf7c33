"""Lose every host of one zone, with the data on it: the zone of the database's primary, which hurts most."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import first_zone, forgetful, hold, play
from standfast.drill.settings import Settings
from standfast.drill.survival import capacity_left, ended, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "lose_zone"
TITLE = "All hosts of one zone are gone, with their data"
DISRUPTION = "zone"
RUNBOOK = "zone"
ON = "system"
MEASURES = ("reliability.rto.zone", "reliability.rpo.zone")


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    zone = first_zone(world.shape)
    hold(world, recorder, forgetful(world.shape, zone))
    lost = alerts.of_zone(world.shape, zone)
    play(world, recorder, settings, Fault("lose_zone", {"zone": zone}), alerts=lost)


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION)
    if not ended(history):
        return judgement
    return with_findings(judgement, capacity_left(history, wanted), agreement(history), *alerts.judged(history))
