"""What to do when something is lost: a page per runbook, with this system's names, times and commands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from standfast.docs.told import MADE, Told, place_of
from standfast.drill import drill_module, drill_names
from standfast.markdown import code, link, listed, shell, table, text
from standfast.markdown import page as paged
from standfast.runbook import CHECKS, Runbook, Step, runbooks_of
from standfast.runbook.commands import ALARM_KINDS
from standfast.runbook.names import standing
from standfast.runbook.typed import first_look, worked
from standfast.spec.model import DISRUPTIONS
from standfast.spec.quantity import show

WHO = {"machine": "No judgement is needed.", "person": "Somebody decides this."}


def pages(told: Told) -> Iterator[tuple[str, str]]:
    books = runbooks_of(told)
    yield "README", _index(told, books)
    for one in books:
        yield one.name, _page(told, one)


def _index(told: Told, books: Sequence[Runbook]) -> str:
    rows = [
        (link(one.title, f"{one.name}.md"), text(one.means), _promised(told, one.name, "rto"),
         _promised(told, one.name, "rpo"))
        for one in books
    ]  # fmt: skip
    owner = f"Call: {text(told.system.owner)}." if told.system.owner else "The spec names no `owner` to call."
    return paged(
        f"# {text(told.system.name)}: runbooks",
        MADE,
        f"{owner} Where things are: {link('the map', '../architecture.md')}.",
        "## First, look",
        "Which alarms ring, and does it answer? The commands here are run where the folder `code` is.",
        shell(first_look(told)),
        "## Then",
        table(("what you see", "that is", "promised back in", "promised to lose at most"), rows, right=[2, 3]),
        "Not sure? Servers that die one after the other, and the same errors from all of them, are code or data, not a "
        f"server: begin with {link('a bad deploy', 'deploy.md')}, then {link('ruined data', 'corruption.md')}.",
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


def _page(told: Told, book: Runbook) -> str:
    itself = [one for one in book.steps if one.who == "itself"]
    forced = [one for one in book.steps if one.who == "person" and one.name.endswith(": force it")]
    todo = [one for one in book.steps if one not in itself and one not in forced]
    return paged(
        f"# {book.title}",
        MADE,
        text(book.means),
        _kept(told, book.name) if book.name in DISRUPTIONS else "",
        "## Is it this?",
        shell(book.look),
        _by_itself(told, itself),
        _forced(forced),
        "## What needs you" if todo else "",
        *(part for number, one in enumerate(todo, 1) for part in _step(number, one)),
        "## How to know that it worked",
        shell(worked(told)),
        "The commands under *Is it this?* show every part in order, and no alarm rings for ten minutes.",
        "## How to go back",
        text(book.back),
        *(shell(one.back) for one in todo if one.back),
        _drilled(told, book),
        link("All runbooks", "README.md"),
    )


def _step(number: int, one: Step) -> Iterator[str]:
    yield f"### {number}. {text(one.name)}"
    expected = "" if one.seconds is None else f"About {show(one.seconds, 's')}{' (assumed)' if one.assumed else ''}."
    loses = f"It loses {_lost(one)}." if one.loses != 0 else ""
    yield " ".join(part for part in (WHO[one.who], expected, loses) if part)
    yield text(one.says)
    yield from one.notes
    if one.commands:
        yield shell(one.commands)
    if one.check:
        yield f"It worked when {CHECKS[one.check]}{' To see it:' if one.seen else ''}"
    if one.seen:
        yield shell(one.seen)
    if one.untried:
        yield f"Not drilled: {text(one.untried)}."


def _lost(one: Step) -> str:
    return "everything" if one.loses is None else "nothing" if one.loses == 0 else f"the last {show(one.loses, 's')}"


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


def _by_itself(told: Told, steps: Sequence[Step]) -> str:
    rows = []
    for one in sorted(steps, key=lambda one: (-(one.seconds or 0.0), one.of)):
        after = "at once" if one.seconds == 0 else show(one.seconds or 0.0, "s")
        said = f"{one.says} (assumed)" if one.assumed else one.says
        rows.append((told.page_of(one.of, "../"), after, _lost(one), text(said), CHECKS[one.check].rstrip(".")))
    heads = ("part", "expected after", "loses", "how", "it is back when")
    return paged("## What comes back by itself", table(heads, rows, right=[1])) if rows else ""


def _forced(steps: Sequence[Step]) -> str:
    lines = [line for one in steps for line in one.commands]
    return paged("### When it does not", text(steps[0].says), shell(lines)) if steps else ""


def _alarms(told: Told) -> str:
    rows = []
    for one in standing(told):
        if one.kind in ALARM_KINDS:
            known = told.plan.choice(one.component)
            part = told.page_of(one.component, "../") if known else text(one.component or "–")
            rows.append((code(one.name), part, text(_said_by(one.settings))))
    return paged("## Alarms", table(("alarm", "part", "means"), rows)) if rows else ""


def _said_by(settings: Mapping[str, Any]) -> str:
    """What an alarm says of itself."""
    said = settings.get("alarm_description") or settings.get("description") or settings.get("display_name") or ""
    return said if isinstance(said, str) else ""


def _drilled(told: Told, book: Runbook) -> str:
    """The drills that follow this page."""
    modules, kinds = [drill_module(name) for name in drill_names()], {store.kind for store in told.system.stores}
    names = [
        one.NAME
        for one in modules
        if book.name == one.RUNBOOK and (not getattr(one, "NEEDS", ()) or kinds & set(one.NEEDS))
    ]
    if not names:
        return ""
    return paged(
        "## Try it before you need it",
        "On a copy of the shape, on your own machine, timed. The drill carries out the steps of this page that need no "
        "judgement, and is broken where the page is wrong.",
        shell([f"standfast drill {name} {told.again}" for name in names]),
    )
