"""The audit of a plan, of what stands, and of what Terraform wrote down: what the audit itself need not know of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from standfast.audit import FRAMEWORKS, Audit, Control, as_measured, framework_report, run_audit, together
from standfast.audit.sources.state import resources_of
from standfast.blueprint import Blueprint, Resource, make_blueprints
from standfast.problem import Problem, Problems, did_you_mean, quoted
from standfast.promise import Measured, Verdict

if TYPE_CHECKING:
    from standfast.audit.baseline import Rule
    from standfast.audit.evidence import Proof
    from standfast.plan import Plan
    from standfast.spec import System
    from standfast.workspace import Workspace

FINDINGS = "audit/findings.json"
Report = tuple[Control, ...]
NOTHING: Mapping[str, Proof] = {}


@dataclass(frozen=True)
class Audited:
    """`audits` by world: `plan`, `emulator`, or `state` for what Terraform wrote down. `reports` by framework, of
    the last of them, which is the strongest. `name`: the system, or the folder that was audited."""

    name: str
    system: System | None
    audits: Mapping[str, Audit]
    reports: Mapping[str, Report]
    problems: tuple[Problem, ...] = ()  # what could not be read, while the rest was audited

    @property
    def verdict(self) -> Verdict:
        """Broken if one world is, else unknown if one is, if there was nothing to audit, or not all could be read."""
        seen = {one.verdict for one in self.audits.values()} | ({"unknown"} if self.problems else set())
        return "broken" if "broken" in seen else "kept" if seen == {"kept"} else "unknown"


def audit_system(
    plan: Plan,
    space: Workspace,
    step: Callable[[str], None],
    *,
    world: str = "",
    frameworks: Sequence[str] = (),
    proofs: Mapping[str, Proof] = NOTHING,
) -> Audited:
    """Audit what is planned and what stands, or only one `world` of the two. Takes seconds where something stands.

    Raises Problems, and where `world` is the emulator and nothing stands in it.
    `proofs`: what people have on record.
    """
    audits = {} if world == "emulator" else {"plan": audit_planned(plan)}
    deployed = None if world == "plan" else audit_deployed(plan, space, step)
    if deployed is not None:
        audits["emulator"] = deployed
    reports = frameworks_of(plan.system, audits, frameworks, proofs) if audits else {}
    return Audited(plan.system.name, plan.system, audits, reports)


def audit_folder(folder: Path, frameworks: Sequence[str] = (), variables: Sequence[Path] = ()) -> Audited:
    """Audit what others wrote: Terraform's code, state or plan in a folder, or one file. Raises Problems where there
    is none. `variables`: files of values for the code's variables."""
    worlds: dict[str, dict[str, Audit]] = {}
    from standfast.audit.sources.folder import read_path  # readers of others' code: a plan needs none of them

    found = read_path(folder, variables)
    for one in found:
        audit = run_audit(None, one.resources, region=one.region, planned=one.planned)
        worlds.setdefault(one.world, {})[one.name] = audit
    audits = {world: together(sites) for world, sites in worlds.items()}
    strongest = list(audits.values())[-1]
    reports = {name: framework_report(strongest, name) for name in frameworks}
    problems = tuple(each for one in found for each in one.problems)
    return Audited(str(folder), None, audits, reports, problems)


def audit_live(region: str = "", frameworks: Sequence[str] = ()) -> Audited:
    """Audit what stands in an account of AWS, asked of its API with calls that only read. Takes seconds to minutes.

    Raises Problems where it cannot be asked at all; what may not be read is unknown, and its action is a Problem.
    """
    from standfast.audit import all_checks
    from standfast.audit.sources.live import KINDS, read_live

    live = read_live(region)
    audit = run_audit(None, live.resources, region=live.region, planned=False)
    wanted = {kind for check in all_checks().values() for kind in check.KINDS if kind.startswith("aws_")}
    apart = ", ".join(sorted(wanted - KINDS))
    unread = Problem(
        "kinds that checks look at are not read from an account", apart, "audit the Terraform state too", warning=True
    )
    reports = {name: framework_report(audit, name) for name in frameworks}
    name = f"account {live.account or 'unknown'} of AWS, {live.region}"
    return Audited(name, None, {"live": audit}, reports, (*live.problems, unread))


def audit_planned(plan: Plan) -> Audit:
    """The audit of all sites of a plan, each by itself: each has a network, logs and backups of its own."""
    sites = make_blueprints(plan)
    return together({one.site: run_audit(system_at(plan, one), one.resources, region=one.region) for one in sites})


def system_at(plan: Plan, site: Blueprint) -> System:
    """What of a system stands at a site: a standby may hold copies only, and what is not there cannot be judged."""
    if not site.site:
        return plan.system
    from standfast.blueprint import at_standby

    there = at_standby(plan)
    services = tuple(one for one in plan.system.services if there.choice(one.name))
    stores = tuple(one for one in plan.system.stores if there.choice(one.name))
    return replace(plan.system, services=services, stores=stores)


