"""Audits and frameworks for a terminal of any width, and as JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from standfast.cli.terminal import Terminal, plain

if TYPE_CHECKING:
    from standfast.audit import Audit, Control, Finding
    from standfast.operate.audits import Audited

STYLE = {"kept": "green", "broken": "bold red", "unknown": "yellow"}


def audit_json(audited: Audited) -> dict[str, Any]:
    """The audit as the contract for scripts has it."""
    from standfast.operate.audits import finding_json

    worlds = {
        world: {
            "verdict": audit.verdict,
            "failed_checks": list(audit.failed()),
            "counts": dict(audit.counts),
            "findings": [finding_json(one) for one in audit.findings],
            "accepted": [
                {**finding_json(one.finding), "reason": one.reason, "owner": one.owner, "until": one.until}
                for one in audit.accepted
            ],
        }
        for world, audit in audited.audits.items()
    }
    frameworks = {name: [asdict(one) for one in report] for name, report in audited.reports.items()}
    problems = [
        {"place": str(one.place), "what": one.what, "why": one.why, "fix": one.fix, "warning": one.warning}
        for one in audited.problems
    ]
    return {
        "system": audited.name,
        "verdict": audited.verdict,
        "worlds": worlds,
        "frameworks": frameworks,
        "problems": problems,
    }


def show_audit(world: str, audit: Audit, terminal: Terminal) -> None:
    """What is not kept, by severity, each with place and fix; then one line that sums up."""
    from standfast.audit import all_checks
    from standfast.audit.run import SEVERITIES, called

    width = max(terminal.width, 40)
    said = called(world)
    for severity in SEVERITIES:
        found = [one for one in audit.findings if one.severity == severity and one.verdict != "kept"]
        if found:
            terminal.styled((f"{said}: {severity}", "bold"))
        for same in _alike(found):
            first, rest, more = wrapped(_head(same), width, "  ", "    ").partition("\n")
            terminal.styled((first, STYLE[same[0].verdict]), (rest + more, ""))
            resources = ", ".join(dict.fromkeys(one.resource for one in same))
            terminal.result(wrapped(f"at   {resources}  [{same[0].check}]", width, "    ", "         "))
            terminal.result(wrapped(f"fix  {same[0].fix}", width, "    ", "         "))
    if not audit.findings:
        terminal.result(f"{said}: nothing that a check looks at, so nothing is known")
        return
    for one in audit.accepted:
        told = f"accepted until {one.until} by {one.owner}: {one.finding.what}; {one.reason}"
        terminal.result(wrapped(f"{told}  [{one.finding.check}] {one.finding.resource}", width, "  ", "    "))
    shown = ", ".join(f"{count} {verdict}" for verdict, count in audit.counts.items())
    shown += f", {len(audit.accepted)} accepted" if audit.accepted else ""
    checks = (
        f"{len(audit.failed())} of {len(all_checks())} checks failed"
        if audit.failed()
        else f"{len(all_checks())} checks"
    )
    rest = f" ({checks}; findings: {shown})"
    terminal.styled((f"{said}: ", ""), (audit.verdict, STYLE[audit.verdict]), (rest, ""))


def _alike(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Findings of one check that say the same, together."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.check, one.verdict, one.what, one.fix), []).append(one)
    return list(groups.values())


def _head(same: Sequence[Finding]) -> str:
    """`shop.yaml:26  orders: its storage is not encrypted`; places and components as far as they are known."""
    places = ", ".join(dict.fromkeys(one.place.short for one in same if one.place.file))
    parts = ", ".join(dict.fromkeys(one.component for one in same if one.component))
    said = f"{parts}: {same[0].what}" if parts else same[0].what
    verdict = "" if same[0].verdict == "broken" else "unknown: "
    return f"{places}  {verdict}{said}" if places else f"{verdict}{said}"


def show_framework(name: str, report: Sequence[Control], terminal: Terminal) -> None:
    """Counts by state, the controls that checks speak of, and where to read of the others."""
    from standfast.audit.frameworks import BY_HAND

    width = max(terminal.width, 40)
    proved = [one for one in report if one.label == BY_HAND]
    counts: Counter[str] = Counter("on record" if one in proved else one.state for one in report)
    terminal.result("")
    terminal.styled((f"{name}: {len(report)} controls", "bold"))
    means = {
        "broken": "a check failed", "unknown": "a check could not tell", "kept": "as far as checks see",
        "on record": "people put on record that it holds",
        "by_hand": "people keep it; bring your own evidence", "not_covered": "could be checked, and is not yet",
    }  # fmt: skip
    for state, meaning in means.items():
        if counts[state]:
            terminal.result(f"  {counts[state]:>4} {state.replace('_', ' '):<11}  {meaning}")
    for one in sorted(report, key=lambda one: list(means).index(one.state)):  # within a state, in the framework's order
        if one.checks and one.state in STYLE:
            behind = f" ({', '.join(one.checks)})" if one.state != "kept" else ""
            text = wrapped(f"{one.state:<7}  {one.id:<8} {one.title}{behind}", width, "  ", "           ")
            end = 2 + len(one.state)
            terminal.styled((text[:end], STYLE[one.state]), (text[end:], ""))
    terminal.result("Which checks speak of which control is our own mapping. All controls: --format json")


def wrapped(text: str, width: int, first: str, rest: str) -> str:
    """Within the width, and without what a terminal would obey: names and tags may be anybody's."""
    layout = textwrap.TextWrapper(
        width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )
    return layout.fill(plain(text))
