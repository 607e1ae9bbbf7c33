"""Vulnerabilities that scanners found, and the day by which each has to be gone.

read_scan(path) -> Scan                  what a scanner or an SBOM says, whichever of the readers knows its form
details(scan) -> what the ledger keeps of it
due(records, day) -> open ones           each with the day it was first seen and its last day, worst first
overdue(records, day) -> Measured        how many are past that day
"""

from __future__ import annotations

from standfast.audit.vulnerabilities.deadlines import DAYS, MEASURE, Due, details, due, overdue
from standfast.audit.vulnerabilities.scan import Scan, Vulnerability, exploited_in, read_scan

__all__ = [
    "DAYS", "MEASURE", "Due", "Scan", "Vulnerability", "details", "due", "exploited_in", "overdue",
    "read_scan",
]  # fmt: skip
