"""How long a vulnerability may stay: counted from the day it was first seen, in the thing it was seen in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
FRESH = 90  # days that a scan holds (PCI DSS 4.0 11.3.2: each quarter)
SCAN, RETIRED, MEASURE = "scan", "retired", "security.patching"


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

    One that was gone in between and came back counts from the day it came back. What is no more lacks nothing.
    """
    several = [one for _, found in _standing(records, day).values() for one in found.values()]
    return tuple(sorted(several, key=lambda one: (not one.what.exploited, one.until, one.subject, one.what.key)))


def overdue(records: Sequence[Evidence], day: date) -> Measured | None:
    """`security.patching` on a day: how many are past their last day. None where nothing was ever scanned; its value is
    None where nothing is overdue, and something was not scanned for too long.
    """
    standing = _standing(records, day)
    if not standing:
        return None
    late = [one for one in due(records, day) if one.overdue(day)]
    fresh = (day - timedelta(days=FRESH)).isoformat()
    newest: dict[str, str] = {}
    for (subject, _), (scanned, _) in standing.items():
        newest[subject] = max(scanned, newest.get(subject, ""))
    old = sorted(subject for subject, scanned in newest.items() if scanned < fresh)
    note = f"{len(due(records, day))} open, {len(late)} overdue; scanned {max(newest.values())}"
    if old:
        note += f"; not for {FRESH} days: {', '.join(old)}"
    source = next(one.source for one in reversed(records) if one.what == SCAN)
    value = float(len(late)) if late or not old else None
    return Measured(MEASURE, value, f"{day.isoformat()}T00:00:00Z", "scans", source, note)


def _standing(records: Iterable[Evidence], day: date) -> dict[tuple[str, str], tuple[str, dict[str, Due]]]:
    """Subject and tool -> the day of the newest scan, and what it found."""
    standing: dict[tuple[str, str], tuple[str, dict[str, Due]]] = {}
    for one in records:
        if one.at[:10] > day.isoformat():
            continue
        if one.what == RETIRED:
            standing = {place: found for place, found in standing.items() if place[0] != one.subject}
        if one.what != SCAN or "vulnerabilities" not in one.details:
            continue
        place = (one.subject, str(one.details.get("tool", "")))
        before, now = standing.get(place, ("", {}))[1], {}
        for told in one.details["vulnerabilities"]:
            what = Vulnerability(**told)
            since = before[what.key].since if what.key in before else one.at[:10]
            now[what.key] = Due(one.subject, what, since, _last_day(what, since, bool(one.details.get("public"))))
        standing[place] = (one.at[:10], now)
    return standing


def _last_day(one: Vulnerability, since: str, public: bool) -> str:
    used = DAYS["exploited and public" if public else "exploited"]
    days = min(used, DAYS[one.severity]) if one.exploited else DAYS[one.severity]
    return (date.fromisoformat(since) + timedelta(days=days)).isoformat()
