"""How a store gets back what it held: the steps of the page on ruined data, and of a cache that came back empty."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.runbook.known import Known
from standfast.runbook.model import Step
from standfast.runbook.typed import address_of, commands, moved
from standfast.spec.model import DATABASES, Store

MOMENT = "MOMENT=2026-01-31T03:00:00Z   # UTC, yours"
NOW = "MOMENT=$(date -u +%Y-%m-%dT%H:%M:%SZ)   # now: the newest there is"
LOOK_INTO = (
    "It comes up beside the damaged one. Look into it before anyone uses it: the newest record, the count of the "
    "largest tables."
)
SWAP = "Let the restored one take the place of the damaged one, and with it what clients write."
TELL = "Tell Terraform that it is another one now; the services are given its password."
VERSIONS = (
    "What was deleted since the moment, or written over, becomes what it was then. The damaged versions stay beneath, "
    "and what was new since then is left alone."
)
SNAPSHOT = (
    "It is built anew from the newest copy before the moment: what was written since is gone, and until it is there "
    "callers do without it."
)
EMPTY = (
    "Only where all of its nodes were lost: what takes their place is empty. It is built anew from the newest copy, "
    "and what was written since is gone."
)
EMPTIED = "It is a cache: empty it, and callers fill it again. Until then their stores carry more load than usual."
EMPTYING, SWAPPING = 60.0, 900.0  # seconds, by practice: one command; two renames with a restart each
UNKNOWN = "No command is known here for it: use the console of the cloud."


def restored(known: Known, store: Store, seconds: float | None, assumed: bool) -> Iterator[Step]:
    """Back to the moment before. `seconds`: what the plan reckons with for it, `assumed` or not."""
    if store.kind in DATABASES:
        yield from _database(known, store, seconds, assumed)
    elif store.kind == "redis" and store.name not in known.system.essential:
        yield _step(known, store.name, "empty it", EMPTIED, "empty", EMPTYING, True, "empty_cache", "empty")
    elif store.kind == "redis":
        yield _step(
            known, store.name, "the copy before", SNAPSHOT, "restore", seconds, assumed, "restore_snapshot", "same"
        )
    else:
        yield _step(
            known, store.name, "the versions before", VERSIONS, "restore", seconds, assumed, "restore_versions", "same"
        )


def loaded(known: Known, name: str, seconds: float | None, assumed: bool) -> Iterator[Step]:
    """What a cache has forgotten that requests need, when every node of it was lost. `seconds`: as after corruption."""
    store = known.parts.get(name)
    if isinstance(store, Store) and store.kind == "redis" and name in known.system.essential:
        step = _step(
            known, name, "the newest copy", EMPTY, "restore", seconds, assumed, "restore_snapshot", "same", NOW
        )
        if step.who == "machine":
            yield step


def _database(known: Known, store: Store, seconds: float | None, assumed: bool) -> Iterator[Step]:
    name = store.name
    yield _step(known, name, "the data before", LOOK_INTO, "restore", seconds, assumed, "restore_moment", "contents")
    swap = commands(known, name, "swap") or moved(known, name)
    back = tuple(commands(known, name, "back"))
    if swap:
        yield Step(
            f"{name}: let it lead", "machine", SWAP, name, tuple(swap), SWAPPING, True, does="swap", check="clients",
            back=back,
        )  # fmt: skip
    if told := _told_terraform(known, name):
        yield Step(f"{name}: tell Terraform", "person", TELL, name, told)


def _step(
    known: Known, name: str, what: str, says: str, situation: str, seconds: float | None, assumed: bool, does: str,
    check: str, moment: str = "",
) -> Step:  # fmt: skip
    """A machine's, where the cloud has a command for it; else a person's, who is told so."""
    lines = at_moment(commands(known, name, situation), moment)
    if not lines:
        return Step(f"{name}: {what}", "person", f"{UNKNOWN} {says}", name, (), seconds, assumed)
    seen = tuple(commands(known, name, f"{situation}_seen"))
    return Step(f"{name}: {what}", "machine", says, name, lines, seconds, assumed, does=does, check=check, seen=seen)


def at_moment(lines: list[str], moment: str = MOMENT) -> tuple[str, ...]:
    return tuple([moment, *lines] if moment and any("$MOMENT" in line for line in lines) else lines)


def _told_terraform(known: Known, name: str) -> tuple[str, ...]:
    state, lines = "terraform -chdir=code/terraform", []
    for address, called in address_of(known, name, "aws_db_instance"):
        lines += [f"{state} state rm {address}", f"{state} import {address} {called}"]
    return (*lines, f"{state} apply") if lines else ()
