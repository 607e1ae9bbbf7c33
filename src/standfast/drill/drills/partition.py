"""Cut one zone off: it runs on, and nothing reaches it. The rest goes on, and there are never two primaries."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import first_zone, play
from standfast.drill.settings import Settings
from standfast.drill.survival import capacity_left, ended, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "partition"
TITLE = "One zone is cut off from the others, and does not know it"
DISRUPTION = "zone"
RUNBOOK = "zone"
ON = "system"
MEASURES = ("reliability.rto.zone", "reliability.rpo.zone")


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    zone = first_zone(world.shape)
    lost = alerts.of_zone(world.shape, zone)
    play(world, recorder, settings, Fault("partition", {"zones": (zone,)}), alerts=lost)


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION)
    if not ended(history):
        return judgement
    return with_findings(judgement, capacity_left(history, wanted), agreement(history), *alerts.judged(history))
