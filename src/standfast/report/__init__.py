"""WHAT THE PERSON IS SHOWN: one self-contained page that opens offline and says what is promised and proved."""

from __future__ import annotations

from collections.abc import Sequence

from standfast.plan import Plan
from standfast.promise import Promise
from standfast.report.gather import report_of
from standfast.report.page import DrillShown, FindingShown, render

__all__ = ["DrillShown", "FindingShown", "report_of", "write_report"]


def write_report(
    plan: Plan,
    table: Sequence[Promise],
    drills: Sequence[DrillShown] = (),
    findings: Sequence[FindingShown] = (),
) -> str:
    """The HTML of the report: promise table, architecture map, bill, what each promise costs, drills, audit.

    `table` is the promise table with its newest measurements. No script, no font, no picture from elsewhere.
    """
    return render(plan, table, drills, findings)