def audit_deployed(plan: Plan, space: Workspace, step: Callable[[str], None]) -> Audit | None:
    """The audit of what stands in the emulator; None where nothing does. Takes several seconds."""
    from standfast.worlds.emulator import deployed_state, is_running

    found = {}
    for site in make_blueprints(plan):
        if site.cloud != "aws" or not is_running(space, site.site):
            continue
        step("reading what stands")
        state = deployed_state(space, site.site)
        if state is not None:
            planned = {one.address: one for one in site.resources}
            resources = [_as_planned(one, planned) for one in resources_of(state)]
            found[site.site] = run_audit(system_at(plan, site), resources, region=site.region, planned=False)
    return together(found) if found else None


def _as_planned(one: Resource, planned: Mapping[str, Resource]) -> Resource:
    """What stands, with component and place from the plan where it cannot carry tags."""
    wanted = planned.get(one.address)
    if wanted is None:
        return one
    return replace(one, component=one.component or wanted.component, places=one.places or wanted.places)


def accepted(
    audited: Audited, rules: Sequence[Rule], proofs: Mapping[str, Proof] = NOTHING
) -> tuple[Audited, list[Problem]]:
    """The audits without what a baseline accepts today, and what is to be said of its rules, each once."""
    from standfast.audit.baseline import accept

    audits, said = {}, []
    for world, audit in audited.audits.items():
        audits[world], problems = accept(audit, rules, date.today())
        said.append(problems)
    if audited.system is not None and audits:
        audited = replace(audited, reports=frameworks_of(audited.system, audits, tuple(audited.reports), proofs))
    everywhere = [one for one in (said[0] if said else []) if all(one in problems for problems in said)]
    return replace(audited, audits=audits), everywhere


def known_framework(name: str) -> str:
    """The name of a framework there is data for. Raises Problems for another."""
    if name not in FRAMEWORKS:
        raise Problems([Problem(f"no framework {quoted(name)}", fix=did_you_mean(name, FRAMEWORKS))])
    return name


def frameworks_of(
    system: System, results: Mapping[str, Audit], more: Sequence[str] = (), proofs: Mapping[str, Proof] = NOTHING
) -> dict[str, Report]:
    """The reports of the frameworks that the spec or the user names, on the strongest audit there is, with what
    people have on record."""
    audit = list(results.values())[-1]
    from standfast.audit.evidence import with_proofs

    names = dict.fromkeys([*system.promises.security.frameworks, *more])
    return {name: with_proofs(framework_report(audit, known_framework(name)), name, proofs) for name in names}


def record(audited: Audited, space: Workspace, proofs: Mapping[str, Proof] = NOTHING) -> None:
    """Write the findings, and append each audit and each score of a framework to the ledger. Raises Problems."""
    import json

    from standfast.files import File, write_files
    from standfast.ledger import append, now
    from standfast.operate.frameworks import proved_score, states_of

    when = now()
    findings = {world: [finding_json(one) for one in audit.findings] for world, audit in audited.audits.items()}
    write_files([File(FINDINGS, json.dumps(findings, indent=1, ensure_ascii=False) + "\n")], space.root)
    for world, audit in audited.audits.items():
        (checks,) = as_measured(audit, world, when=when, evidence=FINDINGS)
        lines: list[tuple[Measured, Verdict, dict[str, Any]]] = [
            (checks, audit.verdict, {**audit.counts, "failed_checks": list(audit.failed()), **_accepted_of(audit)})
        ]
        if audited.system is not None:
            for name, report in frameworks_of(audited.system, {world: audit}).items():
                one = proved_score(report, name, proofs, world, when=when, evidence=FINDINGS)
                verdict: Verdict = "broken" if one.value else "kept" if one.value == 0 else "unknown"
                lines.append((one, verdict, states_of(report)))
        for one, verdict, details in lines:
            append(
                space.ledger, what="audit", subject=audited.name, verdict=verdict, measure=one.measure,
                value=one.value, world=world, source=one.evidence, note=one.note, at=one.when, details=details,
            )  # fmt: skip


def _accepted_of(audit: Audit) -> dict[str, Any]:
    """For the ledger: what was accepted, by whom."""
    found = [
        {"check": one.finding.check, "resource": one.finding.resource, "reason": one.reason, "owner": one.owner,
         "until": one.until}
        for one in audit.accepted
    ]  # fmt: skip
    return {"accepted": found} if found else {}


def finding_json(one: Any) -> dict[str, str]:
    return {
        "check": one.check, "verdict": one.verdict, "severity": one.severity, "resource": one.resource,
        "component": one.component, "place": str(one.place), "what": one.what, "fix": one.fix,
    }  # fmt: skip
