"""The alerts that a drill expects: which, by when, and until when; waited for while it runs, judged afterwards.

What is promised is worked out before anything is broken, from the rules' own arithmetic and the pace of the world that
watches (`watch/prometheus/timing.py`), and is part of the history: an old drill is judged by what was promised then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from standfast.drill.history import History, Recorder, every, first, when
from standfast.drill.judgement import Finding
from standfast.spec.quantity import show
from standfast.watch.prometheus.configuration import PACE
from standfast.watch.prometheus.timing import Alert
from standfast.worlds.system import SystemShape, SystemWorld

POLL = 0.1
PATIENCE = 10.0  # seconds beyond its time that an alert is waited for: late is another finding than never
Wanted = tuple[str, Mapping[str, str]]  # name of an alert, and labels that tell which


def expect(
    world: SystemWorld, recorder: Recorder, wanted: Iterable[Wanted], share: float = 1.0, unless: str = ""
) -> None:
    """Write down what must fire for the damage to come, in which this share of requests fails; where a host is named,
    `unless` it is back before anybody had to be told.

    Of several rules that fit (a budget is judged over several windows) the quickest counts."""
    watches = world.alerting
    for name, labels in wanted:
        if watches is None:
            recorder.record("unwatched", alert=name, labels=dict(labels))
            continue
        fit = [one for one in watches.alerts if one.name == name and labels.items() <= _labels(one).items()]
        if not fit:
            recorder.record("unwatched", alert=name, labels=dict(labels))
            continue
        alert = min(fit, key=lambda one: watches.pace.fires(one, share))
        recorder.record(
            "expects", alert=name, labels=dict(labels), severity=alert.severity,
            within=round(watches.pace.fires(alert, share), 3), ends_within=round(watches.pace.ends(alert), 3),
            in_production=round(PACE.fires(alert, share), 1), **({"unless": unless} if unless else {}),
        )  # fmt: skip


def _labels(one: Alert) -> dict[str, str]:
    return {**one.labels, "severity": one.severity}


def instances(components: Iterable[str]) -> list[Wanted]:
    """That fewer hosts of these services answer than were planned."""
    return [("InstancesMissing", {"component": one}) for one in sorted(set(components))]


def gone(components: Iterable[str]) -> list[Wanted]:
    """That fewer servers of these stores are heard of than were planned."""
    return [("StoreMissing", {"component": one}) for one in sorted(set(components))]


def of_zone(shape: SystemShape, zone: str) -> list[Wanted]:
    """What is told when all that stands in a zone is gone."""
    here = [one for one in shape.hosts if one.zone == zone]
    stores = gone(one.component for one in here if one.role in ("database", "cache"))
    return [*instances(one.component for one in here if one.role == "service"), *stores]


def firing(history: History, expected: Mapping) -> Mapping | None:
    """When it first fired, after the damage."""
    return _heard(history, expected, "firing", "breaking")


def ended(history: History, expected: Mapping) -> Mapping | None:
    fired = firing(history, expected)
    if fired is None:
        return None
    told = [one for one in every(history, "alert") if _is(one, expected) and when(one) >= when(fired)]
    # a budget has an alert for each of its windows: all of those that fired
    last = {str(sorted(one.get("labels", {}).items())): one for one in sorted(told, key=when)}
    open_ = [one for one in last.values() if one["state"] == "firing"]
    return None if open_ else max(last.values(), key=when)


def wait_fired(world: SystemWorld, recorder: Recorder) -> None:
    """Until all that is expected has fired, or its time and more is over; the first is written down as `told`."""
    expected = every(recorder.events, "expects")
    broken = first(recorder.events, "breaking")
    if not expected or broken is None:
        return
    last = recorder.began + broken["t"] + max(one["within"] for one in expected) + PATIENCE
    while world.now() < last and not all(
        firing(recorder.events, one) or _is_back(one, world.observe) for one in expected
    ):
        world.wait(POLL)
    fired = [one for one in (firing(recorder.events, each) for each in expected) if one is not None]
    if fired and first(recorder.events, "told") is None:
        begun = min(fired, key=when)
        recorder.record("told", alert=begun["name"], at=when(begun))


def wait_ended(world: SystemWorld, recorder: Recorder, stop: Callable[[], bool]) -> None:
    """After all was healed: until what has fired has ended, or its time and more is over, or `stop` says so."""
    fired = [one for one in every(recorder.events, "expects") if firing(recorder.events, one)]
    if not fired or first(recorder.events, "interrupted"):
        return
    last = world.now() + max(one["ends_within"] for one in fired) + PATIENCE
    while world.now() < last and not stop():
        if all(ended(recorder.events, one) for one in fired):
            over = [one for one in (ended(recorder.events, each) for each in fired) if one is not None]
            recorder.record("cleared", at=max(when(one) for one in over))
            return
        world.wait(POLL)


def judged(history: History) -> list[Finding]:
    """That each expected alert fired in its time, and ended in its time once all was well again."""
    found = []
    broken, healed = first(history, "breaking"), first(history, "healed")
    for one in every(history, "expects"):
        name, fired, over = named(one), firing(history, one), ended(history, one)
        promised = f"promised within {show(one['within'], 's')}, in production {show(one['in_production'], 's')}"
        if fired is None and _is_back(one, lambda: first(history, "observed") or {}):
            told = f"{one['unless']} was back before anybody had to be told; {promised}"
            found.append(Finding(f"{name} fires in time", "kept", told))
            continue
        if fired is None or broken is None:
            found.append(Finding(f"{name} fires in time", "broken", f"it never did; {promised}"))
            continue
        took = max(0.0, when(fired) - broken["t"])
        to = f" to {fired['receiver']}" if fired.get("receiver") else ""
        told = f"{show(round(took, 2), 's')} after the damage{to}; {promised}"
        found.append(Finding(f"{name} fires in time", "kept" if took <= one["within"] else "broken", told))
        found.append(_over(name, one, over, healed))
    for one in every(history, "unwatched"):
        found.append(Finding(f"{named(one)} fires in time", "unknown", "nothing in this world tells of it"))
    return found


def _is_back(expected: Mapping, seen: Callable[[], Mapping]) -> bool:
    return bool(expected.get("unless")) and bool(seen().get("hosts", {}).get(expected["unless"]))


def _over(name: str, expected: Mapping, over: Mapping | None, healed: Mapping | None) -> Finding:
    what, allowed = f"{name} ends in time", expected["ends_within"]
    if healed is None:
        return Finding(what, "unknown", "the world was not healed")
    if over is None:
        return Finding(what, "broken", f"it still fired when the drill ended; promised within {show(allowed, 's')}")
    took = when(over) - when(healed)
    told = "before all was healed" if took <= 0 else f"{show(round(took, 2), 's')} after all was healed"
    return Finding(what, "kept" if took <= allowed else "broken", f"{told}; promised within {show(allowed, 's')}")


def named(expected: Mapping) -> str:
    """`InstancesMissing (web)`."""
    return (
        f"{expected['alert']} ({', '.join(expected['labels'].values())})" if expected["labels"] else expected["alert"]
    )


def _heard(history: History, expected: Mapping, state: str, since: str) -> Mapping | None:
    begun = first(history, since)
    if begun is None:
        return None
    told = [one for one in every(history, "alert") if _is(one, expected) and one["state"] == state]
    return min((one for one in told if when(one) >= when(begun)), key=when, default=None)


def _is(event: Mapping, expected: Mapping) -> bool:
    return event["name"] == expected["alert"] and expected["labels"].items() <= event.get("labels", {}).items()
