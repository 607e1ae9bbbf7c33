"""Lose the edge that users come through, and send them past it."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import play
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, survived, with_findings
from standfast.problem import Problem, Problems
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "lose_edge"
TITLE = "The content network is gone; users are sent past it"
DISRUPTION = ""
RUNBOOK = "edge"
ON = "system"
MEASURES = ()


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    if not world.shape.of("edge"):
        raise Problems([Problem("the system has no edge", "there is nothing to lose")])
    play(world, recorder, settings, Fault("lose_edge"), alerts=[("OutsideFails", {})])


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    return with_findings(judgement, *alerts.judged(history), agreement(history, by_hand=True))
