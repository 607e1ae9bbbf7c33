"""Running all checks over an estate, and what comes of it as a measurement of the security promise."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from standfast.audit.estate import Estate, Finding
from standfast.blueprint import Resource
from standfast.promise import Measured, Verdict
from standfast.spec import System

SEVERITIES = ("critical", "high", "medium", "low")


@dataclass(frozen=True)
class Audit:
    """Every finding of every check, kept ones too, in the order of severity, check and resource."""

    findings: tuple[Finding, ...]

    def of(self, verdict: Verdict) -> list[Finding]:
        return [one for one in self.findings if one.verdict == verdict]

    def verdict_of(self, check: str) -> Verdict:
        """Of one check over all it looked at: unknown where it found nothing to look at."""
        verdicts = {one.verdict for one in self.findings if one.check == check}
        return "broken" if "broken" in verdicts else "kept" if verdicts == {"kept"} else "unknown"

    @property
    def verdict(self) -> Verdict:
        verdicts = {one.verdict for one in self.findings}
        return "broken" if "broken" in verdicts else "kept" if verdicts == {"kept"} else "unknown"


@cache
def all_checks() -> dict[str, ModuleType]:
    """ID -> module of every check in `checks/`."""
    from standfast.audit import checks

    modules = [
        importlib.import_module(f"{checks.__name__}.{one.name}") for one in pkgutil.iter_modules(checks.__path__)
    ]
    return {module.CHECK.id: module for module in sorted(modules, key=lambda module: module.CHECK.id)}


def run_audit(system: System, resources: Sequence[Resource], *, region: str, planned: bool = True) -> Audit:
    """Every check over these resources. Pure."""
    estate = Estate(system, resources, region, planned)
    findings = [one for module in all_checks().values() for one in module.check(estate)]
    findings.sort(key=lambda one: (SEVERITIES.index(one.severity), one.check, one.resource))
    return Audit(tuple(findings))


def as_measured(audit: Audit, world: str, *, when: str, evidence: str) -> list[Measured]:
    """The audit as a measurement of `security.checks`: how many failed; None when one could not see and none failed."""
    broken, unknown, kept = (len(audit.of(verdict)) for verdict in ("broken", "unknown", "kept"))
    value = None if (unknown and not broken) or not audit.findings else float(broken)
    note = f"{kept} kept, {broken} broken, {unknown} unknown, by {_checks(audit.findings)} checks"
    return [Measured("security.checks", value, when, world, evidence, note)]


def _checks(findings: Iterable[Finding]) -> int:
    return len({one.check for one in findings})
