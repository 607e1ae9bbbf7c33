"""Let the certificate that users see run out: an alert fires, and the runbook renews it."""

from __future__ import annotations

from standfast.drill import alerts
from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder
from standfast.drill.judgement import Judgement, Wanted
from standfast.drill.scene import play
from standfast.drill.settings import Settings
from standfast.drill.survival import alert_fired, ended, survived, with_findings
from standfast.worlds import Fault
from standfast.worlds.system import SystemWorld

NAME = "expired_certificate"
TITLE = "The certificate that users see has run out"
DISRUPTION = ""
RUNBOOK = "certificate"
ON = "system"
MEASURES = ()


def run(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    host = (world.shape.of("edge") or world.shape.of("balancer"))[0].name
    told = [("CertificateEnds", {"severity": "page"})]
    play(world, recorder, settings, Fault("expire_certificate", {"host": host}), alert=True, alerts=told)


def judge(history: History, wanted: Wanted) -> Judgement:
    judgement = survived(history, wanted, DISRUPTION, rows=False)
    if not ended(history):
        return judgement
    return with_findings(judgement, alert_fired(history), *alerts.judged(history), agreement(history, by_hand=True))
