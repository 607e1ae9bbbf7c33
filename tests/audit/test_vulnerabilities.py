"""Reports of scanners read in, and the day by which each of their findings has to be gone."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from standfast.audit.formats import write_audit
from standfast.audit.vulnerabilities import DAYS, MEASURE, details, due, overdue, read_scan
from standfast.audit.vulnerabilities.scan import by_score
from standfast.cli import run
from standfast.ledger import Evidence, append, entries, now
from standfast.operate.audits import audit_planned
from standfast.operate.status import promise_rows
from standfast.problem import Problems
from tests.shop import EXAMPLES, shop_plan

TRIVY = {
    "SchemaVersion": 2, "ArtifactName": "acme/web:1.4", "Results": [
        {"Target": "debian", "Vulnerabilities": [
            {"VulnerabilityID": "CVE-2026-1", "PkgName": "openssl", "InstalledVersion": "3.0.1", "Severity": "CRITICAL",
             "FixedVersion": "3.0.2"},
            {"VulnerabilityID": "CVE-2026-2", "PkgName": "zlib", "InstalledVersion": "1.2", "Severity": "UNKNOWN"},
        ]},
        {"Target": "app", "Vulnerabilities": None},
    ],
}  # fmt: skip
GRYPE = {
    "matches": [
        {"vulnerability": {"id": "CVE-2026-3", "severity": "Medium", "fix": {"versions": ["2.1"], "state": "fixed"},
                           "knownExploited": [{"cve": "CVE-2026-3"}]}, "artifact": {"name": "curl", "version": "2.0"}},
        {"vulnerability": {"id": "CVE-2026-4", "severity": "Negligible"}, "artifact": {"name": "tar", "version": "1"}},
    ],
    "source": {"type": "image", "target": {"userInput": "acme/api:2"}}, "descriptor": {"name": "grype"},
}  # fmt: skip
PIP_AUDIT = {
    "dependencies": [
        {"name": "flask", "version": "0.5", "vulns": [
            {"id": "PYSEC-2019-179", "fix_versions": ["1.0"], "aliases": ["CVE-2019-1010083"], "description": "…"}]},
        {"name": "six", "version": "1.16", "vulns": []},
        {"name": "own", "skip_reason": "not on PyPI"},
    ],
    "fixes": [],
}  # fmt: skip
CYCLONEDX = {
    "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"name": "acme/web"}},
    "components": [{"bom-ref": "a", "name": "lib", "version": "1", "components": [{"bom-ref": "b", "name": "inner"}]}],
    "vulnerabilities": [
        {"id": "CVE-2026-5", "ratings": [{"severity": "low"}, {"severity": "high"}], "affects": [{"ref": "b"}]},
        {"id": "CVE-2026-6", "analysis": {"state": "not_affected"}, "affects": [{"ref": "a"}]},
    ],
}  # fmt: skip
SPDX = {"spdxVersion": "SPDX-2.3", "name": "acme/web", "packages": [{"name": "lib"}, {"name": "more"}]}
RULES = [
    {"id": "CVE-1", "properties": {"security-severity": "9.8"}},
    {"id": "R", "defaultConfiguration": {"level": "note"}},
]
RESULTS = [
    {"ruleId": "CVE-1", "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.lock"}}}]},
    {"ruleId": "R"},
    {"ruleId": "R", "suppressions": [{"kind": "external"}]},
]
SARIF = {"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "Some", "rules": RULES}}, "results": RESULTS}]}


def read(tmp_path: Path, document: Any) -> Any:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(document))
    return read_scan(path)


def test_each_form_is_read_for_what_it_says(tmp_path: Path) -> None:
    def told(document: Any) -> list[tuple[str, str, str, str, bool]]:
        scan = read(tmp_path, document)
        return [(one.id, one.package, one.severity, one.fixed, one.exploited) for one in scan.found]

    assert told(TRIVY) == [
        ("CVE-2026-1", "openssl", "critical", "3.0.2", False), ("CVE-2026-2", "zlib", "unknown", "", False),
    ]  # fmt: skip
    assert told(GRYPE) == [("CVE-2026-3", "curl", "medium", "2.1", True), ("CVE-2026-4", "tar", "low", "", False)]
    assert told(PIP_AUDIT) == [("CVE-2019-1010083", "flask", "unknown", "1.0", False)]
    assert told(CYCLONEDX) == [("CVE-2026-5", "inner", "high", "", False)]
    assert told(SARIF) == [("CVE-1", "a.lock", "critical", "", False), ("R", "", "low", "", False)]
    spdx = read(tmp_path, SPDX)
    assert (spdx.packages, spdx.judged) == (2, False)
    assert read(tmp_path, CYCLONEDX).packages == 2
    subjects = [read(tmp_path, one).subject for one in (TRIVY, GRYPE, CYCLONEDX, SPDX)]
    assert subjects == ["acme/web:1.4", "acme/api:2", "acme/web", "acme/web"]


def test_our_own_sarif_is_read(tmp_path: Path) -> None:
    audit = audit_planned(shop_plan())
    scan = read(tmp_path, json.loads(write_audit({"plan": audit}, "sarif")))
    assert scan.tool and len(scan.found) == len(audit.of("broken")) + len(audit.of("unknown"))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", "{}", '{"runs": 3}', '{"SchemaVersion": 2}', "[" * 9999, '{"runs": [{}]}',
     '{"bomFormat": "CycloneDX", "vulnerabilities": [{}]}', '{"matches": [{}], "descriptor": {}}',
     '{"dependencies": [{"vulns": [{}]}]}', '{"SchemaVersion": 2, "ArtifactName": "a", "Results": [7]}'],
)  # fmt: skip
def test_what_is_no_whole_report_is_a_problem(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(Problems) as told:
        read_scan(path)
    assert told.value.problems[0].what


@given(st.floats(0, 10))
def test_a_score_has_the_severity_of_the_standard(score: float) -> None:
    bands = [(9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.0, "low")]
    assert by_score(score) == next(word for least, word in bands if score >= least)
    assert by_score("x") == by_score(None) == "unknown"


def scanned(
    ledger: Path, day: str, document: Any, subject: str = "web", exploited: tuple[str, ...] = ()
) -> list[Evidence]:
    told = details(read(ledger.parent, document), exploited)
    append(ledger, what="scan", subject=subject, verdict="unknown", at=f"{day}T10:00:00Z", details=told)
    return entries(ledger)


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    (first, *rest) = document["Results"]
    kept = [one for one in first["Vulnerabilities"] if one["VulnerabilityID"] != name]
    return {**document, "Results": [{**first, "Vulnerabilities": kept}, *rest]}


def test_a_deadline_counts_from_the_day_it_was_first_seen(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    scanned(ledger, "2027-01-01", TRIVY)
    records = scanned(ledger, "2027-01-10", TRIVY)
    since = {one.what.id: (one.since, one.until) for one in due(records, date(2027, 1, 10))}
    assert since == {"CVE-2026-1": ("2027-01-01", "2027-01-16"), "CVE-2026-2": ("2027-01-01", "2027-01-31")}
    assert overdue(records, date(2027, 1, 16)).value == 0, "the last day is still in time"  # ty: ignore
    assert overdue(records, date(2027, 1, 17)).value == 1  # ty: ignore
    records = scanned(ledger, "2027-01-18", without(TRIVY, "CVE-2026-1"))
    assert overdue(records, date(2027, 1, 18)).value == 0, "it was mended"  # ty: ignore
    records = scanned(ledger, "2027-02-20", TRIVY)
    assert due(records, date(2027, 2, 20))[-1].since == "2027-02-20", "it came back, and counts from then"
    records = scanned(ledger, "2027-02-21", {"SchemaVersion": 2, "ArtifactName": "x"}, subject="api")
    assert {one.subject for one in due(records, date(2027, 2, 21))} == {"web"}, "another thing mends nothing here"
    records = scanned(ledger, "2027-02-22", SPDX)
    assert len(due(records, date(2027, 2, 22))) == 2, "a list of parts mends nothing"


def test_what_attackers_use_comes_first_and_sooner(tmp_path: Path) -> None:
    records = scanned(tmp_path / "l", "2027-01-01", GRYPE)
    assert [(one.what.id, one.until) for one in due(records, date(2027, 1, 1))] == [
        ("CVE-2026-3", "2027-01-15"), ("CVE-2026-4", "2027-06-30"),
    ]  # fmt: skip
    records = scanned(tmp_path / "l", "2027-01-01", TRIVY, "web", ("CVE-2026-2",))
    assert [one.what.id for one in due(records, date(2027, 1, 1))][:2] == ["CVE-2026-2", "CVE-2026-3"]
    used, others = [days for word, days in DAYS.items() if "exploited" in word], [DAYS["critical"], DAYS["high"]]
    assert max(used) < min(others)


def test_overdue_is_a_broken_promise_by_the_day_alone(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    rows = promise_rows(shop_plan(), ledger)
    assert all(one.measure != MEASURE for one in rows), "what was never scanned promises nothing"
    scanned(ledger, "2020-01-01", TRIVY)
    (row,) = [one for one in promise_rows(shop_plan(), ledger) if one.measure == MEASURE]
    assert row.verdict == "broken"
    mended = without(without(TRIVY, "CVE-2026-1"), "CVE-2026-2")
    scanned(ledger, "2020-01-02", mended)
    (row,) = [one for one in promise_rows(shop_plan(), ledger) if one.measure == MEASURE]
    assert row.verdict == "unknown", "nobody looked for years"
    scanned(ledger, now()[:10], mended)
    (row,) = [one for one in promise_rows(shop_plan(), ledger) if one.measure == MEASURE]
    assert row.verdict == "kept"


def test_what_is_no_more_lacks_nothing_and_what_nobody_looks_at_is_unknown(tmp_path: Path) -> None:
    ledger, clean = tmp_path / "ledger.sqlite", {"SchemaVersion": 2, "ArtifactName": "x"}
    scanned(ledger, "2027-01-01", TRIVY, subject="old")
    records = scanned(ledger, "2027-01-01", clean, subject="web")
    assert overdue(records, date(2027, 3, 1)).value == 2  # ty: ignore
    append(ledger, what="retired", subject="old", verdict="kept", at="2027-03-01T10:00:00Z")
    records = entries(ledger)
    assert overdue(records, date(2027, 3, 1)).value == 0  # ty: ignore
    assert overdue(records, date(2027, 4, 1)).value == 0, "90 days are not over"  # ty: ignore
    late = overdue(records, date(2027, 4, 2))
    assert late is not None and late.value is None and late.note.endswith("not for 90 days: web")
    assert overdue(scanned(ledger, "2027-04-02", TRIVY, subject="old"), date(2027, 4, 2)).value is None  # ty: ignore
    append(ledger, what="retired", subject="web", verdict="kept", at="2027-04-02T10:00:00Z")
    append(ledger, what="retired", subject="old", verdict="kept", at="2027-04-02T10:00:00Z")
    assert overdue(entries(ledger), date(2027, 4, 2)) is None


def test_the_verb_reads_records_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, report, known = str(EXAMPLES / "shop.yaml"), tmp_path / "trivy.json", tmp_path / "kev.json"
    report.write_text(json.dumps(TRIVY))
    known.write_text(json.dumps({"vulnerabilities": [{"cveID": "CVE-2026-2"}]}))
    words = ["evidence", "scan", spec, str(report), "--out", str(tmp_path / "out"), "--exploited", str(known)]
    assert run(words) == 0
    told = capsys.readouterr().out
    assert told.index("CVE-2026-2") < told.index("CVE-2026-1") and "fixed in 3.0.2" in told
    known.write_text("{}")
    assert run(words) == 1
    assert "catalog" in capsys.readouterr().err
    report.write_text(json.dumps(PIP_AUDIT | {"dependencies": [{"name": "own", "skip_reason": "x"}]}))
    assert run(words[:-2]) == 0
