"""Trivy's own JSON (trivy.dev, schema version 2)."""

from __future__ import annotations

from typing import Any

from standfast.audit.vulnerabilities.scan import Scan, Vulnerability, severity

TITLE = "Trivy's JSON"


def read(document: Any) -> Scan | None:
    if not isinstance(document, dict) or "SchemaVersion" not in document or "ArtifactName" not in document:
        return None
    found = [
        Vulnerability(one["VulnerabilityID"], one["PkgName"], one.get("InstalledVersion", ""),
                      severity(one.get("Severity")), one.get("FixedVersion", ""))
        for result in document.get("Results") or ()
        for one in result.get("Vulnerabilities") or ()
    ]  # fmt: skip
    return Scan("trivy", document["ArtifactName"], tuple(found))
