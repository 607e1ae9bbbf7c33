"""CycloneDX in JSON, 1.4 and newer: a list of parts, and the vulnerabilities of those where it names any."""

from __future__ import annotations

from typing import Any

from standfast.audit.vulnerabilities.scan import SEVERITIES, Scan, Vulnerability, severity

TITLE = "CycloneDX"
SETTLED = ("resolved", "resolved_with_pedigree", "false_positive", "not_affected")


def read(document: Any) -> Scan | None:
    if not isinstance(document, dict) or document.get("bomFormat") != "CycloneDX":
        return None
    parts = list(_parts(document.get("components") or ()))
    names = {one.get("bom-ref", ""): one for one in parts}
    found = []
    for one in document.get("vulnerabilities") or ():
        if (one.get("analysis") or {}).get("state") in SETTLED:
            continue
        words = [severity(rating.get("severity")) for rating in one.get("ratings") or ()] or ["unknown"]
        for affected in one.get("affects") or ({"ref": ""},):
            part = names.get(affected["ref"], {"name": affected["ref"]})
            worst = min(words, key=SEVERITIES.index)
            found.append(Vulnerability(one["id"], part["name"], part.get("version", ""), worst))
    about = (document.get("metadata") or {}).get("component") or {}
    return Scan("CycloneDX", about.get("name", ""), tuple(found), len(parts), judged="vulnerabilities" in document)


def _parts(components: Any) -> Any:
    """Parts have parts."""
    for one in components:
        yield one
        yield from _parts(one.get("components") or ())
