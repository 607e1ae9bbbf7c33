"""Spoil the data, restore the moment before into an empty server, and compare what came back."""

from __future__ import annotations

from dataclasses import replace

from standfast.drill.following import agreement, differences, follow
from standfast.drill.history import History, Recorder, every, first, timeline
from standfast.drill.judgement import Finding, Judgement, Wanted, loss, measurement, unfinished
from standfast.drill.settings import Settings
from standfast.drill.survival import way, with_findings
from standfast.spec.model import DATABASES
from standfast.spec.quantity import show
from standfast.worlds import Fault
from standfast.worlds.database import Database, Shape

NAME = "corruption"
TITLE = "A table is dropped and rows are scrambled; restore the moment before"
ON = "database"
DISRUPTION = "corruption"
RUNBOOK = "corruption"
NEEDS = DATABASES
RTO, RPO = MEASURES = ("reliability.rto.corruption", "reliability.rpo.corruption")
UNNOTICED = 0.3  # seconds that clients go on writing to the spoiled database
CONTENTS = "what came back is what was there"
BACK = "clients write to what was restored"
REACHED = "the moment before the damage was reached"


def shape(planned: Shape) -> Shape:
    """A standby does not help against spoiled data, it copies the damage: left out."""
    return replace(planned, standby=False, synchronous=False, failover=False, restart=False)


def run(world: Database, recorder: Recorder, settings: Settings) -> None:
    record = recorder.record
    world.back_up()
    record("contents", of="before", tables=world.contents("primary"))
    world.start_writing()
    record("writing")
    world.wait(settings.seconds)
    moment = world.moment()
    record("breaking", fault="corrupt", moment=moment)
    world.break_(Fault("corrupt"))
    world.wait(UNNOTICED)
    world.stop_writing()
    record("decided")
    record("contents", of="damaged", tables=world.contents("primary"))
    record("restoring", moment=moment)
    if follow(world, recorder, settings, {settings.store}, {"restore_moment": {"moment": moment}}):
        world.stop_writing()
    if first(recorder.events, "answered") is not None:
        record("found", server="restored", ids=list(world.written("restored")))
    record("compared")


def judge(history: History, wanted: Wanted) -> Judgement:
    """RTO from the decision to restore until the restored server answers; RPO from the acknowledged writes lost."""
    stopped = unfinished(history, MEASURES)
    if stopped is not None:
        return stopped
    before, damaged = (first(history, "contents", of=of) for of in ("before", "damaged"))
    if not before or not damaged or before["tables"] == damaged["tables"]:
        return _unknown(history, "the damage did no damage")
    failure = first(history, "not_recovered")
    if failure is not None:
        found = first(history, "contents", of="restored")
        same = found is not None and found["tables"] == before["tables"]
        what = BACK if same else REACHED if found is None else CONTENTS
        return with_findings(_never(history, what, failure["why"]), agreement(history, by_hand=True))
    restored, answered, began = first(history, "contents", of="restored"), first(history, "answered"), _began(history)
    broken = first(history, "breaking") or history[0]
    writes = every(history, "acknowledged")
    lost = loss(history, "restored", [one for one in writes if one["t"] <= broken["t"]], broken["t"])
    later = loss(history, "restored", [one for one in writes if one["t"] > broken["t"]], broken["t"])
    if restored is None or answered is None or began is None or lost is None or later is None:
        return _unknown(history, "the history says nothing of what was restored")
    differs = differences(before["tables"], restored["tables"])
    if differs:
        return _never(history, CONTENTS, "; ".join(differs))
    seconds = answered["t"] - began
    measured, notes = _at_scale(history, wanted, seconds)
    told = f"{lost.rows} of {lost.acknowledged} acknowledged writes lost"
    if later.rows:
        notes += (
            f"{later.rows} writes acknowledged after the damage are not in the restored server; "
            "they are still in the damaged one.",
        )
    findings = (
        Finding(REACHED, "kept", str(broken.get("moment", ""))),
        Finding(CONTENTS, "kept", ", ".join(f"{name}: {rows}" for name, rows in sorted(before["tables"].items()))),
        agreement(history, by_hand=True),
    )
    return Judgement((measured, measurement(history, RPO, lost.seconds, told)), findings, notes)


def _began(history: History) -> float | None:
    """The restore begins once it is decided; the digest of the damaged tables in between is the drill's own work."""
    event = first(history, "restoring")
    return event["t"] if event else None


def _never(history: History, what: str, why: str) -> Judgement:
    measured = tuple(measurement(history, measure, None, f"not recovered: {why}", failed=True) for measure in MEASURES)
    return Judgement(measured, (Finding(what, "broken", why),))


def _unknown(history: History, why: str) -> Judgement:
    measured = tuple(measurement(history, measure, None, why) for measure in MEASURES)
    return Judgement(measured, (Finding(CONTENTS, "unknown", why),))


def _at_scale(history: History, wanted: Wanted, seconds: float):
    """The measured RTO, and what it would be with all the data of the spec. Where that is more than was promised,
    a small restore that was fast proves nothing: the value is left open."""
    copied = first(history, "copied")
    spent = next((to - begin for begin, to, label, _ in timeline(history) if label == "copy the backup"), 0.0)
    people = "Noticing and deciding are not in it: they are people's work, and the plan counts them."
    if copied is None or spent <= 0 or not wanted.gib:
        return measurement(history, RTO, seconds), (*way(history), people)
    here, full = copied["bytes"] / 2**30, wanted.gib
    rate = copied["bytes"] / spent
    predicted = seconds + max(0.0, full - here) * 2**30 / rate
    note = (
        f"{show(round(here, 3), 'GiB')} restored in {show(seconds, 's')}, copied at {rate / 2**20:,.0f} MiB/s; "
        f"{show(full, 'GiB')} would take about {show(round(predicted), 's')} at that rate, "
        "with a longer log to replay more"
    )
    declared = wanted.seconds(RTO)
    notes = (*way(history), "The copy comes from a disk of this machine, not from object storage.", people)
    if declared is not None and predicted > declared >= seconds:
        why = f"too small to tell: {note}, and {show(declared, 's')} are promised"
        return measurement(history, RTO, None, why), notes
    return measurement(history, RTO, seconds, note), notes
