"""Ruin what caches and object stores hold, follow the page on ruined data, and compare what came back.

The drill `corruption` does the same to a database.
"""

from __future__ import annotations

from collections.abc import Iterator

from standfast.drill.following import agreement, differences, follow
from standfast.drill.history import History, Recorder, every, first
from standfast.drill.judgement import Finding, Judgement, Wanted
from standfast.drill.scene import begin, hold, look
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, survived, with_findings
from standfast.problem import Problem, Problems
from standfast.spec.quantity import show
from standfast.worlds import Fault
from standfast.worlds.system import SystemShape, SystemWorld

NAME = "ruined_stores"
TITLE = "Objects and what caches hold are deleted and written over; each comes back by its step"
DISRUPTION = ""
RUNBOOK = "corruption"
ON = "system"
MEASURES = ()
NEEDS = ("objects", "redis")
APART = 1.1  # seconds between what is right, the moment, and the damage: versions are dated to the second


def ruined(shape: SystemShape) -> list[str]:
    return sorted(one.name for one in shape.system.stores if one.kind in NEEDS)


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    record, names = recorder.record, ruined(world.shape)
    if not names:
        raise Problems([Problem("the system has no cache and no object store", "there is nothing to ruin")])
    hold(world, recorder, names)
    if not begin(world, recorder, settings):
        return
    world.wait(APART)
    moment = world.moment()
    world.wait(APART)
    record("breaking", fault="ruin", told={"components": names}, moment=moment)
    for name in names:
        world.break_(Fault("ruin", {"component": name}))
        record("contents", of=f"{name}, damaged", tables=dict(world.contents(name)))
    record("broken", hosts=dict(world.observe()["hosts"]), leaders=[])
    record("restoring", moment=moment)
    follow(world, recorder, settings, names, {"restore_versions": {"moment": moment}})
    look(world, recorder, settings)


def judge(history: History, wanted: Wanted) -> Judgement:
    """Each store by the condition of its own step; the time until the last of them, against what is promised."""
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    agrees = agreement(history, by_hand=True, about=_ruined(history))
    return with_findings(judgement, *_stores(history), *_in_time(history, wanted), agrees)


def _ruined(history: History) -> list[str]:
    return (first(history, "breaking") or {}).get("told", {}).get("components", [])


def _stores(history: History) -> Iterator[Finding]:
    """One finding for each: a store that no step of the page speaks of is lost, one that people bring back is not
    known."""
    steps = (first(history, "runbook") or {}).get("steps", ())
    held = {one["name"] for one in every(history, "checked") if one["held"]}
    for name in _ruined(history):
        what = f"{name} is as its step says"
        before, damaged = (first(history, "contents", of=of) for of in (name, f"{name}, damaged"))
        own = [one for one in steps if one["of"] == name]
        machine = [one for one in own if one["who"] == "machine"]
        if not before or not damaged or before["tables"] == damaged["tables"]:
            yield Finding(what, "unknown", "the damage did no damage")
        elif not machine:
            people = any(one["who"] == "person" for one in own)
            why = "people bring it back: not tried" if people else "the page says nothing of it"
            yield Finding(what, "unknown" if people else "broken", why)
        else:
            wrong = len(differences(before["tables"], damaged["tables"]))
            told = f"{wrong} of {len(before['tables'])} things were wrong; {machine[0]['name'].partition(': ')[2]}"
            yield Finding(what, "kept" if all(one["name"] in held for one in machine) else "broken", told)


def _in_time(history: History, wanted: Wanted) -> Iterator[Finding]:
    promised, began, done = wanted.seconds("reliability.rto.corruption"), first(history, "restoring"), 0.0
    for one in every(history, "checked"):
        done = max(done, one["t"])
    if promised is not None and began is not None and done:
        took = done - began["t"]
        told = f"{show(round(took, 2), 's')}, and {show(promised, 's')} are promised, people's part of it included"
        yield Finding("they are back in time", "kept" if took <= promised else "broken", told)
