"""What the drills of a whole system are judged by: RTO as users saw it, acknowledged rows lost, what was left. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from standfast.drill.history import History, every, first, when
from standfast.drill.judgement import Finding, Judgement, Wanted, loss, measurement, unfinished
from standfast.drill.traffic import Outage, outage, requests
from standfast.promise import Verdict
from standfast.spec.quantity import show

BACK = "users are served again"
MONTH = 30 * 86_400.0  # seconds


def survived(history: History, wanted: Wanted, disruption: str, *, since: str = "breaking", rows: bool = True):
    """The judgement that all of them share. `disruption`: whose RTO and RPO are measured; "" for none of them."""
    measures = tuple(f"reliability.{one}.{disruption}" for one in (("rto", "rpo") if rows else ("rto",)) if disruption)
    stopped = unfinished(history, measures)
    if stopped is not None:
        return stopped
    seen = outage(history, since)
    if seen is None:
        why = "too few requests came to tell"
        unknown = tuple(measurement(history, one, None, why) for one in measures)
        return Judgement(unknown, (Finding(BACK, "unknown", why),))
    never, why = seen.seconds is None, _why_not(history)
    allowed = wanted.seconds(f"reliability.rto.{disruption or 'instance'}")
    certain = never and ((allowed is not None and _waited(history) >= allowed) or _refused(history))
    last = "it was over" if since == "subsided" else "the damage"
    findings = [
        _back(seen, certain, why, allowed if not disruption else None, last),
        *_allowance(history, seen, wanted),
    ]
    findings += [_one_leader(history)] if rows and every(history, "acknowledged") else []
    measured = []
    for one in measures:
        if ".rto." in one:
            told = f"{seen.failed} of {seen.sent} requests failed; {_split(history)}".rstrip("; ")
            measured.append(measurement(history, one, seen.seconds, why if never else told, failed=certain))
        else:
            measured.append(_lost(history, one, certain, why))
    return Judgement(tuple(measured), tuple(findings), _notes(history))


def _lost(history: History, measure: str, certain: bool, why: str):
    broken = (first(history, "breaking") or history[0])["t"]
    writes = [one for one in every(history, "acknowledged") if one["t"] <= broken]
    if not writes:
        return measurement(history, measure, None, "there is no database here that a client could write to")
    lost = loss(history, "survivor", writes, broken)
    if lost is None:
        return measurement(history, measure, None, why or "nobody looked at which rows are left", failed=certain)
    return measurement(history, measure, lost.seconds, f"{lost.rows} of {lost.acknowledged} acknowledged writes lost")


def _back(seen: Outage, certain: bool, why: str, allowed: float | None, last: str) -> Finding:
    if seen.seconds is None:
        return Finding(BACK, "broken" if certain else "unknown", why)
    if seen.failed == 0:
        return Finding(BACK, "kept", f"none of {seen.sent} requests failed")
    told = f"{show(round(seen.seconds, 3), 's')} after {last}"
    verdict: Verdict = "kept" if allowed is None or seen.seconds <= allowed else "broken"
    return Finding(BACK, verdict, told)


def _allowance(history: History, seen: Outage, wanted: Wanted) -> list[Finding]:
    """What failed, against what a month allows to fail."""
    if wanted.system is None:
        return []
    availability = wanted.system.promises.reliability.availability
    began, ended = first(history, "breaking"), first(history, "observed")
    if began is None or ended is None or availability >= 1.0:
        return []
    spent = seen.failed / seen.sent * (ended["t"] - began["t"])
    allowed = (1.0 - availability) * MONTH
    told = (
        f"{1 - seen.failed / seen.sent:.2%} of requests succeeded; as much as {show(round(spent, 1), 's')} "
        f"of an outage, and a month allows {show(round(allowed), 's')}"
    )
    return [Finding("availability lasts for the month", "kept" if spent <= allowed else "broken", told)]


def _one_leader(history: History) -> Finding:
    what = "never more than one server of a database accepts writes"
    seen = every(history, "observed") + every(history, "healed")
    for one in seen:
        bases = [name.rpartition("-")[0] for name in one["writable"]]
        if len(set(bases)) < len(bases):
            return Finding(what, "broken", f"{' and '.join(one['writable'])} accept writes at the same time")
    if len(seen) < 2:
        return Finding(what, "unknown", "nobody looked after all was healed")
    return Finding(what, "kept", "looked at after the recovery and after all was healed")


def _why_not(history: History) -> str:
    for what in ("not_recovered", "not_told", "not_promoted"):
        event = first(history, what)
        if event is not None:
            return str(event["why"])
    return f"not back within {show(_waited(history), 's')}, when the drill stopped looking"


def _refused(history: History) -> bool:
    return any(first(history, what) is not None for what in ("not_recovered", "not_told"))


def _waited(history: History) -> float:
    gave_up = first(history, "gave_up")
    return float(gave_up["seconds"]) if gave_up else 0.0


def _split(history: History) -> str:
    """Where the time went, in its order: `detect 0.30 s, promote 0.12 s, reconnect 0.05 s`. What came after users were
    served again took none of it."""
    broken, back = first(history, "breaking"), first(history, "back")
    if broken is None:
        return ""
    names = {"told": "alert", "detected": "detect", "promoted": "promote", "carried_out": "runbook"}
    seen = [one for one in (first(history, what) for what in names) if one is not None]
    last, parts = when(broken), []
    for event in sorted(seen, key=when):
        if back is None or when(event) <= when(back):
            parts.append(f"{names[event['what']]} {max(0.0, when(event) - last):.2f} s")
            last = max(last, when(event))
    if parts and back is not None:
        parts.append(f"reconnect {max(0.0, when(back) - last):.2f} s")
    return ", ".join(parts)


def _notes(history: History) -> tuple[str, ...]:
    frozen, notes = first(history, "frozen"), list(way(history))
    if frozen is not None:
        notes.append(f"Replication was held up for {show(frozen['seconds'], 's')} before the damage.")
    if history[0]["world"] == "lab":
        notes.append("All hosts are processes of one machine: times of a cloud are longer, and the plan counts those.")
    return tuple(notes)


def capacity_left(history: History, wanted: Wanted) -> Finding:
    """What the hosts that are left carry, by the plan's own prediction, against the average load."""
    what, seen, began = "what is left carries the load", first(history, "broken"), history[0]
    if seen is None or wanted.system is None:
        return Finding(what, "unknown", "nobody looked at what was left")
    services: dict[str, list[bool]] = {}
    for host in began.get("hosts", ()):
        if host["role"] == "service" and host["component"] in wanted.system.essential:
            services.setdefault(host["component"], []).append(bool(seen["hosts"].get(host["name"])))
    if not services:
        return Finding(what, "unknown", "no service was there")
    name, share = min(((name, sum(well) / len(well)) for name, well in services.items()), key=lambda one: one[1])
    left, scalability = began["carries"] * share, wanted.system.promises.scalability
    told = (
        f"{share:.0%} of {name}, about {left:,.0f} requests/s; average {scalability.average:,.0f}, "
        f"peak {scalability.peak:,.0f}"
    )
    return Finding(what, "kept" if left >= scalability.average else "broken", told)


