"""Evidence by hand, two days compared, and what an auditor is given: OSCAL under its own models, and the folder."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from standfast.audit import FRAMEWORKS, framework_report
from standfast.audit.evidence import KINDS, Case, compared, note, proofs_of, with_proofs
from standfast.audit.evidence.folder import folder, table
from standfast.audit.evidence.oscal import control_id, oscal
from standfast.audit.evidence.pdf import pdf
from standfast.audit.run import Audit
from standfast.cli import run
from standfast.ledger import Evidence, append, entries
from standfast.operate.audits import audit_planned
from standfast.problem import Problems
from tests.programs import lacking
from tests.shop import EXAMPLES, shop_plan

PYTHON = Path(__file__).parent.parent.parent / ".tools" / "trestle" / "bin" / "python"
DAY = date(2027, 1, 10)
HOSTILE = ["<script>alert(1)</script>", "=cmd()", 'a"b\n', "Größe ✓", "{{ 7*7 }}"]


@cache
def audit() -> Audit:
    return audit_planned(shop_plan())


def spoiled() -> Audit:
    """The audit with two findings broken, as people with hostile names would have them."""
    first, second, *rest = audit().findings
    broken = [replace(first, verdict="broken", what=HOSTILE[0], fix="mend it"), replace(second, verdict="broken")]
    return Audit((*broken, *rest))


def recorded(path: Path, *several: dict[str, Any]) -> list[Evidence]:
    for one in several:
        append(path, **one)
    return entries(path)


def by_hand(subject: str, at: str = "2027-01-01T08:00:00Z", until: str = "2027-06-30", **more: Any) -> dict[str, Any]:
    return {"what": "control", "subject": subject, "verdict": "kept", "at": at, "details": {"until": until}, **more}


def case(seen: Audit, records: list[Evidence], *names: str) -> Case:
    proofs = proofs_of(records, DAY)
    reports = {name: with_proofs(framework_report(seen, name), name, proofs) for name in names or FRAMEWORKS}
    return Case("shop", "platform@example.com", "plan", DAY, seen, reports, records)


def complaints(files: dict[str, Any]) -> list[str]:
    if not PYTHON.exists():
        lacking("the models of OSCAL are not in .tools/trestle: run scripts/tools")
    judge = [str(PYTHON), str(Path(__file__).parent / "oscal_models.py")]
    ran = subprocess.run(judge, input=json.dumps(files), capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.real
def test_the_models_of_oscal_take_every_document(tmp_path: Path) -> None:
    records = recorded(tmp_path / "l", *(by_hand("gdpr:28", note=one, who=one.strip()) for one in HOSTILE))
    documents = {one.path: json.loads(one.text) for one in oscal(case(spoiled(), records))}
    assert {path.split("/")[1].split("-")[0] for path in documents} == {"assessment", "component", "poam.json", "ssp"}
    assert len(documents) == 3 + len(FRAMEWORKS)
    empty = {f"empty {one.path}": json.loads(one.text) for one in oscal(Case("x", "", "plan", DAY, Audit(()), {}, []))}
    assert complaints(documents | empty) == []
    wrong = json.loads(json.dumps(documents["oscal/poam.json"]))
    wrong["plan-of-action-and-milestones"]["poam-items"][0]["uuid"] = "1"
    lacking = json.loads(json.dumps(documents["oscal/assessment-results.json"]))
    del lacking["assessment-results"]["results"][0]["reviewed-controls"]
    assert [one.split(":")[0] for one in complaints({"wrong": wrong, "lacking": lacking})] == ["wrong", "lacking"]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_control_has_an_id_of_its_own(name: str) -> None:
    ids = [control_id(name, one.id) for one in framework_report(audit(), name)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[^\W\d]([\w.-])*", one) for one in ids), "a token of OSCAL"


def test_what_is_kept_in_results_is_kept_by_a_check_or_by_hand(tmp_path: Path) -> None:
    records = recorded(tmp_path / "l", by_hand("gdpr:28"))
    given = case(spoiled(), records, "gdpr", "nist-800-53-moderate")
    (results,) = [json.loads(one.text) for one in oscal(given) if one.path.endswith("assessment-results.json")]
    for result in results["assessment-results"]["results"]:
        states = {one.id: one.state for one in given.reports[result["title"]]}
        told = {}
        for one in result["findings"]:
            (control,) = [prop["value"] for prop in one["props"] if prop["name"] == "control"]
            told[control] = one["target"]["status"]["state"]
        wanted = {"kept": "satisfied", "broken": "not-satisfied"}
        assert told == {control: wanted[state] for control, state in states.items() if state in wanted}
        observed = {one["uuid"] for one in result["observations"]}
        related = {at["observation-uuid"] for one in result["findings"] for at in one.get("related-observations", [])}
        assert related <= observed
        if result["title"] == "gdpr":
            (hand,) = [one for one in result["observations"] if one["methods"] == ["EXAMINE"]]
            (holds,) = [one for one in result["findings"] if one["title"].startswith("28:")]
            assert holds["related-observations"] == [{"observation-uuid": hand["uuid"]}]
            assert hand["expires"].startswith("2027-06-30")


def test_people_prove_what_is_left_to_them_and_no_more(tmp_path: Path) -> None:
    broken = next(one for one in framework_report(spoiled(), "gdpr") if one.state == "broken")
    records = recorded(
        tmp_path / "l",
        by_hand("gdpr:28", until="2027-01-09"), by_hand("gdpr:30", at="2027-01-11T00:00:00Z"),
        by_hand("gdpr:33", who="Ada", note="trained"), by_hand(f"gdpr:{broken.id}"),
    )  # fmt: skip
    report = {one.id: one for one in with_proofs(framework_report(spoiled(), "gdpr"), "gdpr", proofs_of(records, DAY))}
    assert report["28"].state == "by_hand", "expired the day before"
    assert report["30"].state == "by_hand", "recorded the day after"
    assert report["33"].state == "kept" and "Ada" in report["33"].why
    assert report[broken.id].state == "broken", "nobody overrules a check"


def test_what_is_put_on_record_is_checked(tmp_path: Path) -> None:
    paper = tmp_path / "contract.txt"
    paper.write_bytes(b"signed")
    fields = note("control", " gdpr:28 ", who="", today=DAY, paper=str(paper))
    assert fields["subject"] == "gdpr:28"
    assert fields["source"] == "contract.txt" and note("training", "ada", who="", today=DAY)["source"] == "by hand"
    assert fields["details"]["sha256"] == hashlib.sha256(b"signed").hexdigest()
    assert fields["details"]["until"] == (DAY + timedelta(days=KINDS["control"][1])).isoformat()
    for kind, subject, more in (
        ("contrl", "gdpr:28", {}), ("control", "gdpr:2800", {}), ("control", "gdrp:28", {}), ("training", " ", {}),
        ("training", "ada", {"until": "2027-01-09"}), ("training", "ada", {"until": "soon"}),
        ("training", "ada", {"paper": str(tmp_path / "none")}), ("training", "ada", {"paper": str(tmp_path)}),
    ):  # fmt: skip
        with pytest.raises(Problems):
            note(kind, subject, who="", today=DAY, **more)


def test_two_days_are_set_side_by_side(tmp_path: Path) -> None:
    def audited(at: str, *failed: str) -> dict[str, Any]:
        return {
            "what": "audit", "subject": "shop", "verdict": "broken" if failed else "kept", "at": at, "world": "plan",
            "details": {"failed_checks": list(failed)}, "measure": "security.checks", "value": len(failed),
        }  # fmt: skip

    def scored(at: str, **states: list[str]) -> dict[str, Any]:
        return audited(at) | {"measure": "security.gdpr", "verdict": "unknown", "details": {"controls": states}}

    records = recorded(
        tmp_path / "l",
        audited("2027-01-01T10:00:00Z", "old", "both"), by_hand("gdpr:28", until="2027-01-20"),
        audited("2027-02-01T23:59:59Z", "both", "new"), by_hand("gdpr:30", at="2027-01-15T00:00:00Z"),
        scored("2027-01-01T10:00:00Z", kept=["25"], broken=["32"], by_hand=["28"]),
        scored("2027-02-01T12:00:00Z", kept=["32"], unknown=["25"], by_hand=["28"]),
        audited("2027-02-02T00:00:00Z"),
    )  # fmt: skip
    told = [(one.kind, one.what) for one in compared(records, date(2027, 1, 1), date(2027, 2, 1))]
    assert told == [
        ("worse", "check new (plan)"), ("worse", "control gdpr:28"), ("worse", "gdpr:25 (plan)"),
        ("better", "check old (plan)"), ("better", "control gdpr:30"), ("better", "gdpr:32 (plan)"),
    ]  # fmt: skip
    assert ("better", "security.checks (plan)") in [
        (one.kind, one.what) for one in compared(records, date(2027, 2, 1), date(2027, 2, 2))
    ]
    assert compared(records, date(2027, 2, 2), date(2027, 2, 2)) == ()


def test_the_folder_lists_every_control_and_leads_to_its_proof(tmp_path: Path) -> None:
    records = recorded(tmp_path / "l", *(by_hand("gdpr:28", note=one) for one in HOSTILE))
    given = case(spoiled(), records, "gdpr")
    files = {one.path: one.text for one in folder(given)}
    page = files["gdpr.html"]
    assert f'href="records.html#{records[-1].number}"' in page and f'id="{records[-1].number}"' in files["records.html"]
    assert all(f'id="{one.id}"' in page for one in given.reports["gdpr"])
    assert "<script>" not in page and "&lt;script&gt;" in page and "{{ 7*7 }}" in page
    rows = list(csv.DictReader(io.StringIO(files["gdpr.csv"])))
    assert [(row["control"], row["state"]) for row in rows] == [(one.id, one.state) for one in given.reports["gdpr"]]
    assert len(list(csv.DictReader(io.StringIO(files["findings.csv"])))) == len(given.audit.findings)
    assert [row["hash"] for row in csv.DictReader(io.StringIO(files["records.csv"]))] == [one.hash for one in records]
    assert records[-1].hash in files["index.html"]


def test_in_the_pdf_each_control_leads_to_its_proof(tmp_path: Path) -> None:
    """Read by another library: the text of every page, and where each link goes."""
    records = recorded(tmp_path / "l", *(by_hand("gdpr:28", note=one, who="Łukasz") for one in [*HOSTILE, "x" * 9000]))
    given = case(spoiled(), records, "gdpr", "soc-2")
    made = pdf(given)
    read = PdfReader(io.BytesIO(made))
    text = "\n".join(page.extract_text() for page in read.pages)
    for name in given.reports:
        assert all(one.id in text for one in given.reports[name])
    assert "<script>alert(1)</script>" in text and "{{ 7*7 }}" in text and records[-1].hash in text
    spoke = {one.check for one in given.audit.findings}
    proofs = [check for report in given.reports.values() for one in report for check in one.checks if check in spoke]
    links = [at.get_object()["/Dest"] for page in read.pages for at in page.get("/Annots", [])]
    assert len(links) == len(proofs) + len(given.reports) + 1, "each check that spoke, each framework, the one record"
    places = {(to[0].idnum, to[2], to[3]) for to in links}
    assert len(places) == len({*proofs}) + len(given.reports) + 1, "each leads to a place of its own"
    assert pdf(given) == made, "the same case, the same bytes"


def test_without_the_library_the_folder_is_written_and_says_what_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "reportlab", None)
    old = tmp_path / "evidence" / "evidence.pdf"
    old.parent.mkdir()
    old.write_text("of another day")
    assert run(["evidence", "export", str(EXAMPLES / "shop.yaml"), "--framework", "gdpr", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().err
    assert "no PDF is written" in said and "standfast[pdf]" in said
    assert (tmp_path / "evidence" / "gdpr.html").exists() and not old.exists()


@given(st.text(max_size=20))
def test_no_cell_is_a_formula(text: str) -> None:
    _, (cell, _) = csv.reader(io.StringIO(table(("head", "more"), [[text, 1]])), strict=True)
    assert not cell.startswith(("=", "+", "-", "@", "\t"))
    assert cell in ((read := text.replace("\r", " ")), f"'{read}")


def test_a_tampered_ledger_is_not_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import sqlite3

    spec, out = str(EXAMPLES / "shop.yaml"), str(tmp_path / "out")
    assert run(["evidence", "record", spec, "training", "ada", "--out", out]) == 0
    (ledger,) = Path(out).rglob("*ledger*")
    with sqlite3.connect(ledger) as base:
        base.executescript("DROP TRIGGER no_update; UPDATE evidence SET subject = 'eve';")
    assert run(["evidence", "export", spec, "--out", out]) == 1
    assert "record 1 was altered" in capsys.readouterr().err
    assert not (Path(out) / "evidence").exists()


def test_the_verb_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec, out = str(EXAMPLES / "shop.yaml"), str(tmp_path)
    for words in (
        ["evidence", "recrd", spec],
        ["evidence", "record", spec],
        ["audit", "compare", spec],
        ["audit", "compare", spec, "yesterday"],
        ["audit", "compare", spec, "2027-02-01", "2027-01-01"],
        ["audit", "compare"],
        ["audit", spec, "2027-02-01"],
    ):
        assert run([*words, "--out", out]) == 1
        assert "Traceback" not in (said := capsys.readouterr().err) and "fix" in said


def test_a_list_says_who_and_where_from_and_drives_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = str(EXAMPLES / "shop.yaml"), ["--out", str(tmp_path)]
    hostile = "ada\x1b[2J\rx: y"
    assert run(["evidence", "record", spec, "training", hostile, "--who", "lin", "--note", "\x07", *out]) == 0
    assert run(["evidence", "list", spec, *out]) == 0
    shown = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\r"} & set(shown)
    assert "  lin  training       kept " in shown and "(by hand)" in shown
    assert run(["evidence", "list", spec, "--format", "json", *out]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert (one["subject"], one["who"], one["source"]) == (hostile, "lin", "by hand")
