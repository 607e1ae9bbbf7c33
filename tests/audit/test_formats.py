"""Audits as SARIF, JUnit and Markdown: valid by their own rules, nothing lost, nothing passed that is not kept."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from standfast.audit import Audit, Finding
from standfast.audit.baseline import Rule, accept, read_baseline
from standfast.audit.finding import Accepted
from standfast.audit.formats import FORMATS, write_audit
from standfast.problem import NOWHERE, Place, Problems

SCHEMA = json.loads(gzip.decompress((Path(__file__).parent / "data/sarif-2.1.0.json.gz").read_bytes()))
words = st.text(max_size=40)


def finding(verdict="broken", resource="aws_s3_bucket.images", what="its data is open", **more) -> Finding:
    fix = {"broken": "close it", "unknown": "look again", "kept": ""}[verdict]
    place = more.pop("place", Place("shop.yaml", 26, 3))
    return Finding("bucket-private", verdict, resource, "images", place, what, fix, "critical", "Buckets are closed")


AUDIT = Audit(
    (finding(), finding("unknown", "aws_s3_bucket.b", place=NOWHERE), finding("kept", "aws_s3_bucket.c")),
    (Accepted(finding(resource="aws_s3_bucket.d"), "a public site", "ops@example.com", "2027-01-31"),),
)


def test_sarif_is_valid_and_says_what_is_not_kept() -> None:
    log = json.loads(write_audit({"plan": AUDIT}, "sarif"))
    jsonschema.Draft4Validator(SCHEMA).validate(log)
    results = log["runs"][0]["results"]
    assert [(one["kind"], one["level"]) for one in results] == [("fail", "error"), ("open", "none"), ("fail", "error")]
    assert results[2]["suppressions"][0]["justification"] == "a public site (ops@example.com, until 2027-01-31)"
    known = {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}
    assert {one["ruleId"] for one in results} <= known
    assert results[0]["locations"][0]["physicalLocation"]["region"] == {"startLine": 26, "startColumn": 3}
    moved = Audit((finding(place=Place("shop.yaml", 99, 1)),))
    again = json.loads(write_audit({"plan": moved}, "sarif"))["runs"][0]["results"][0]
    assert again["partialFingerprints"] == results[0]["partialFingerprints"], "a line that moved is no new finding"


def test_a_comment_of_thousands_of_findings_fits_and_begins_with_the_worst() -> None:
    several = tuple(finding(resource=f"aws_s3_bucket.{'x' * 40}{number}") for number in range(3000))
    written = write_audit({"code": Audit(several)}, "markdown")
    assert len(written) < 65_536 and "as written in the code" in written
    assert "and 2900 more" in written and f"`{several[0].resource}`" in written


def test_a_schema_that_refuses_nothing_would_prove_nothing() -> None:
    log = json.loads(write_audit({"plan": AUDIT}, "sarif"))
    log["runs"][0]["results"][0]["level"] = "fatal"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(SCHEMA).validate(log)


def test_junit_passes_only_what_is_kept() -> None:
    (suite,) = ElementTree.fromstring(write_audit({"plan": AUDIT}, "junit"))
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("4", "1", "2")
    passed = [case.get("name") for case in suite if not len(case)]
    assert passed == ["aws_s3_bucket.c"]


@settings(max_examples=60, deadline=None)
@given(words, words, st.sampled_from(FORMATS))
def test_whatever_a_name_holds_it_stays_text(resource: str, what: str, form: str) -> None:
    written = write_audit({"plan": Audit((finding(resource=resource, what=what),))}, form)
    if form == "sarif":
        (one,) = json.loads(written)["runs"][0]["results"]
        assert one["message"]["text"] == f"{resource}: {what}. close it".strip()
    elif form == "junit":
        (case,) = next(iter(ElementTree.fromstring(written)))
        assert case.find("failure") is not None
    else:
        html = MarkdownIt("commonmark", {"html": False}).enable("table").render(written)
        assert html.count("<tr>") == 2 and html.count("<td>") == 6
        assert "<a " not in html and "<img" not in html


BASELINE = """\
accepted:
  - {check: bucket-private, resource: "aws_s3_bucket.*", reason: public, owner: ops@example.com, until: 2027-01-31}
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "accepted.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_accepted_counts_no_more_until_its_day_is_over(tmp_path: Path) -> None:
    rules = read_baseline(written(tmp_path, BASELINE))
    audit = Audit((finding(), finding("kept", "aws_s3_bucket.c")))
    accepted, said = accept(audit, rules, date(2027, 1, 31))
    assert (accepted.verdict, len(accepted.accepted), said) == ("kept", 1, [])
    assert accepted.verdict_of("bucket-private") == "kept"
    late, said = accept(audit, rules, date(2027, 2, 1))
    assert (late.verdict, late.accepted) == ("broken", ())
    assert [one.what for one in said] == [
        "bucket-private of 'aws_s3_bucket.*' was accepted until 2027-01-31: it counts again"
    ]


def test_where_all_is_accepted_nothing_is_kept() -> None:
    rule = Rule("bucket-private", "*", "why", "who", date(2030, 1, 1), NOWHERE)
    audit, _ = accept(Audit((finding(),)), (rule,), date(2026, 1, 1))
    assert audit.verdict == "unknown"


def test_a_rule_that_fits_nothing_is_told() -> None:
    rule = Rule("bucket-private", "aws_s3_bucket.other", "why", "who", date(2030, 1, 1), NOWHERE)
    audit, said = accept(Audit((finding(),)), (rule,), date(2026, 1, 1))
    assert audit.verdict == "broken"
    assert [one.fix for one in said] == ["remove it"]


def test_everything_wrong_with_a_baseline_is_told_at_once(tmp_path: Path) -> None:
    text = """\
accepted:
  - {check: bucket-privat, resource: x, reason: r, owner: o, until: 2027-01-31}
  - {check: bucket-private, resource: x, reason: r, until: soon, expires: never}
  - text
"""
    with pytest.raises(Problems) as caught:
        read_baseline(written(tmp_path, text))
    said = [one.what for one in caught.value.problems]
    assert sorted(said) == sorted([
        "no check 'bucket-privat'", "an accepted finding has no 'owner'",
        "unknown key 'expires' in an accepted finding",
        "'soon' is not a date", "an accepted finding must be a mapping",
    ])  # fmt: skip
    assert "bucket-private" in caught.value.problems[0].fix


@pytest.mark.parametrize("text", ["", "accepted: none", "- a", "\x00", "accepted: [" * 50])
def test_a_baseline_that_is_none(tmp_path: Path, text: str) -> None:
    with pytest.raises(Problems):
        read_baseline(written(tmp_path, text))
