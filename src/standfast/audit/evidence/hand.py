"""What people prove: who looked at what, when, how long it holds, and the paper it rests on, known by its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from standfast.audit.frameworks import FRAMEWORKS
from standfast.audit.frameworks.report import framework_report
from standfast.audit.run import Audit
from standfast.ledger import Evidence
from standfast.problem import Problem, Problems, did_you_mean, quoted

# What is put on record, and for how many days it holds where nobody says otherwise: once a year is what the frameworks
# here ask of reviews and training (PCI DSS 4.0 12.6.3, NIST SP 800-53 AT-2, HIPAA 164.308(a)(5)); reviews of access
# twice a year (PCI DSS 4.0 7.2.4), scans each quarter (11.3.2).
KINDS = {
    "control": ("a control was looked at and holds", 365),
    "training": ("somebody was taught, and showed it", 365),
    "access-review": ("who may do what was gone through", 182),
    "approval": ("a change or a risk was approved", 365),
    "scan": ("a scan was run", 90),
    "tabletop": ("a disaster was played through at a table", 365),
    "retired": ("what was scanned is there no more", 36500),
}
LARGEST = 1 << 30  # bytes of a paper that is hashed


@dataclass(frozen=True)
class Proof:
    """A record of people: its number in the ledger, what it says, who says so, and its first and last day."""

    number: int
    kind: str
    subject: str
    who: str
    since: str
    until: str
    note: str
    paper: str
    sha256: str


def note(
    kind: str, subject: str, *, who: str, today: date, until: str = "", text: str = "", paper: str = ""
) -> dict[str, Any]:
    """The fields of a ledger's record. Raises Problems for an unknown kind, control, day or paper."""
    problems = []
    if kind not in KINDS:
        problems.append(Problem(f"no kind of evidence {quoted(kind)}", fix=did_you_mean(kind, KINDS)))
    if not subject.strip():
        problems.append(Problem("the record speaks of nothing", fix="name a control, a person or a thing"))
    if kind == "control" and subject.strip():
        problems += _unknown_control(subject)
    last, wrong = _last_day(kind, until, today)
    problems += wrong
    details: dict[str, Any] = {"until": last}
    if paper:
        found = _paper(Path(paper))
        problems += [found] if isinstance(found, Problem) else []
        details |= found if isinstance(found, dict) else {}
    if problems:
        raise Problems(problems)
    return {
        "what": kind, "subject": subject.strip(), "verdict": "kept", "note": text.strip(),
        "source": details.get("paper", "by hand"), "details": details,
        **({"who": who} if who else {}),
    }  # fmt: skip


def _last_day(kind: str, until: str, today: date) -> tuple[str, list[Problem]]:
    if not until:
        return (today + timedelta(days=KINDS.get(kind, ("", 365))[1])).isoformat(), []
    try:
        day = date.fromisoformat(until)
    except ValueError:
        return "", [Problem(f"{quoted(until)} is no day", fix="write it as 2027-03-31")]
    if day < today:
        return "", [Problem(f"{until} is over", "what is put on record must hold today", "name a later day")]
    return day.isoformat(), []


def _paper(path: Path) -> dict[str, str] | Problem:
    try:
        if path.stat().st_size > LARGEST:
            return Problem(f"{path.name} is larger than 1 GiB", fix="put its hash into a file, and record that")
        with path.open("rb") as paper:
            return {"paper": path.name, "sha256": hashlib.file_digest(paper, "sha256").hexdigest()}
    except OSError as error:
        return Problem(f"{path} cannot be read", error.strerror or "", "name the file that the record rests on")


def _unknown_control(subject: str) -> list[Problem]:
    framework, _, control = subject.strip().partition(":")
    if framework not in FRAMEWORKS:
        fix = did_you_mean(framework, FRAMEWORKS)
        return [Problem(f"no framework {quoted(framework)}", "a control is named as gdpr:28", fix)]
    known = [one.id for one in framework_report(Audit(()), framework)]
    if control not in known:
        return [Problem(f"{framework} has no control {quoted(control)}", fix=did_you_mean(control, known))]
    return []


def proofs_of(records: Iterable[Evidence], day: date, kind: str = "control") -> dict[str, Proof]:
    """Subject -> the newest record of a kind that holds on that day. An expired one proves nothing."""
    found = {}
    for one in records:
        until = str(one.details.get("until", ""))
        if one.what == kind and one.at[:10] <= day.isoformat() <= until:
            details = {key: str(one.details.get(key, "")) for key in ("paper", "sha256")}
            found[one.subject] = Proof(
                one.number, one.what, one.subject, one.who, one.at[:10], until, one.note, **details
            )  # fmt: skip
    return found
