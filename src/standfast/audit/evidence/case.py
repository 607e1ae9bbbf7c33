"""One system's case: the audit, the frameworks' reports with what people proved, and the records behind both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from standfast.audit.evidence.hand import Proof, proofs_of
from standfast.audit.frameworks import BY_HAND, Control
from standfast.audit.run import Audit
from standfast.ledger import Evidence

OPEN = ("by_hand", "not_covered")  # states that people can prove; what a check says they cannot overrule

STATES = "controls"  # in the details of a record of a score: state -> the controls in it, by checks alone


@dataclass(frozen=True)
class Case:
    """`audit` of the strongest world there is (`world`); `reports` by framework; `records` of the ledger in order."""

    system: str
    owner: str
    world: str
    day: date
    audit: Audit
    reports: Mapping[str, Sequence[Control]]
    records: Sequence[Evidence]

    @property
    def proofs(self) -> Mapping[str, Proof]:
        return proofs_of(self.records, self.day)

    @property
    def at(self) -> str:
        """When the newest record was made: the same case gives the same files."""
        return self.records[-1].at if self.records else f"{self.day.isoformat()}T00:00:00Z"


def with_proofs(report: Sequence[Control], name: str, proofs: Mapping[str, Proof]) -> tuple[Control, ...]:
    """The report, in which a control that is left to people holds where they proved it."""
    return tuple(_proved(one, proofs.get(f"{name}:{one.id}")) for one in report)


def _proved(one: Control, proof: Proof | None) -> Control:
    if proof is None or one.state not in OPEN:
        return one
    said = f"by hand: {proof.who}, {proof.since} until {proof.until}, record {proof.number}"
    return replace(one, state="kept", label=BY_HAND, why=f"{said}; {proof.note}" if proof.note else said)
