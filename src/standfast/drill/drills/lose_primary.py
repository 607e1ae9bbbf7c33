"""Lose the primary database under a client that writes, and see how long it waits and what it has lost."""

from __future__ import annotations

from dataclasses import replace

from standfast.drill.following import agreement
from standfast.drill.history import History, Recorder, every, first
from standfast.drill.judgement import Finding, Judgement, Loss, Wanted, loss, measurement, unfinished
from standfast.drill.settings import Settings
from standfast.drill.survival import with_findings
from standfast.spec.quantity import show
from standfast.worlds import Fault
from standfast.worlds.database import Database, Shape

NAME = "lose_primary"
TITLE = "The primary database is killed under a client that writes"
ON = "database"
DISRUPTION = "instance"
RUNBOOK = "instance"
NEEDS = ("postgres",)
MEASURES = ("reliability.rto.instance", "reliability.rpo.instance")
IN_ZONE = ("reliability.rto.zone", "reliability.rpo.zone")
SMALL = 0.05  # GiB: a failover copies nothing, so that more would only take longer to build
AFTER = 0.5  # seconds that clients go on writing after they are back
POLL = 0.02
BACK = "writes are acknowledged again"
ONE = "never more than one server accepts writes"


def shape(planned: Shape) -> Shape:
    return replace(planned, gib=min(planned.gib, SMALL))


def run(world: Database, recorder: Recorder, settings: Settings) -> None:
    record = recorder.record
    world.start_writing()
    record("writing")
    world.wait(settings.seconds)
    if settings.lag:
        record("frozen", seconds=settings.lag)
        world.break_(Fault("freeze_replication"))
        world.wait(settings.lag)
    record("breaking", fault="kill_primary")
    world.break_(Fault("kill_primary"))
    record("broken", leaders=[settings.store])
    if "primary" in world.observe()["writable"]:
        record("unbroken", why="the primary still accepts writes")
        return
    _wait_for_clients(world, recorder, settings.patience)
    world.stop_writing()
    seen = world.observe()
    record("observed", writable=seen["writable"], servers=seen["servers"])
    for server in seen["writable"]:
        record("found", server=server, ids=list(world.written(server)))


def _wait_for_clients(world: Database, recorder: Recorder, patience: float) -> None:
    """Until writes are acknowledged by another server, or it is certain that none will be, or patience ends."""
    end = world.now() + patience
    while world.now() < end:
        world.wait(POLL)
        resumed = _resumed(recorder.events)
        if resumed is not None:
            world.wait(AFTER)
            promoted = first(recorder.events, "promoted") or resumed  # heard a moment after the first client was served
            recorder.record("resumed", at=max(resumed["t"], promoted["t"]), server=resumed["server"])
            return
        if first(recorder.events, "not_promoted") is not None:
            world.wait(AFTER)
            return
    recorder.record("gave_up", seconds=patience)


def _killed(history: History) -> str:
    """Which run of which server was killed: the one that acknowledged last before it."""
    broken = first(history, "breaking")
    return next((one["server"] for one in reversed(every(history[: _index(history, broken)], "acknowledged"))), "")


def _index(history: History, event) -> int:
    return next((n for n, one in enumerate(history) if one is event), len(history))


def _resumed(history: History):
    """The first write that another server, or another run of the same, acknowledged.

    Not merely the first after the kill: an answer can still be on its way from the server that was killed.
    """
    killed = _killed(history)
    return next((one for one in every(history, "acknowledged") if one["server"] != killed), None)


