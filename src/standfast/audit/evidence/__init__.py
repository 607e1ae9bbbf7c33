"""What an auditor is given: proof by hand beside proof by checks, two days compared, and the forms they are read in.

note(...)                                 what people put on record, checked, as the fields of a ledger's record
proofs_of(records, day) -> proofs         framework:control -> the newest record that holds on a day
with_proofs(report, name, proofs)         a framework's report in which what is proved by hand holds
compared(records, first, then)            what changed between two days
oscal(case) -> files, folder(case) -> files
"""

from __future__ import annotations

from standfast.audit.evidence.case import Case, with_proofs
from standfast.audit.evidence.compare import Change, compared
from standfast.audit.evidence.folder import folder
from standfast.audit.evidence.hand import KINDS, Proof, note, proofs_of
from standfast.audit.evidence.oscal import oscal

__all__ = [
    "KINDS", "Case", "Change", "Proof", "compared", "folder", "note", "oscal", "proofs_of", "with_proofs",
]  # fmt: skip
