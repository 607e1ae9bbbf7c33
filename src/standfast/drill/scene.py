"""What the drills of a whole system do alike: users come, one thing breaks, the runbook is followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from standfast.drill.alerts import Wanted, expect, firing, wait_fired
from standfast.drill.following import follow
from standfast.drill.history import Recorder, every, first, when
from standfast.drill.settings import Settings
from standfast.drill.traffic import STEADY, calm, requests, served_again, share_good
from standfast.worlds import Fault
from standfast.worlds.system import STEPS, Host, SystemShape, SystemWorld

POLL = 0.1
WARMS_UP, SEEN = 15.0, 5.0  # seconds until users must be served well, and of how many of them that is judged
AFTER = 1.0  # seconds that users are looked at once they are served again


def play(
    world: SystemWorld,
    recorder: Recorder,
    settings: Settings,
    fault: Fault,
    *,
    alert: bool = False,
    alerts: Iterable[Wanted] = (),
    share: float = 1.0,
    unless: str = "",
    hidden: bool = False,
    lasts: bool = True,
) -> None:
    """Break, follow the runbook (with `alert`: not before somebody was told), and look until users are served.

    `alerts` must fire for it, each in the time that is promised where this `share` of requests fails, `unless` the host
    of that name is back before anybody had to be told; `hidden`: no
    health check sees the damage, and requests fail; without `lasts` neither: the judge looks at what users saw."""
    if not begin(world, recorder, settings):
        return
    if settings.lag and world.shape.of("database"):
        recorder.record("frozen", seconds=settings.lag)
        world.break_(Fault("hold_replication", {"database": largest_database(world.shape)}))
        world.wait(settings.lag)
    leaders = {name.rpartition("-")[0]: name for name in world.observe()["writable"]}
    expect(world, recorder, alerts, share, unless)
    recorder.record("breaking", fault=fault.name, told=_plain(fault.settings))
    world.break_(fault)
    seen = world.observe()
    lost = [of for of, name in sorted(leaders.items()) if not seen["hosts"].get(name)]
    recorder.record("broken", hosts=dict(seen["hosts"]), leaders=lost)
    if seen["well"] and not hidden and lasts:
        recorder.record("unbroken", why="everything is still well")
        return
    was_told = not alert or _somebody_is_told(world, recorder, settings.patience)
    broken = first(recorder.events, "breaking")
    if hidden and broken and all(one.good for one in requests(recorder.events, broken["t"])):
        recorder.record("unbroken", why="no request failed")
        return
    if not was_told:
        recorder.record("not_told", why=f"no alert fired within {settings.patience:g} s")
    else:
        words = {step: {word: fault.settings[word] for word in told} for step, told in STEPS.items()
                 if set(told) <= set(fault.settings)}  # fmt: skip
        follow(world, recorder, settings, _parts(world.shape, fault), words)
    look(world, recorder, settings)


def begin(world: SystemWorld, recorder: Recorder, settings: Settings, rps: float | None = None) -> bool:
    """Let users come, and see that they are served. False, and written down, where they are not."""
    world.start_load(settings.rps if rps is None else rps)
    world.start_writing()
    recorder.record("writing")
    world.wait(settings.seconds + 0.5)
    end = world.now() + WARMS_UP
    while True:  # the first requests open connections and fill caches
        served = share_good(requests(recorder.events, world.now() - recorder.began - SEEN))
        if (served is not None and served >= STEADY) or world.now() >= end:
            break
        world.wait(POLL)
    if served is None or served < STEADY:
        told = "too few requests were answered to tell" if served is None else f"only {served:.1%} of requests succeed"
        recorder.record("unsteady", why=told)
        return False
    return True


def look(world: SystemWorld, recorder: Recorder, settings: Settings) -> None:
    """Until users are served again, or patience ends; then what is left, and which rows are there."""
    end = world.now() + settings.patience
    stopped = first(recorder.events, "not_recovered") or first(recorder.events, "not_told")
    world.wait(AFTER)
    while not stopped and world.now() < end:
        if calm(recorder.events, world.now() - recorder.began, world.gives_up):
            recorder.record("back", at=served_again(recorder.events))
            wait_fired(world, recorder)
            break
        world.wait(POLL)
    else:
        recorder.record("gave_up", seconds=0.0 if stopped else settings.patience)
    world.wait(AFTER)
    seen = world.observe()
    recorder.record("observed", writable=list(seen["writable"]), hosts=dict(seen["hosts"]), why=seen["why"])
    world.stop_load()
    world.stop_writing()
    if seen["writable"] and world.shape.of("database"):
        recorder.record("found", server="survivor", ids=list(world.written()))


def _somebody_is_told(world: SystemWorld, recorder: Recorder, patience: float) -> bool:
    """Of what is expected; of anything, where nothing is."""
    expected = every(recorder.events, "expects")
    end = world.now() + max([patience, *(one["within"] for one in expected)])
    while world.now() < end:
        fired = [firing(recorder.events, one) for one in expected] or [first(recorder.events, "alert", state="firing")]
        event = next((one for one in fired if one is not None), None)
        if event is not None:
            recorder.record("told", alert=event["name"], at=when(event))
            return True
        world.wait(POLL)
    return False


def _parts(shape: SystemShape, fault: Fault) -> set[str]:
    """The components that the damage is about: those it names, or has hosts of, or takes every host of."""
    named = {fault.settings[word] for word in ("service", "component") if word in fault.settings}
    named |= {one.component for one in shape.hosts if one.name == fault.settings.get("host")}
    return named | (set(forgetful(shape, fault.settings["zone"])) if "zone" in fault.settings else set())


def forgetful(shape: SystemShape, zone: str) -> list[str]:
    """The caches that requests need, and that have hosts in this zone alone."""
    zones: dict[str, set[str]] = {}
    for one in shape.of("cache"):
        zones.setdefault(one.component, set()).add(one.zone)
    return sorted(name for name, where in zones.items() if where == {zone} and name in shape.system.essential)


def hold(world: SystemWorld, recorder: Recorder, names: Iterable[str]) -> None:
    """Put known things into these stores, and write down what they are."""
    for name in names:
        world.fill(name)
        recorder.record("contents", of=name, tables=dict(world.contents(name)))


def _plain(settings: Mapping) -> dict:
    return {key: list(value) if isinstance(value, (tuple, set)) else value for key, value in settings.items()}


def largest_database(shape: SystemShape) -> str:
    kept = {one.component for one in shape.of("database")}
    fit = [store for store in shape.system.stores if store.name in kept]
    return max(fit, key=lambda store: (store.data, store.name)).name if fit else ""


def busiest_service(shape: SystemShape) -> tuple[Host, ...]:
    """The hosts of the service with the most of them that users' requests need."""
    services = {one.component for one in shape.of("service")} & shape.system.essential
    named = max(sorted(services), key=lambda name: len(shape.of("service", name)), default="")
    return shape.of("service", named)


def first_zone(shape: SystemShape) -> str:
    """The zone of the primary of the largest database: what hurts most. Else the first there is."""
    primary = shape.of("database", largest_database(shape)) if shape.of("database") else ()
    return primary[0].zone if primary else shape.zones[0]