def judge(history: History, wanted: Wanted) -> Judgement:
    """RTO as the client saw it: from its last acknowledged write before to its first one after. RPO: the age of the
    oldest acknowledged write that the server which took over does not have."""
    measures = (*MEASURES, *(IN_ZONE if _in_zone(history) else ()))
    stopped = unfinished(history, measures)
    if stopped is not None:
        return stopped
    one_primary, resumed = _one_primary(history), _resumed(history)
    if resumed is None:
        return with_findings(_not_back(history, measures, wanted, one_primary), agreement(history))
    broken_at = (first(history, "breaking") or history[0])["t"]
    server, killed = resumed["server"].partition("@")[0], _killed(history)
    before, after = (
        [one for one in every(history, "acknowledged") if (one["server"] == killed) is was] for was in (True, False)
    )
    lost, later = (loss(history, server, writes, broken_at) for writes in (before, after))
    if not before or lost is None or later is None:
        why = "nothing was acknowledged before" if not before else f"nobody looked at what {server} holds"
        unknown = tuple(measurement(history, measure, None, why) for measure in measures)
        return Judgement(unknown, (Finding(BACK, "unknown", why), one_primary))
    seconds = resumed["t"] - before[-1]["t"]
    split = _split(history, before[-1]["t"], resumed["t"])
    told = f"{lost.rows} of {lost.acknowledged} acknowledged writes lost"
    measured = [
        measurement(history, measure, seconds if ".rto." in measure else lost.seconds,
                    split if ".rto." in measure else told)
        for measure in measures
    ]  # fmt: skip
    back = Finding(BACK, "kept", f"by the {server}, {show(round(seconds, 3), 's')} after the last one")
    return Judgement(tuple(measured), (back, _its_own(later), agreement(history), one_primary), _notes(history, wanted))


def _in_zone(history: History) -> bool:
    """With a standby in another zone, the loss of the zone is the loss of the primary."""
    began = history[0]
    return began.get("standby", False) and began.get("zones", 1) > 1


def _not_back(history: History, measures, wanted: Wanted, one_primary: Finding) -> Judgement:
    """Nobody acknowledged anything again. Certain when nothing can take over, or the promised time went by."""
    refused, gave_up = first(history, "not_promoted"), first(history, "gave_up")
    waited = float(gave_up["seconds"]) if gave_up else 0.0
    if refused is not None:
        why = refused["why"]
    else:
        why = f"not back within {show(waited, 's')}, when the drill stopped looking"
    rto = wanted.seconds(MEASURES[0])
    certain = refused is not None or (rto is not None and waited >= rto)
    measured = tuple(measurement(history, measure, None, why, failed=certain) for measure in measures)
    return Judgement(measured, (Finding(BACK, "broken" if certain else "unknown", why), one_primary))


def _one_primary(history: History) -> Finding:
    """Looked at after the failover and again after the lost server came back: two that accept writes drift apart."""
    seen = every(history, "observed") + every(history, "healed")
    several = next((one["writable"] for one in seen if len(one["writable"]) > 1), None)
    if several:
        return Finding(ONE, "broken", f"{' and '.join(several)} accept writes at the same time")
    failed = first(history, "not_healed")
    if failed is not None or len(seen) < 2:
        return Finding(ONE, "unknown", failed["why"] if failed else "nobody looked after the lost server came back")
    return Finding(ONE, "kept", "looked at after the failover and after the lost server came back")


def _its_own(later: Loss) -> Finding:
    """What the new primary acknowledged itself, it must have."""
    what = "what was acknowledged afterwards is there"
    return Finding(what, "broken" if later.rows else "kept", f"{later.rows} writes are gone" if later.rows else "")


def _split(history: History, last: float, back: float) -> str:
    """Where the time went: `detect 0.30 s, promote 0.12 s, reconnect 0.02 s`."""
    broken, detected, promoted = (first(history, what) for what in ("breaking", "detected", "promoted"))
    if not broken or not detected or not promoted:
        return ""
    stalled = broken["t"] - last
    parts = [("stalled before", stalled)] if stalled > 0.1 else []
    parts += [
        ("detect", detected["t"] - broken["t"]),
        ("promote", promoted["t"] - detected["t"]),
        ("reconnect", max(0.0, back - promoted["t"])),
    ]
    return ", ".join(f"{name} {seconds:.2f} s" for name, seconds in parts)


def _notes(history: History, wanted: Wanted) -> tuple[str, ...]:
    began, frozen = history[0], first(history, "frozen")
    mode = "waits for" if began.get("synchronous") else "does not wait for"
    notes = [f"A commit {mode} the standby."] if began.get("standby") else []
    if frozen is not None:
        notes.append(f"Replication was held up for {show(frozen['seconds'], 's')} before the kill.")
    if not _in_zone(history) and set(IN_ZONE) & set(wanted.promises):
        notes.append("The loss of a zone was not measured: the plan has no standby in another zone.")
    if began["world"] == "lab":
        notes.append(
            "The lab's own controller took over. A managed database detects and fails over in its own time: "
            "the prediction of the plan counts that, not this."
        )
    return tuple(notes)
