"""A drill follows the runbook: the steps that need no judgement are carried out from the page's own data, each is
checked by the condition that the page gives, and page and system must agree.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict
from typing import Any

from standfast.drill.history import History, Recorder, every, first, when
from standfast.drill.judgement import Finding
from standfast.drill.settings import Settings
from standfast.drill.traffic import requests
from standfast.problem import Problems
from standfast.runbook import CHECKS, ITSELF, Runbook, Step
from standfast.spec.quantity import show
from standfast.worlds.database import STEPS as DATABASE_STEPS
from standfast.worlds.database import NotRecovered
from standfast.worlds.system import STEPS

POLL = 0.1
FEWEST, CALM = 4, 1.0  # requests, and seconds without an error, that count as answered again
Check = Callable[[Any, Recorder, Step, float], str]  # why it does not hold; "" when it does
BROUGHT = {"restore_offsite", "restore_moment"}  # steps after which a database has come back by hand
SETTLED = ("contents", "same")  # what does not become true by waiting
WHAT = "runbook and system agree"


def record_runbook(recorder: Recorder, page: str, book: Runbook | None) -> None:
    """What the page says, so that a judge needs nothing but the history."""
    steps = [asdict(one) for one in book.steps] if book else []
    kept = ("name", "who", "of", "does", "check", "seconds")
    recorder.record("runbook", page=page, steps=[{key: one[key] for key in kept} for one in steps])


def follow(
    world: Any, recorder: Recorder, settings: Settings, parts: Collection[str], told: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Carry out the machine steps of the page that are about these components, or the whole system, and check each.

    `told`: what each word is told, beyond its name. False, and written down, at the first that does not work.
    """
    for step in settings.runbook.steps if settings.runbook else ():
        if step.who != "machine" or not step.does or step.untried or step.of not in ("", *parts):
            continue
        began = world.now()
        recorder.record("step", name=step.name, does=step.does)
        try:
            world.carry_out(step.does, **_words(step, told.get(step.does, {})))
        except NotRecovered as problems:
            problem = problems.problems[0]
            why = f"{problem.what}: {problem.why}" if problem.why else problem.what
            recorder.record("not_recovered", why=why, step=step.name)
            return False
        recorder.record("carried_out", step=step.does, name=step.name)
        why = _held(world, recorder, step, began, settings.patience)
        took = round(world.now() - began, 3)
        recorder.record("checked", name=step.name, check=step.check, held=not why, why=why, seconds=took)
        if why:
            recorder.record("not_recovered", why=f"it was carried out, and still: {why}", step=step.name)
            return False
    return True


def _words(step: Step, told: Mapping[str, Any]) -> dict[str, Any]:
    """What a word is told: where it is of one component, the step's own. Raises NotRecovered where it lacks something:
    it is a step for another damage."""
    wants = {**DATABASE_STEPS, **STEPS}.get(step.does, ())
    words = {**told, **({"component": step.of} if "component" in wants else {})}
    lacking = sorted(set(wants) - set(words))
    if lacking:
        raise NotRecovered(f"{step.does} is no step for this damage", f"nobody says which {' and '.join(lacking)}")
    return words


def _held(world: Any, recorder: Recorder, step: Step, began: float, patience: float) -> str:
    """Wait until the step's condition holds, as people would; why it does not, when patience ends."""
    check, end = HOLDS.get(step.check), world.now() + patience
    if check is None:
        return f"the page gives no condition by which a drill knows that it worked: {step.check!r}"
    since = world.now() - recorder.began
    while True:
        try:
            why = check(world, recorder, step, since)
        except Problems as problems:  # what does not answer has not come back
            why = problems.problems[0].what
        if not why or world.now() >= end or step.check in SETTLED:
            return why
        world.wait(POLL)


