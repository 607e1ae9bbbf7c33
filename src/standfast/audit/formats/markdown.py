"""Markdown for a comment on a pull request: the verdict first, what is broken in a table, the rest folded away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import ModuleType

from standfast.audit.finding import Accepted, Finding
from standfast.audit.run import Audit, called
from standfast.markdown import code, page, table, text

MOST = 100  # rows of a table: GitHub takes no comment of more than 65,536 letters


def write(audits: Mapping[str, Audit], checks: Mapping[str, ModuleType]) -> str:
    del checks
    return page("## Audit", *(part for world, audit in audits.items() for part in _world(world, audit)))


def _world(world: str, audit: Audit) -> Iterable[str]:
    counts = ", ".join(f"{count} {verdict}" for verdict, count in audit.counts.items())
    more = f", {len(audit.accepted)} accepted" if audit.accepted else ""
    yield f"**{audit.verdict}** {text(called(world))}: {counts}{more}"
    yield _found(audit.of("broken"))
    yield _folded("cannot be told", _found(audit.of("unknown")), len(audit.of("unknown")))
    yield _folded("accepted", _accepted(audit.accepted), len(audit.accepted))


def _found(findings: Iterable[Finding]) -> str:
    rows = [
        (one.severity, code(one.place.short) if one.place.file else "", code(one.resource), text(one.what),
         text(one.fix), code(one.check))
        for one in findings
    ]  # fmt: skip
    return _cut(("severity", "where", "resource", "what", "fix", "check"), rows)


def _accepted(known: Iterable[Accepted]) -> str:
    rows = [
        (code(one.finding.resource), text(one.finding.what), text(one.reason), text(one.owner), text(one.until))
        for one in known
    ]
    return _cut(("resource", "what", "why it is accepted", "by", "until"), rows)


def _cut(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """The worst come first, so those are shown."""
    if not rows:
        return ""
    shown = table(heads, rows[:MOST])
    return f"{shown}\n\nand {len(rows) - MOST} more: `--format json` has all of them" if len(rows) > MOST else shown


def _folded(what: str, inside: str, count: int) -> str:
    return f"<details><summary>{count} {what}</summary>\n\n{inside}\n\n</details>" if inside else ""