def way(history: History) -> tuple[str, ...]:
    """How the copy was taken that is restored."""
    taken = first(history, "backed_up")
    return (f"Backed up and restored by {taken['by']}.",) if taken and taken.get("by") else ()


def alert_fired(history: History) -> Finding:
    broken, told = first(history, "breaking"), first(history, "told")
    if told is None or broken is None:
        return Finding("an alert fired", "broken", _why_not(history))
    return Finding("an alert fired", "kept", f"{told['alert']}, {when(told) - broken['t']:.1f} s after the damage")


def fast_enough(
    history: History, wanted: Wanted, since: str = "breaking", until: str = "observed", how: str = "holds meanwhile"
) -> list[Finding]:
    """The percentiles that are promised, of what was answered well between two events."""
    if wanted.system is None:
        return []
    from standfast.drill.traffic import percentile

    begin, end = first(history, since), first(history, until)
    if begin is None or end is None:
        return []
    sent = requests(history, when(begin), when(end))
    found = []
    for name, promised in sorted(wanted.system.promises.performance.percentiles.items()):
        took = percentile(sent, int(name[1:]) / 100)
        verdict: Verdict = "unknown" if took is None else "kept" if took <= promised else "broken"
        told = "nothing was answered" if took is None else f"{took * 1000:,.0f} ms, {promised * 1000:,.0f} ms promised"
        found.append(Finding(f"{name} {how}", verdict, told))
    return found


def with_findings(judgement: Judgement, *more: Finding) -> Judgement:
    """The same with more findings, where the drill came to its end."""
    return replace(judgement, findings=(*judgement.findings, *more))


def with_notes(judgement: Judgement, *more: str) -> Judgement:
    return replace(judgement, notes=(*judgement.notes, *more))


def ended(history: History, measures: Sequence[str] = ()) -> bool:
    return unfinished(history, measures) is None
