"""The case as OSCAL 1.2 documents (pages.nist.gov/OSCAL): components, security plans, results, and what is open.

Identifiers are made of names, so the same case gives the same bytes. Controls of NIST have the ids of its own catalog;
those of other frameworks are no tokens of OSCAL as they stand, so a property carries them as they are written.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from typing import Any

from standfast.audit.evidence.case import Case
from standfast.audit.evidence.hand import Proof
from standfast.audit.finding import Finding
from standfast.audit.frameworks import BY_HAND, Control
from standfast.files import File

VERSION = "1.2.1"
OURS = "https://standfast.dev/ns/oscal"  # the namespace of our own properties; nothing need be there
CATALOG = "https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json"
NIST = "nist-800-53-"
SATISFIED = {"kept": "satisfied", "broken": "not-satisfied"}


def oscal(case: Case) -> list[File]:
    """One file for each kind of document, a security plan for each framework; what is open only where something is."""
    documents = {"component-definition": _components(case), "assessment-results": _results(case)}
    documents |= {f"ssp-{name}": _plan(case, name) for name in case.reports}
    items = _items(case)
    if items:
        about = _metadata(case, f"What is open in {case.system}")
        documents["poam"] = {
            "plan-of-action-and-milestones": {
                "uuid": _id(case, "poam"), "metadata": about, "system-id": {"id": case.system}, "poam-items": items,
            }
        }  # fmt: skip
    return [File(f"oscal/{name}.json", json.dumps(body, indent=1, ensure_ascii=False) + "\n")
            for name, body in sorted(documents.items())]  # fmt: skip


def _id(case: Case, *names: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((OURS, case.system, *names))))


def _metadata(case: Case, title: str) -> dict[str, Any]:
    return {"title": title, "last-modified": case.at, "version": case.at, "oscal-version": VERSION}


def control_id(framework: str, control: str) -> str:
    """A control's id as OSCAL takes it: NIST's own, else the framework's name and the control's in plain letters."""
    if framework.startswith(NIST):
        return control
    return f"{framework}-{re.sub(r'[^A-Za-z0-9.]+', '_', control).strip('_')}".lower()


def _source(framework: str, case: Case) -> str:
    if framework.startswith(NIST):
        return f"{CATALOG}/NIST_SP-800-53_rev5_{framework.removeprefix(NIST).upper()}-baseline_profile.json"
    return f"#{_id(case, 'resource', framework)}"


def _resources(case: Case, *more: tuple[str, str, str]) -> dict[str, Any]:
    """Where OSCAL wants a document that nobody publishes, a resource says what is meant."""
    others = [(name, name, f"The framework {name}; its text is not part of this document.") for name in case.reports]
    named = [one for one in others if not one[0].startswith(NIST)]
    resources = [
        {"uuid": _id(case, "resource", key), "title": title, "description": text}
        for key, title, text in [*named, *more]
    ]
    return {"back-matter": {"resources": resources}} if resources else {}


def _props(control: Control) -> list[dict[str, Any]]:
    said = {"control": control.id, "state": control.state, "mapping": control.label}
    return [{"name": key, "ns": OURS, "value": value} for key, value in said.items() if value]


def _means(control: Control) -> str:
    checks = f"Checks: {', '.join(control.checks)}." if control.checks else ""
    return " ".join(part for part in (f"{control.title}.", checks, control.why) if part)


def _requirements(case: Case, framework: str, *key: str) -> list[dict[str, Any]]:
    return [
        {
            "uuid": _id(case, *key, framework, one.id), "control-id": control_id(framework, one.id),
            "description": _means(one), "props": _props(one),
        }
        for one in case.reports[framework]
    ]  # fmt: skip


def _components(case: Case) -> dict[str, Any]:
    component = {
        "uuid": _id(case, "component"), "type": "service", "title": case.system,
        "description": f"Everything that was planned for {case.system}, as seen in: {case.world}.",
    }  # fmt: skip
    implemented = [
        {
            "uuid": _id(case, "implementation", name), "source": _source(name, case),
            "description": f"What of {name} holds, by checks and by hand.",
            "implemented-requirements": _requirements(case, name, "component"),
        }
        for name in case.reports
    ]  # fmt: skip
    body = {**component, **({"control-implementations": implemented} if implemented else {})}
    about = _metadata(case, f"Components of {case.system}")
    whole = {"uuid": _id(case, "components"), "metadata": about, "components": [body], **_resources(case)}
    return {"component-definition": whole}


def _plan(case: Case, framework: str) -> dict[str, Any]:
    """The security plan: what is implemented, by the one component that the system is here."""
    component = _id(case, "component")
    requirements = []
    for one in _requirements(case, framework, "ssp"):
        said = {"component-uuid": component, "uuid": _id(case, "by", framework, one["uuid"])}
        said |= {"description": one.pop("description")}
        requirements.append({**one, "by-components": [said]})
    characteristics = {
        "system-ids": [{"id": case.system}],
        "system-name": case.system,
        "description": f"{case.system}, as its spec declares it.",
        "system-information": {
            "information-types": [
                {"title": "what the spec declares", "description": "the data classes of promises.security.data"}
            ]
        },
        "status": {"state": "operational" if case.world != "plan" else "under-development"},
        "authorization-boundary": {"description": "every resource of the plan, and nothing that it does not name"},
    }
    implementation = {
        "users": [{"uuid": _id(case, "owner"), "title": case.owner or "no owner is named in the spec"}],
        "components": [
            {
                "uuid": component, "type": "this-system", "title": case.system,
                "description": "the system as planned", "status": {"state": characteristics["status"]["state"]},
            }
        ],
    }  # fmt: skip
    about = _metadata(case, f"Security plan of {case.system}: {framework}")
    told = f"Each control of {framework}: by checks, by hand, or open."
    return {
        "system-security-plan": {
            "uuid": _id(case, "ssp", framework),
            "metadata": about,
            "import-profile": {"href": _source(framework, case)},
            "system-characteristics": characteristics,
            "system-implementation": implementation,
            "control-implementation": {"description": told, "implemented-requirements": requirements},
            **_resources(case),
        }
    }


def _results(case: Case) -> dict[str, Any]:
    """Every finding is an observation, and every record that a control holds by. A control that is kept or broken is
    a finding; what is open is none.
    """
    observations = [_observation(case, one) for one in _distinct(case.audit.findings)]
    by_check: dict[str, list[str]] = {}
    for one in _distinct(case.audit.findings):
        by_check.setdefault(one.check, []).append(_observed(case, one))
    observations += [_examined(case, one) for one in _proofs(case).values()]
    results = [_result(case, name, observations, by_check) for name in case.reports]
    how = (
        "assessment",
        "How it was assessed",
        "Standfast's checks over every resource, and what people put on record.",
    )
    about = _metadata(case, f"Assessment of {case.system}")
    whole = {
        "uuid": _id(case, "results"), "metadata": about, "import-ap": {"href": f"#{_id(case, 'resource', how[0])}"},
        "results": results or [_result(case, "", observations, by_check)], **_resources(case, how),
    }  # fmt: skip
    return {"assessment-results": whole}


def _result(case: Case, name: str, observations: list[Any], by_check: dict[str, list[str]]) -> dict[str, Any]:
    controls, proofs = case.reports.get(name, ()), _proofs(case)
    chosen = [{"control-id": control_id(name, one.id)} for one in controls]
    findings = []
    for one in controls:
        if one.state not in SATISFIED:
            continue
        target = {
            "type": "objective-id",
            "target-id": control_id(name, one.id),
            "status": {"state": SATISFIED[one.state]},
        }
        related = [{"observation-uuid": at} for check in one.checks for at in by_check.get(check, [])]
        if f"{name}:{one.id}" in proofs:
            related = [{"observation-uuid": _id(case, "examined", str(proofs[f"{name}:{one.id}"].number))}]
        findings.append(
            {
                "uuid": _id(case, "finding", name, one.id), "title": f"{one.id}: {one.title}",
                "description": _means(one), "target": target, "props": _props(one),
                **({"related-observations": related} if related else {}),
            }
        )  # fmt: skip
    return {
        "uuid": _id(case, "result", name),
        "title": name or "checks",
        "description": f"What was seen in: {case.world}.",
        "start": case.at,
        "reviewed-controls": {"control-selections": [{"include-controls": chosen} if chosen else {"include-all": {}}]},
        **({"observations": observations} if observations else {}),
        **({"findings": findings} if findings else {}),
    }


def _proofs(case: Case) -> dict[str, Proof]:
    """framework:control -> the record of people that it holds by."""
    every = case.proofs
    by_hand = [f"{name}:{one.id}" for name, report in case.reports.items() for one in report if one.label == BY_HAND]
    return {name: every[name] for name in by_hand if name in every}


def _examined(case: Case, one: Proof) -> dict[str, Any]:
    paper = f"{one.paper}, SHA-256 {one.sha256}" if one.paper else "no paper was named"
    return {
        "uuid": _id(case, "examined", str(one.number)), "title": f"{one.subject}: record {one.number} of the ledger",
        "description": f"{one.who}: {one.note or 'looked at it, and it holds'}", "methods": ["EXAMINE"],
        "collected": f"{one.since}T00:00:00Z", "expires": f"{one.until}T23:59:59Z",
        "relevant-evidence": [{"description": f"Paper: {paper}"}],
    }  # fmt: skip


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Two findings of the same words are one: an id stands for what it is made of."""
    return list({(one.check, one.resource, one.verdict, one.what): one for one in findings}.values())


def _observed(case: Case, one: Finding) -> str:
    return _id(case, "observation", one.check, one.resource, one.verdict, one.what)


def _observation(case: Case, one: Finding) -> dict[str, Any]:
    return {
        "uuid": _observed(case, one),
        "title": f"{one.check}: {one.verdict}",
        "description": f"{one.resource}: {one.what}",
        "methods": ["TEST"],
        "collected": case.at,
        "props": [{"name": "place", "ns": OURS, "value": str(one.place)}] if one.place.file else [],
    }


def _items(case: Case) -> list[dict[str, Any]]:
    """What has to be done: everything broken, worst first, as the audit has it."""
    return [
        {
            "uuid": _id(case, "item", one.check, one.resource, one.what), "title": one.title or one.check,
            "description": f"{one.resource}: {one.what}. Fix: {one.fix or 'see the manual page of the check'}",
        }
        for one in _distinct(case.audit.findings)
        if one.verdict == "broken"
    ]  # fmt: skip
