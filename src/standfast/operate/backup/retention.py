"""Which backups stay, and why: pure. What is decided here is all that is ever removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from standfast.spec.model import Retention


@dataclass(frozen=True)
class Copy:
    """One backup in one store.

    `name`: what the tool calls it there. `at`: Unix time of what it holds. `needs`: names of the backups that it
    cannot be restored without. `held`: why it must not be removed, "" where nobody asked. `wrong`: what is wrong with
    it, "" where nothing is known to be.
    """

    name: str
    at: float
    kind: str = "full"
    bytes: int = 0
    needs: tuple[str, ...] = ()
    held: str = ""
    wrong: str = ""


PERIODS = {
    "hourly": "%Y-%m-%d %H",
    "daily": "%Y-%m-%d",
    "weekly": "%G-%V",
    "monthly": "%Y-%m",
    "yearly": "%Y",
}


def reasons(copies: Iterable[Copy], retention: Retention, hold: bool = False) -> dict[str, tuple[str, ...]]:
    """Name -> why it stays, for every copy of one store; a copy without a reason may be removed.

    The newest of each of the last so many hours, days … (UTC) that have a sound one; a copy that is wrong stands for
    no period. Whatever the numbers say, there stay the newest sound copy, all that is held, and what these need; and
    where no copy is sound, all of them, since there is nothing better.
    """
    known = {one.name: one for one in copies}
    ordered = sorted(known.values(), key=lambda one: (-one.at, one.name))
    sound = [one for one in ordered if is_sound(one, known)]
    found: dict[str, list[str]] = {one.name: [] for one in ordered}
    for one in ordered:
        if hold:
            found[one.name].append("legal hold")
        if one.held:
            found[one.name].append(f"held: {one.held}")
        if not sound:
            found[one.name].append("no copy is sound")
    if sound:
        found[sound[0].name].append("newest")
    for period, form in PERIODS.items():
        for one in _newest_of_each(sound, form)[: getattr(retention, period)]:
            found[one.name].append(period)
    for one in ordered:
        if found[one.name]:
            for name in needed(one, known):
                if name in found and f"needed by {one.name}" not in found[name]:
                    found[name].append(f"needed by {one.name}")
    return {name: tuple(why) for name, why in found.items()}


def removable(copies: Iterable[Copy], retention: Retention, hold: bool = False) -> list[Copy]:
    """The copies without a reason to stay, in an order in which they can be removed: what needs another before it."""
    copies = list(copies)
    kept = reasons(copies, retention, hold)
    known = {one.name: one for one in copies}
    going = [one for one in copies if not kept[one.name]]
    return sorted(going, key=lambda one: (-len(needed(one, known)), -one.at, one.name))


def is_sound(one: Copy, known: Mapping[str, Copy]) -> bool:
    """Nothing is wrong with it, and all that it needs is there and sound."""
    if one.wrong or any(name not in known for name in one.needs):
        return False
    return not any(known[name].wrong if name in known else True for name in needed(one, known))


def needed(one: Copy, known: Mapping[str, Copy]) -> set[str]:
    """The names of all that it needs, of what these need, and so on."""
    found: set[str] = set()
    todo = list(one.needs)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += known[name].needs if name in known else ()
    return found - {one.name}


def _newest_of_each(copies: list[Copy], form: str) -> list[Copy]:
    """One per period, newest first."""
    found: dict[str, Copy] = {}
    for one in copies:
        found.setdefault(datetime.fromtimestamp(one.at, UTC).strftime(form), one)
    return list(found.values())
