"""How long a vulnerability may stay: counted from the day it was first seen, in the thing it was seen in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from standfast.audit.vulnerabilities.scan import Scan, Vulnerability
from standfast.ledger import Evidence
from standfast.promise import Measured

# Days, by what asks for them, as of 2026-11-28. Exploited: CISA BOD 26-04 (2026-06-10), which gives 3 days where the
# thing is open to the internet and attackers can automate it and take all, else mostly 14; whether they can is not
# known here, so what is open has 3. Critical 15, high 30: BOD 19-02 (2019), which 26-04 revoked for a scheme without
# severities; they stay, as the stricter of what is in use. High 30, medium 90, low 180: FedRAMP's continuous monitoring
# (Strategy Guide 3.2, 2018), which its rules of 2026 replace step by step. Unknown is taken for high.
DAYS = {"exploited and public": 3, "exploited": 14, "critical": 15, "high": 30, "medium": 90, "low": 180, "unknown": 30}
SCAN, MEASURE = "scan", "security.patching"


@dataclass(frozen=True)
class Due:
    """An open vulnerability in `subject`: first seen, and its last day."""

    subject: str
    what: Vulnerability
    since: str
    until: str

    def overdue(self, day: date) -> bool:
        return day.isoformat() > self.until


def details(scan: Scan, exploited: Iterable[str] = (), public: bool = False) -> dict[str, Any]:
    """What the ledger keeps of a scan. `exploited`: ids that are known to be used by attackers. `public`: whether what
    was scanned is open to the internet."""
    used = set(exploited)
    found = {
        one.key: {
            "id": one.id, "package": one.package, "version": one.version, "severity": one.severity,
            "fixed": one.fixed, "exploited": one.exploited or one.id in used,
        }
        for one in scan.found
    }  # fmt: skip
    said: dict[str, Any] = {"tool": scan.tool, "packages": scan.packages, **({"public": True} if public else {})}
    return said | ({"vulnerabilities": [found[key] for key in sorted(found)]} if scan.judged else {})


def due(records: Iterable[Evidence], day: date) -> tuple[Due, ...]:
    """What the newest scan of each thing by each tool still finds, worst first: exploited, then by its last day.

    One that was gone in between and came back counts from the day it came back.
    """
    standing: dict[tuple[str, str], dict[str, Due]] = {}
    for one in records:
        if one.what != SCAN or "vulnerabilities" not in one.details or one.at[:10] > day.isoformat():
            continue
        place = (one.subject, str(one.details.get("tool", "")))
        before, now = standing.get(place, {}), {}
        for told in one.details["vulnerabilities"]:
            what = Vulnerability(**told)
            since = before[what.key].since if what.key in before else one.at[:10]
            now[what.key] = Due(one.subject, what, since, _last_day(what, since, bool(one.details.get("public"))))
        standing[place] = now
    several = [one for found in standing.values() for one in found.values()]
    return tuple(sorted(several, key=lambda one: (not one.what.exploited, one.until, one.subject, one.what.key)))


def overdue(records: Iterable[Evidence], day: date) -> Measured | None:
    """`security.patching` on a day: how many are past their last day; None where nothing was ever scanned."""
    scans = [one for one in records if one.what == SCAN and "vulnerabilities" in one.details]
    if not scans:
        return None
    late = [one for one in due(scans, day) if one.overdue(day)]
    note = f"{len(due(scans, day))} open, {len(late)} overdue; scanned {scans[-1].at[:10]}"
    return Measured(MEASURE, float(len(late)), f"{day.isoformat()}T00:00:00Z", scans[-1].world, scans[-1].source, note)


def _last_day(one: Vulnerability, since: str, public: bool) -> str:
    used = DAYS["exploited and public" if public else "exploited"]
    days = min(used, DAYS[one.severity]) if one.exploited else DAYS[one.severity]
    return (date.fromisoformat(since) + timedelta(days=days)).isoformat()
