"""SPDX 2.2 and 2.3 in JSON: a list of packages, and no word of their vulnerabilities."""

from __future__ import annotations

from typing import Any

from standfast.audit.vulnerabilities.scan import Scan

TITLE = "SPDX"


def read(document: Any) -> Scan | None:
    if not isinstance(document, dict) or not str(document.get("spdxVersion", "")).startswith("SPDX-2"):
        return None
    return Scan("SPDX", document["name"], (), len(document.get("packages") or ()), judged=False)
