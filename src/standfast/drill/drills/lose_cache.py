"""Lose a cache: what is not essential may go away, and the promise holds without it; what requests need comes back from
its newest copy, as the page says."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder, first
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import hold, play
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
NEEDS = ("redis",)
MEASURES = ()


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    caches = world.shape.of("cache")
    if not caches:
        raise Problems([Problem("the system has no cache", "there is nothing to lose")])
    needed = world.shape.system.essential
    name = next((one.component for one in caches if one.component in needed), caches[0].component)
    hold(world, recorder, [name])
    gone, host = alerts.gone([name]), world.shape.of("cache", name)[0].name
    play(world, recorder, settings, Fault("lose_cache", {"component": name}), alerts=gone, unless=host)


def judge(history: History, wanted: Wanted) -> Judgement:
    """As after the loss of an instance, where the spec says that requests need the cache; else nothing is noticed."""
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    named = (first(history, "breaking") or {}).get("told", {}).get("component", "")
    needed = wanted.system is not None and named in wanted.system.essential
    found = (*fast_enough(history, wanted), agreement(history, by_hand=needed), *alerts.judged(history))
    return with_findings(judgement, *found)