def _well(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    seen = world.observe()
    return "" if seen["well"] else str(seen["why"])


def _healthy(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    hosts = {one.name for one in world.shape.hosts if one.component == step.of}
    ill = sorted(name for name, well in world.observe()["hosts"].items() if name in hosts and not well)
    return f"{', '.join(ill)} not healthy" if ill else "" if hosts else f"there is no {step.of}"


def _served(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    sent = requests(recorder.events, since)
    bad = [one.due for one in sent if not one.good]
    after = [one for one in sent if not bad or one.due > bad[-1]]
    calm = len(after) >= FEWEST and after[-1].due - after[0].due >= CALM
    return "" if calm else f"{len(bad)} of {len(sent)} requests failed"


def _sound(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    return _healthy(world, recorder, step, since) or _served(world, recorder, step, since)


def _writable(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    found = [name for name in world.observe()["writable"] if name.rpartition("-")[0] == step.of]
    return "" if len(found) == 1 else f"{len(found)} servers of {step.of} accept writes"


def _contents(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    before = first(recorder.events, "contents", of="before")
    found = first(recorder.events, "contents", of="restored")
    if found is None:
        tables = dict(world.contents("restored"))
        recorder.record("contents", of="restored", tables=tables)
        found = {"tables": tables}
    return "; ".join(differences(before["tables"], found["tables"])) if before else "nobody looked at them before"


def _same(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    before = first(recorder.events, "contents", of=step.of)
    if before is None:
        return "nobody looked at what it held before"
    now = dict(world.contents(step.of))
    wrong = differences(before["tables"], now)
    return "; ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")


def _empty(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    left = sorted(world.contents(step.of))
    return f"{', '.join(left[:3])} is still there" if left else _served(world, recorder, step, since)


def _clients(world: Any, recorder: Recorder, step: Step, since: float) -> str:
    done = [one for one in every(recorder.events, "acknowledged") if one["t"] >= since]
    return "" if any(one["server"].startswith("restored") for one in done) else "no write was acknowledged by it"


HOLDS: Mapping[str, Check] = {
    "well": _well, "healthy": _healthy, "sound": _sound, "served": _served, "writable": _writable,
    "contents": _contents, "clients": _clients, "same": _same, "empty": _empty,
}  # fmt: skip


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Tables, or other things, that are not what they were, in words."""
    missing = "is missing"
    return [
        f"{name}: was {before.get(name, missing)}, came back {after.get(name, missing)}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def agreement(history: History, *, by_hand: bool = False, about: Collection[str] = ()) -> Finding:
    """Whether the page says what was done, and what was done is what the page says. Pure.

    `by_hand`: nothing brings this back but a step of the page, so that one must be there; for each of `about` its own.
    """
    page = first(history, "runbook")
    if page is None:
        return Finding(WHAT, "unknown", "the history holds no runbook: it is of an older drill")
    steps, done = page["steps"], every(history, "carried_out")
    wrong = [*_undone(history), *_unnamed(history, steps), *_not_by_itself(history, steps), *_slow(history, steps)]
    said = {one["of"] for one in steps if one["who"] != "itself"}
    wrong += [f"{page['page']}.md has no step for {name}" for name in about if name not in said]
    if not wrong and by_hand and not done:
        told = first(history, "not_told")
        if told is not None:
            return Finding(WHAT, "unknown", f"no step was tried: {told['why']}")
        wrong.append(f"{page['page']}.md has no step for it that a machine can carry out")
    if wrong:
        return Finding(WHAT, "broken", "; ".join(wrong))
    tried = [one["name"] for one in every(history, "checked")]
    itself = [one["name"] for one in steps if one["who"] == "itself" and ITSELF.get(one["does"])]
    seen = tried or (itself if every(history, "promoted") else [])
    return Finding(WHAT, "kept", f"{page['page']}.md: {', '.join(seen) or 'nothing had to be done'}")


def _undone(history: History) -> list[str]:
    return [f"{one['step']}: {one['why']}" for one in every(history, "not_recovered") if one.get("step")]


def _unnamed(history: History, steps: list[Mapping[str, Any]]) -> list[str]:
    """What was done that no step of the page says."""
    words = {one["does"] for one in steps if one["who"] == "machine"}
    return [f"{one['step']} was carried out, and no step of the page is it" for one in every(history, "carried_out")
            if one["step"] not in words]  # fmt: skip


def _not_by_itself(history: History, steps: list[Mapping[str, Any]]) -> list[str]:
    """A database that came back in another way than its step says, or did not, or that no step speaks of."""
    broken, done = first(history, "breaking"), {one["step"] for one in every(history, "carried_out")}
    if broken is None or done & BROUGHT or not any(one["who"] == "itself" for one in steps):
        return []  # a page written without the figures of the plan does not tell what comes back by itself
    lost = (first(history, "broken") or {}).get("leaders", ())
    said = {one["of"]: one for one in steps if one["who"] == "itself" and ITSELF.get(one["does"])}
    came = {}
    for one in every(history, "promoted"):
        again = one["server"] == "primary"
        came[_component(history, one["server"])] = "start_again" if again else "take_over"
    wrong = [f"{of} came back by itself, and no step of the page says so" for of in sorted(came) if of not in said]
    for of in sorted(set(lost) & set(said)):
        name, does = said[of]["name"], said[of]["does"]
        if of not in came:
            wrong.append(f"{name}: the page says that it does so by itself, and it did not")
        elif came[of] != does:
            wrong.append(f"{name}: the page says {WORDS[does]}, and {WORDS[came[of]]}")
    return wrong


WORDS = {"take_over": "another server takes over", "start_again": "the same server starts again"}


def _component(history: History, server: str) -> str:
    """Servers of a whole system carry the name of their database; those of one database do not."""
    known = {one["component"] for one in history[0].get("hosts", ())}
    base = server.rpartition("-")[0]
    return base if base in known else str(history[0].get("store", ""))


def _slow(history: History, steps: list[Mapping[str, Any]]) -> list[str]:
    """What took longer than the page says."""
    expected = {one["name"]: one["seconds"] for one in steps}
    took = {one["name"]: one["seconds"] for one in every(history, "checked")}
    broken = first(history, "breaking")
    for one in every(history, "promoted") if broken else ():
        of = _component(history, one["server"])
        for step in steps:
            if step["who"] == "itself" and step["of"] == of and broken is not None:
                took[step["name"]] = when(one) - when(broken)
    return [
        f"{name} took {show(round(seconds, 1), 's')}, and the page says {show(expected[name], 's')}"
        for name, seconds in took.items()
        if expected.get(name) is not None and seconds > expected[name]
    ]


assert set(HOLDS) == set(CHECKS), "every condition of a page is one that a drill can look for"
