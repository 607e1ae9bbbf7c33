"""Grype's JSON (github.com/anchore/grype)."""

from __future__ import annotations

from typing import Any

from standfast.audit.vulnerabilities.scan import Scan, Vulnerability, severity

TITLE = "Grype's JSON"


def read(document: Any) -> Scan | None:
    if not isinstance(document, dict) or "matches" not in document or "descriptor" not in document:
        return None
    found = []
    for match in document["matches"]:
        one, part = match["vulnerability"], match["artifact"]
        fixed = ", ".join((one.get("fix") or {}).get("versions") or ())
        exploited = bool(one.get("knownExploited"))
        found.append(
            Vulnerability(
                one["id"], part["name"], part.get("version", ""), severity(one.get("severity")), fixed, exploited
            )
        )
    target = (document.get("source") or {}).get("target")
    subject = target if isinstance(target, str) else (target or {}).get("userInput", "")
    return Scan("grype", subject, tuple(found))
