"""What a framework's promise is worth today: what checks saw when they last looked, with what is on record now.

An audit puts the state of every control on record as its checks saw it. Records of people come and run out in between,
so a score is made anew from both whenever somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from standfast.audit import FRAMEWORKS, Control, score
from standfast.audit.evidence import STATES, Proof, proofs_of, with_proofs
from standfast.ledger import Evidence
from standfast.promise import Measured

UNTOLD = Control("", "", "unknown", (), "")


def states_of(report: Sequence[Control]) -> dict[str, Any]:
    """What a record of a score keeps, before people's records are counted in."""
    found: dict[str, list[str]] = {}
    for one in report:
        found.setdefault(one.state, []).append(one.id)
    return {STATES: found}


def proved_score(
    report: Sequence[Control], name: str, proofs: Mapping[str, Proof], world: str, *, when: str, evidence: str
) -> Measured:
    """The score of a report by checks alone, with what people proved."""
    return score(with_proofs(report, name, proofs), name, world, when=when, evidence=evidence)


def scores_today(records: Sequence[Evidence], day: date) -> Iterable[Measured]:
    """The newest score of each framework in each world, as it stands on a day: what ran out counts no more."""
    proofs = proofs_of(records, day)
    newest = {(one.measure, one.world): one for one in records if STATES in one.details}
    for one in newest.values():
        name = one.measure.partition(".")[2]
        if name in FRAMEWORKS:
            said: Mapping[str, Sequence[str]] = one.details[STATES]
            report = [
                replace(UNTOLD, id=control, state=state) for state, controls in said.items() for control in controls
            ]
            yield proved_score(report, name, proofs, one.world, when=one.at, evidence=one.source)
