"""Markdown for a comment on a pull request: the verdict first, what is broken in a table, the rest folded away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import ModuleType

from standfast.audit.finding import Accepted, Finding
from standfast.audit.run import Audit
from standfast.markdown import code, page, table, text

CALLED = {"plan": "as planned", "state": "as Terraform has it written down"}


def write(audits: Mapping[str, Audit], checks: Mapping[str, ModuleType]) -> str:
    del checks
    return page("## Audit", *(part for world, audit in audits.items() for part in _world(world, audit)))


def _world(world: str, audit: Audit) -> Iterable[str]:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in audit.counts.items())
    more = f", {len(audit.accepted)} accepted" if audit.accepted else ""
    yield f"**{audit.verdict}** {text(CALLED.get(world, f'as it stands in the {world}'))}: {counts}{more}"
    yield _found(audit.of("broken"))
    yield _folded("cannot be told", _found(audit.of("unknown")), len(audit.of("unknown")))
    yield _folded("accepted", _accepted(audit.accepted), len(audit.accepted))


def _found(findings: Iterable[Finding]) -> str:
    rows = [
        (one.severity, code(one.place.short) if one.place.file else "", code(one.resource), text(one.what),
         text(one.fix), code(one.check))
        for one in findings
    ]  # fmt: skip
    return table(("severity", "where", "resource", "what", "fix", "check"), rows) if rows else ""


def _accepted(known: Iterable[Accepted]) -> str:
    rows = [
        (code(one.finding.resource), text(one.finding.what), text(one.reason), text(one.owner), text(one.until))
        for one in known
    ]
    return table(("resource", "what", "why it is accepted", "by", "until"), rows) if rows else ""


def _folded(what: str, inside: str, count: int) -> str:
    return f"<details><summary>{count} {what}</summary>\n\n{inside}\n\n</details>" if inside else ""
