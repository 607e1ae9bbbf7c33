"""pip-audit's JSON (pypi.org/project/pip-audit). It gives no severity."""

from __future__ import annotations

from typing import Any

from standfast.audit.vulnerabilities.scan import Scan, Vulnerability

TITLE = "pip-audit's JSON"


def read(document: Any) -> Scan | None:
    if not isinstance(document, dict) or not isinstance(document.get("dependencies"), list) or "runs" in document:
        return None
    parts = document["dependencies"]
    found = [
        Vulnerability(
            _name(one), part["name"], part.get("version", ""), "unknown", ", ".join(one.get("fix_versions", ()))
        )
        for part in parts
        for one in part.get("vulns", ())
    ]
    return Scan("pip-audit", "Python packages", tuple(found), len(parts))


def _name(one: Any) -> str:
    """Its CVE where it has one, so that other scanners' words for it meet."""
    names = [one["id"], *one.get("aliases", ())]
    return next((name for name in names if name.startswith("CVE-")), one["id"])
