"""Lose a cache: what is not essential may go away, and the promise holds without it."""

from __future__ import annotations

from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import play
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, fast_enough, survived, with_findings
from standfast.problem import Problem, Problems
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "lose_cache"
TITLE = "A cache is gone, with all that is in it"
DISRUPTION = ""
RUNBOOK = "instance"
ON = "system"
MEASURES = ()


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    caches = world.shape.of("cache")
    if not caches:
        raise Problems([Problem("the system has no cache", "there is nothing to lose")])
    play(world, recorder, settings, Fault("lose_cache", {"component": caches[0].component}))


def judge(history: History, wanted: Wanted) -> Judgement:
    """As after the loss of an instance, where the spec says that requests need the cache; else nothing is noticed."""
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    return with_findings(judgement, *fast_enough(history, wanted)) if ended(history) else judgement
