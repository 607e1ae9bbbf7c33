"""Facts of Ansible: which security updates a host lacks, as the project's own `facts.yml` writes them down.

An update of a security archive that is not installed counts as one vulnerability of unknown severity, because apt does
not say how grave it is. So do a restart that updates wait for, and a release that gets no updates any more: such a
host lacks nothing that apt knows, which is no good sign.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from standfast.audit.vulnerabilities.scan import Scan, Vulnerability
from standfast.problem import Problem, Problems, quoted

TITLE = "facts of Ansible"
FRESH = timedelta(days=7)  # ours: lists that are older do not tell what is missing
# The last day a release gets security updates that everybody gets. Debian with LTS (wiki.debian.org/LTS), Ubuntu's
# standard maintenance (ubuntu.com/about/release-cycle: it names months, the last day is taken); both as of 2026-11-28.
UNTIL = {
    ("Debian", "10"): "2024-06-30", ("Debian", "11"): "2026-08-31", ("Debian", "12"): "2028-06-30",
    ("Debian", "13"): "2030-06-30", ("Ubuntu", "18.04"): "2023-05-31", ("Ubuntu", "20.04"): "2025-05-31",
    ("Ubuntu", "22.04"): "2027-04-30", ("Ubuntu", "24.04"): "2029-04-30",
}  # fmt: skip


def read(document: Any) -> Scan | None:
    """Raises Problems for a host whose facts cannot tell what it lacks: that is no clean host."""
    facts = document.get("ansible_facts") if isinstance(document, dict) else None
    if not isinstance(facts, dict):
        return None
    host = str(document.get("host") or facts.get("ansible_hostname") or "")
    told = (facts.get("ansible_local") or {}).get("updates")
    if not isinstance(told, dict):
        raise _unknown(host, "these facts say nothing of updates", "ansible-playbook facts.yml")
    if not told["lists"]:
        raise _unknown(host, "it has no lists of packages", "apt-get update there, then ask again")
    asked = datetime.fromisoformat(told["asked"])
    if asked - datetime.fromisoformat(told["lists"]) > FRESH:
        why = f"its lists of packages are of {told['lists'][:10]}"
        raise _unknown(host, why, "apt-get update there, then ask again")
    found = [
        Vulnerability("security update", one["package"], one["installed"], "unknown", one["fixed"])
        for one in told["lacking"]
        if one["security"]
    ]
    if told["restart"]:
        found.append(Vulnerability("restart", "what was updated", "", "unknown", "a restart"))
    system = (str(facts.get("ansible_distribution", "")), str(facts.get("ansible_distribution_version", "")))
    release = (system[0], system[1].partition(".")[0]) if system[0] == "Debian" else system
    if UNTIL.get(release, "9999") < told["asked"][:10]:
        found.append(Vulnerability("no more updates", *release, "high", f"a release after {' '.join(release)}"))
    return Scan("ansible", host, tuple(found))


def _unknown(host: str, why: str, fix: str) -> Problems:
    return Problems([Problem(f"what {quoted(host) if host else 'the host'} lacks cannot be told", why, fix)])
