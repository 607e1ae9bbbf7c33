"""A release that passes its health check and fails some of what users ask: the error budget burns, and says so."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import busiest_service, play
from standfast.drill.settings import Settings
from standfast.drill.survival import alert_fired, ended, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "failing_release"
TITLE = "A new version is healthy by its own word, and fails half of the requests"
DISRUPTION = ""
RUNBOOK = "deploy"
ON = "system"
MEASURES = ()
SHARE = 0.5


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    service = busiest_service(world.shape)[0].component
    fault = Fault("failing_release", {"service": service, "share": SHARE})
    play(
        world, recorder, settings, fault, alert=True, share=SHARE, hidden=True,
        alerts=[("ErrorBudgetBurn", {"objective": "availability"})],
    )  # fmt: skip


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    return with_findings(judgement, alert_fired(history), *alerts.judged(history), agreement(history, by_hand=True))
