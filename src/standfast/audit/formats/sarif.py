"""SARIF 2.1.0 (OASIS standard, 2020-03-27), as code scanning of GitHub, GitLab and Azure DevOps read it.

What is broken fails, by its severity; what cannot be told is `open`; what was accepted is suppressed, with the reason.
Kept findings are left out. Fingerprints hold while lines move.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from standfast import VERSION
from standfast.audit.finding import Accepted, Finding
from standfast.audit.run import Audit

LEVEL = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
# GitHub sorts by this (docs.github.com, "SARIF support for code scanning", 2026): over 9 critical, over 7 high …
SCORE = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}


def write(audits: Mapping[str, Audit], checks: Mapping[str, ModuleType]) -> str:
    results = [
        one
        for world, audit in audits.items()
        for one in (
            *(_result(world, finding) for finding in audit.findings if finding.verdict != "kept"),
            *(_suppressed(world, accepted) for accepted in audit.accepted),
        )
    ]
    driver = {
        "name": "Standfast",
        "version": VERSION,
        "rules": [_rule(check) for check in checks.values()],
    }
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def _rule(check: ModuleType) -> dict[str, Any]:
    return {
        "id": check.ID,
        "shortDescription": {"text": check.TITLE},
        "fullDescription": {"text": (check.__doc__ or check.TITLE).strip()},
        "defaultConfiguration": {"level": LEVEL[check.SEVERITY]},
        "properties": {"tags": ["security"], "security-severity": SCORE[check.SEVERITY]},
    }


def _result(world: str, one: Finding) -> dict[str, Any]:
    broken = one.verdict == "broken"
    print_of = hashlib.sha256("\0".join((world, one.check, one.resource, one.what)).encode()).hexdigest()
    result = {
        "ruleId": one.check,
        "kind": "fail" if broken else "open",
        "level": LEVEL[one.severity] if broken else "none",
        "message": {"text": f"{one.resource}: {one.what}. {one.fix}".strip()},
        "locations": [_location(one)],
        "partialFingerprints": {"finding/v1": print_of},
        "properties": {"world": world, "component": one.component},
    }
    return result


def _suppressed(world: str, accepted: Accepted) -> dict[str, Any]:
    said = f"{accepted.reason} ({accepted.owner}, until {accepted.until})"
    known = {"kind": "external", "status": "accepted", "justification": said}
    return {**_result(world, accepted.finding), "suppressions": [known]}


def _location(one: Finding) -> dict[str, Any]:
    named = {"logicalLocations": [{"name": one.resource, "kind": "resource"}]}
    if not one.place.file:
        return named
    region = {"startLine": max(1, one.place.line)} | ({"startColumn": one.place.column} if one.place.column > 0 else {})
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(one.place.file)}, "region": region}, **named}


def _uri(path: str) -> str:
    from urllib.parse import quote

    return quote(path.replace("\\", "/"))
