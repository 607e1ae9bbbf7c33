"""Running every check over an estate, and what comes of it as a measurement of the security promise."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

from standfast.audit.estate import Estate
from standfast.audit.finding import Accepted, Finding
from standfast.audit.rights import Access, read_access
from standfast.blueprint import Resource
from standfast.promise import Measured, Verdict

if TYPE_CHECKING:
    from standfast.spec import System

SEVERITIES = ("critical", "high", "medium", "low")
MEASURE = "security.checks"


@dataclass(frozen=True)
class Audit:
    """Every finding of every check, kept ones too, in the order of severity, check and resource.

    `accepted` findings are apart: they count neither as kept nor as broken.
    """

    findings: tuple[Finding, ...]
    accepted: tuple[Accepted, ...] = ()
    estates: Mapping[str, Estate] = field(default_factory=dict, compare=False, repr=False)  # by site: what was audited

    @cached_property
    def access(self) -> list[Access]:
        """Who may read and write which data; worked out where it is asked for."""
        return [one for site in self.estates.values() for one in read_access(site)]

    def of(self, verdict: Verdict) -> list[Finding]:
        return [one for one in self.findings if one.verdict == verdict]

    @property
    def counts(self) -> dict[Verdict, int]:
        verdicts: tuple[Verdict, ...] = ("kept", "broken", "unknown")
        return {verdict: len(self.of(verdict)) for verdict in verdicts}

    def failed(self, verdict: Verdict = "broken") -> tuple[str, ...]:
        """The checks that have a finding of this verdict, each once."""
        return tuple(dict.fromkeys(one.check for one in self.of(verdict)))

    def verdict_of(self, check: str) -> Verdict:
        """Of one check over all it looked at: unknown where it found nothing to look at."""
        return _together(one.verdict for one in self.findings if one.check == check)

    @property
    def verdict(self) -> Verdict:
        return _together(one.verdict for one in self.findings)


def _together(verdicts: Iterable[Verdict]) -> Verdict:
    seen = set(verdicts)
    return "broken" if "broken" in seen else "kept" if seen == {"kept"} else "unknown"


WORLDS = {
    "plan": "as planned",
    "code": "as written in the code",
    "template": "as written in the template",
    "live": "as it stands in the account",
    "state": "as Terraform has it written down",
}


def called(world: str) -> str:
    """In which state the resources of a world are, as people say it."""
    return WORLDS.get(world, f"as it stands in the {world}")


@cache
def all_checks() -> dict[str, ModuleType]:
    """ID -> module of every check in the rooms of `checks/`: the folder is the register."""
    from standfast.audit import checks

    found = pkgutil.walk_packages(checks.__path__, f"{checks.__name__}.")
    modules = [importlib.import_module(one.name) for one in found if not one.ispkg]
    return {module.ID: module for module in sorted(modules, key=lambda module: module.ID)}


CLOUDS = {"aws_": "aws", "azurerm_": "azure", "azuread_": "azure", "google_": "gcp"}  # by how their kinds begin


def clouds_of(check: ModuleType) -> tuple[str, ...]:
    """The clouds whose resources a check reads."""
    found = {cloud for kind in check.KINDS for start, cloud in CLOUDS.items() if kind.startswith(start)}
    return tuple(sorted(found))


def together(audits: Mapping[str, Audit]) -> Audit:
    """The audits of several sites as one: what is found at another site than the first is named after it."""
    findings = [
        replace(one, resource=f"{site}/{one.resource}") if site else one
        for site, audit in audits.items()
        for one in audit.findings
    ]
    estates = {f"{site}{name}": one for site, audit in audits.items() for name, one in audit.estates.items()}
    return Audit(tuple(sorted(findings, key=_order)), estates=estates)


def _order(one: Finding) -> tuple[Any, ...]:
    place = one.place
    rank = SEVERITIES.index(one.severity)
    return rank, one.check, place.file, place.line, place.column, one.resource, one.what


def run_audit(
    system: System | None,
    resources: Sequence[Resource],
    *,
    region: str = "",
    planned: bool = True,
    checks: Iterable[str] | None = None,
) -> Audit:
    """Every check (or those named) over these resources; pure. `planned`: they are not built yet. `system` None: no
    spec is known.

    A check finds the kinds it reads, of whichever cloud; where there is none of them, it says nothing.
    """
    estate = Estate(system, resources, region, planned)
    wanted = all_checks() if checks is None else {name: all_checks()[name] for name in checks}
    findings = [
        Finding(check, one.verdict, one.resource, one.component, one.place, one.what, one.fix, severity, title)
        for check, severity, title, found in (
            (module.ID, module.SEVERITY, module.TITLE, module.check(estate)) for module in wanted.values()
        )
        for one in found
    ]
    findings.sort(key=_order)
    return Audit(tuple(findings), estates={"": estate})


def as_measured(audit: Audit, world: str, *, when: str, evidence: str) -> list[Measured]:
    """The audit as a measurement of `security.checks`: how many checks failed.

    None where none failed but one could not tell, and where there was nothing to look at. In the world `plan` it is
    a prediction.
    """
    failed, unclear = audit.failed(), audit.failed("unknown")
    value = float(len(failed)) if failed or (audit.findings and not unclear) else None
    counts = ", ".join(f"{count} {verdict}" for verdict, count in audit.counts.items())
    note = f"{counts} of {len(audit.findings)} findings"
    if failed or unclear:
        note += f"; {'failed' if failed else 'cannot tell'}: {', '.join(failed or unclear)}"
    if audit.accepted:
        note += f"; accepted: {', '.join(dict.fromkeys(one.finding.check for one in audit.accepted))}"
    return [Measured(MEASURE, value, when, world, evidence, note)]
