"""What an auditor is given: proof by hand beside proof by checks, two days compared, and the forms they are read in.

note(...)                                 what people put on record, checked, as the fields of a ledger's record
proofs_of(records, day) -> proofs         framework:control -> the newest record that holds on a day
with_proofs(report, name, proofs)         a framework's report in which what is proved by hand holds
compared(records, first, then)            what changed between two days

`folder.folder(case)` and `oscal.oscal(case)` write it; a plan, which asks for a score only, loads neither.
"""

from __future__ import annotations

from standfast.audit.evidence.case import STATES, Case, with_proofs
from standfast.audit.evidence.compare import Change, compared
from standfast.audit.evidence.hand import KINDS, Proof, note, proofs_of

__all__ = ["KINDS", "STATES", "Case", "Change", "Proof", "compared", "note", "proofs_of", "with_proofs"]
