"""Deploy a version that fails its health check: how far it gets, and how long it takes to go back."""

from __future__ import annotations

from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder, first
from standfast.drill.judgement import Finding, Judgement, Wanted
from standfast.drill.scene import busiest_service, play
from standfast.drill.settings import Settings
from standfast.drill.survival import ended, survived, with_findings
from standfast.spec.quantity import show
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "bad_deploy"
TITLE = "A new version fails its health check"
DISRUPTION = ""
RUNBOOK = "deploy"
ON = "system"
MEASURES = ()
MOST = 0.5  # share of a service's hosts that a bad version may reach


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    service = busiest_service(world.shape)[0].component
    fault = Fault("bad_deploy", {"service": service, "gate": True})
    play(world, recorder, settings, fault)


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    return with_findings(judgement, _blast(history), _rollback(history, wanted), agreement(history, by_hand=True))


def _blast(history: History) -> Finding:
    what, seen, fault = "the bad version reaches few", first(history, "broken"), first(history, "breaking")
    if seen is None or fault is None:
        return Finding(what, "unknown", "nobody looked")
    named = [one["name"] for one in history[0]["hosts"] if one["component"] == fault["told"]["service"]]
    reached = [name for name in named if not seen["hosts"].get(name)]
    verdict = "kept" if len(reached) <= max(1, MOST * len(named)) and len(reached) < len(named) else "broken"
    return Finding(what, verdict, f"{len(reached)} of {len(named)} hosts: {', '.join(reached)}")


def _rollback(history: History, wanted: Wanted) -> Finding:
    what, began, done = "it is rolled back in time", first(history, "broken"), first(history, "carried_out")
    if began is None or done is None or wanted.system is None:
        return Finding(what, "unknown", "it was not rolled back")
    seconds, allowed = done["t"] - began["t"], wanted.system.deploys.rollback
    told = f"{show(round(seconds, 2), 's')}, {show(allowed, 's')} assumed by the plan"
    return Finding(what, "kept" if seconds <= allowed else "broken", told)
