"""What to do when something is lost: a page per disruption, with this system's names, times and commands."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.docs.names import standing
from standfast.docs.runbooks import steps
from standfast.docs.told import MADE, Told, place_of
from standfast.markdown import code, link, listed, shell, table, text
from standfast.markdown import page as paged
from standfast.plan.reasons.explanation import Recovering
from standfast.spec.model import DISRUPTIONS
from standfast.spec.quantity import show

LOST = {
    "instance": ("A server is lost", "One server or node died, or does not answer."),
    "zone": ("A zone is lost", "A data centre is away: everything in one of the zones, all at once."),
    "region": ("The region is lost", "Every zone of it is away, or the provider says that it will be for hours."),
    "corruption": (
        "Data or code is ruined",
        "A dropped table, a bad deploy, ransomware: everything runs, and what it does or holds is wrong.",
    ),
}  # fmt: skip
DRILLS = {"instance": "lose_primary", "zone": "lose_primary", "corruption": "restore"}


def pages(told: Told) -> Iterator[tuple[str, str]]:
    yield "README", _index(told)
    for disruption in DISRUPTIONS:
        yield disruption, _page(told, disruption)


def _index(told: Told) -> str:
    rows = [
        (link(LOST[one][0], f"{one}.md"), text(LOST[one][1]), _promised(told, one, "rto"), _promised(told, one, "rpo"))
        for one in DISRUPTIONS
    ]
    owner = f"Call: {text(told.system.owner)}." if told.system.owner else "The spec names no `owner` to call."
    return paged(
        f"# {text(told.system.name)}: runbooks",
        MADE,
        f"{owner} Where things are: {link('the map', '../architecture.md')}.",
        "## First, look",
        "Which alarms ring, and does it answer? The commands here are run where the folder `code` is.",
        shell(steps.first_look(told)),
        "## Then",
        table(("what you see", "that is", "promised back in", "promised to lose at most"), rows, right=[2, 3]),
        "Not sure? Servers that die one after the other, and the same errors from all of them, are code or data, not a "
        "server: begin with " + link("ruined data or code", "corruption.md") + ".",
        _alarms(told),
        "## Afterwards",
        listed(
            (
                "Look for what was changed by hand meanwhile, and put it into the spec or back: "
                + code("terraform -chdir=code/terraform plan") + ".",
                "What took longer than these pages say is worth a line in the spec, and a drill.",
            )
        ),
    )  # fmt: skip


def _page(told: Told, disruption: str) -> str:
    title, means = LOST[disruption]
    every = [(name, back) for name, one in told.explained.items() for back in one.recovery]
    comes = {name: back for name, back in every if back.disruption == disruption}
    alone = [name for name, back in comes.items() if not steps.by_hand(back)]
    hands = [name for name, back in comes.items() if steps.by_hand(back)]
    timed = {name: comes[name] for name in hands}
    if not comes and disruption == "corruption":  # nothing is promised, and still it can happen
        hands = list(told.parts)
    return paged(
        f"# {title}",
        MADE,
        text(means),
        _kept(told, disruption),
        "## Is it this?",
        shell(steps.look(told, disruption)),
        _times("## What comes back by itself", told, {name: comes[name] for name in alone}),
        _forced(told, disruption, alone),
        _times("## What needs you", told, timed) or ("" if disruption in ("instance", "zone") else "## What needs you"),
        *steps.by_hand_steps(told, disruption, hands),
        "## How to know that it worked",
        shell(steps.worked(told)),
        "The commands under *Is it this?* show every part in order, and no alarm rings for ten minutes.",
        "## How to go back",
        text(steps.BACK[disruption]),
        *steps.undo(told, disruption, hands),
        _drill(told, disruption),
        link("All runbooks", "README.md"),
    )


def _promised(told: Told, disruption: str, what: str) -> str:
    wanted = told.system.promises.reliability.recovery.get(disruption)
    value = getattr(wanted, what, None)
    return "–" if value is None else "nothing" if what == "rpo" and value == 0 else show(value, "s")


def _kept(told: Told, disruption: str) -> str:
    rows = [
        one
        for one in told.promises
        if one.measure in (f"reliability.rto.{disruption}", f"reliability.rpo.{disruption}")
    ]
    if not rows:
        return "Nothing is promised for it. What follows is what can be done."
    said = []
    for one in rows:
        back = ".rto." in one.measure
        predicted = "unknown" if one.predicted is None else show(one.predicted, one.unit)
        limit = show(one.declared, one.unit)
        word = f"back within {limit}" if back else f"losing at most {limit}" if one.declared else "losing nothing"
        said.append(f"{word} ({place_of(one.place)}; planned: {predicted})")
    return f"Promised: {', '.join(said)}."


def _times(head: str, told: Told, comes: dict[str, Recovering]) -> str:
    rows = []
    for name, back in sorted(comes.items(), key=lambda item: (item[1].rto is not None, -(item[1].rto or 0), item[0])):
        counted = [one for one in back.steps if one.counts == "rto"]
        said = "; ".join(
            f"{one.name} ({show(one.seconds, 's')}{', assumed' if one.assumed else ''})" for one in counted
        )
        after = "–" if back.rto is None else "at once" if back.rto == 0 else show(back.rto, "s")
        lost = "everything" if back.rpo is None else "nothing" if back.rpo == 0 else f"the last {show(back.rpo, 's')}"
        rows.append((told.page_of(name, "../"), after, lost, text(said or "there is no way back")))
    return paged(head, table(("part", "expected after", "loses", "how"), rows, right=[1])) if rows else ""


def _forced(told: Told, disruption: str, alone: list[str]) -> str:
    found = [lines for name in alone if (lines := steps.commands(told, name, "takeover"))]
    if disruption not in ("instance", "zone") or not found:
        return ""
    said = "Not back after twice the time? Then force it. This interrupts the part once more, for about as long."
    return paged("### When it does not", said, shell(line for lines in found for line in lines))


def _alarms(told: Told) -> str:
    rows = []
    for one in standing(told):
        if one.kind in steps.ALARM_KINDS:
            known = told.plan.choice(one.component)
            part = told.page_of(one.component, "../") if known else text(one.component or "–")
            rows.append((code(one.name), part, text(steps.said_by(one.settings))))
    return paged("## Alarms", table(("alarm", "part", "means"), rows)) if rows else ""


def _drill(told: Told, disruption: str) -> str:
    if disruption not in DRILLS or not any(store.kind == "postgres" for store in told.system.stores):
        return ""
    return paged(
        "## Try it before you need it",
        "On a copy of the shape, on your own machine, timed:",
        shell([f"standfast drill {DRILLS[disruption]} {told.again}"]),
    )
