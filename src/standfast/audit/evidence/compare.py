"""What changed between two days, from the ledger alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from standfast.audit.evidence.case import STATES
from standfast.audit.evidence.hand import KINDS, proofs_of
from standfast.audit.frameworks.report import WORST_FIRST, State
from standfast.ledger import Evidence

Kind = Literal["worse", "better", "other"]


@dataclass(frozen=True)
class Change:
    """`then` and `now` in words, "" where there was nothing."""

    kind: Kind
    what: str
    then: str
    now: str


def compared(records: Sequence[Evidence], first: date, then: date) -> tuple[Change, ...]:
    """The state at the end of both days, set side by side: worse first. Times are UTC."""
    before, after = _until(records, first), _until(records, then)
    changes = [*_checks(before, after), *_controls(before, after), *_verdicts(before, after)]
    for kind in KINDS:
        old, new = proofs_of(before, first, kind), proofs_of(after, then, kind)
        changes += [Change("worse", f"{kind} {one}", f"until {old[one].until}", "") for one in sorted({*old} - {*new})]
        changes += [Change("better", f"{kind} {one}", "", f"until {new[one].until}") for one in sorted({*new} - {*old})]
    order: tuple[Kind, ...] = ("worse", "better", "other")
    return tuple(sorted(changes, key=lambda one: (order.index(one.kind), one.what)))


def _until(records: Iterable[Evidence], day: date) -> list[Evidence]:
    return [one for one in records if one.at[:10] <= day.isoformat()]


def _checks(before: Sequence[Evidence], after: Sequence[Evidence]) -> list[Change]:
    """By world: checks that began or ceased to fail between the newest audits of both days."""
    old, new = _failing(before), _failing(after)
    changes = []
    for world in sorted({*old} & {*new}):
        gone, come = old[world] - new[world], new[world] - old[world]
        changes += [Change("worse", f"check {one} ({world})", "", "broken") for one in sorted(come)]
        changes += [Change("better", f"check {one} ({world})", "broken", "") for one in sorted(gone)]
    changes += [Change("other", f"audit of {one}", "", "first seen") for one in sorted({*new} - {*old})]
    return changes


def _failing(records: Iterable[Evidence]) -> dict[str, set[str]]:
    audits = [one for one in records if one.what == "audit" and "failed_checks" in one.details]
    return {one.world: {str(check) for check in one.details["failed_checks"]} for one in audits}


def _controls(before: Sequence[Evidence], after: Sequence[Evidence]) -> list[Change]:
    """By framework and world: controls whose state by checks changed. What people proved is compared by itself."""
    old, new, changes = _states(before), _states(after), []
    for key in sorted({*old} & {*new}):
        for one in sorted({*old[key]} & {*new[key]}):
            then, now = old[key][one], new[key][one]
            if then != now:
                kind: Kind = "worse" if WORST_FIRST.index(now) < WORST_FIRST.index(then) else "better"
                said = [state.replace("_", " ") for state in (then, now)]
                changes.append(Change(kind, f"{key[0].removeprefix('security.')}:{one} ({key[1]})", *said))
    return changes


def _states(records: Iterable[Evidence]) -> dict[tuple[str, str], dict[str, State]]:
    return {
        (one.measure, one.world): {control: state for state, found in one.details[STATES].items() for control in found}
        for one in records
        if STATES in one.details
    }


def _verdicts(before: Sequence[Evidence], after: Sequence[Evidence]) -> list[Change]:
    """Measured promises, by measure and world: the newest of both days."""
    old, new = _newest(before), _newest(after)
    rank = {"broken": 0, "unknown": 1, "kept": 2}
    changes = []
    for key in sorted({*old} & {*new}):
        then, now = old[key].verdict, new[key].verdict
        if then != now:
            kind: Kind = "worse" if rank.get(now, 1) < rank.get(then, 1) else "better"
            changes.append(Change(kind, f"{key[0]} ({key[1]})", then, now))
    return changes


def _newest(records: Iterable[Evidence]) -> dict[tuple[str, str], Evidence]:
    return {(one.measure, one.world): one for one in records if one.measure}
