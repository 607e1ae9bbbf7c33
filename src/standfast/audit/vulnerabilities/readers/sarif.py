"""SARIF 2.1.0 (OASIS): of each rule the score in `security-severity`, which GitHub and most scanners write."""

from __future__ import annotations

from typing import Any

from standfast.audit.vulnerabilities.scan import Scan, Vulnerability, by_score, severity

TITLE = "SARIF"
LEVELS = {"error": "high", "warning": "medium", "note": "low", "none": "low"}


def read(document: Any) -> Scan | None:
    if not isinstance(document, dict) or not isinstance(document.get("runs"), list):
        return None
    found, tools = [], []
    for run in document["runs"]:
        driver = run["tool"]["driver"]
        tools.append(driver["name"])
        rules = {one["id"]: one for one in driver.get("rules", ())}
        for result in run.get("results") or ():
            if result.get("kind", "fail") not in ("fail", "review", "open") or result.get("suppressions"):
                continue
            name = result.get("ruleId") or result.get("rule", {}).get("id", "")
            found.append(Vulnerability(name, _where(result), "", _severity(rules.get(name, {}), result)))
    return Scan(", ".join(dict.fromkeys(tools)) or "SARIF", "", tuple(found))


def _severity(rule: Any, result: Any) -> str:
    score = {**rule.get("properties", {}), **result.get("properties", {})}.get("security-severity")
    if score is not None:
        return by_score(score)
    level = result.get("level") or rule.get("defaultConfiguration", {}).get("level") or "warning"
    return severity(LEVELS.get(level))


def _where(result: Any) -> str:
    for location in result.get("locations") or ():
        place = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri")
        if place:
            return str(place)
    return ""
