"""Frameworks list every control, name only what exists, and never count unknown as good."""

from __future__ import annotations

from collections import Counter

import pytest

from standfast.audit import FRAMEWORKS, all_checks, framework_report, score
from standfast.audit.frameworks.report import controls, coverage, hipaa_sections, section_titles
from standfast.audit.run import Audit
from tests.audit.spoiling import put, spoilt
from tests.audit.test_checks import PLANNED, audit

NOTHING = Audit(())
# NIST SP 800-53B, counts of the baselines (base controls and enhancements), October 2020.
SIZES = {"nist-800-53-low": 149, "nist-800-53-moderate": 287, "nist-800-53-high": 370, "nist-800-53-privacy": 96}
# 45 CFR part 164 subpart C: the technical safeguards are five standards.
TECHNICAL = {"164.312(a)", "164.312(b)", "164.312(c)", "164.312(d)", "164.312(e)(1)"}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_every_control_of_a_baseline_is_listed(name: str, size: int) -> None:
    report = framework_report(NOTHING, name)
    assert len(report) == len({one.id for one in report}) == size


def test_every_section_of_the_crosswalk_is_listed() -> None:
    report = {one.id: one for one in framework_report(NOTHING, "hipaa")}
    assert set(report) == set(hipaa_sections()) == set(section_titles())
    assert set(report) >= TECHNICAL
    assert sum(map(len, hipaa_sections().values())) == 220  # rows of the crosswalk


def test_every_named_control_and_check_exists() -> None:
    assert set(coverage()) == set(controls()), "every control says how it is covered, and no other does"
    named = {check for row in coverage().values() for check in row["checks"].split()}
    assert named == set(all_checks()), "every check speaks of a control, and every one that is named is there"
    assert {control for section in hipaa_sections().values() for control in section} <= set(controls())


def test_every_control_says_what_covers_it_or_why_nothing_does() -> None:
    for row in coverage().values():
        assert row["how"] in ("checks", "by_hand", "not_covered")
        assert bool(row["checks"]) == (row["how"] == "checks") == (row["mapping"] in ("official", "ours"))
        assert bool(row["why"]) == (row["how"] != "checks")


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_audit_that_saw_nothing_proves_nothing(name: str) -> None:
    report = framework_report(NOTHING, name)
    assert not [one for one in report if one.state in ("kept", "broken")]
    assert score(report, name, "plan", when="", evidence="").value is None


def test_a_sound_estate_keeps_some_controls_and_leaves_the_rest_open() -> None:
    report = framework_report(audit(PLANNED), "nist-800-53-moderate")
    states = {one.id: one.state for one in report}
    assert states["sc-28"] == states["ac-4"] == states["sc-7.5"] == "kept"
    assert states["at-2"] == states["pe-3"] == "by_hand" and states["ra-5"] == "not_covered"
    counts = Counter(states.values())
    assert counts["broken"] == counts["unknown"] == 0
    found = score(report, "nist-800-53-moderate", "plan", when="", evidence="")
    rest = counts["by_hand"] + counts["not_covered"]
    assert found.value is None
    assert found.note == f"{counts['kept']} of 287 controls hold by checks, {rest} by hand or not covered"


def test_a_failed_check_fails_its_controls_and_the_framework() -> None:
    report = framework_report(
        audit(spoilt(PLANNED, put("aws_db_instance", "storage_encrypted", False))), "nist-800-53-moderate"
    )
    broken = {one.id for one in report if one.state == "broken"}
    assert broken == {"sc-28", "sc-28.1", "sc-13", "cp-9.8"}
    found = score(report, "x", "plan", when="", evidence="")
    assert found.value == len(broken) and f"{len(broken)} fail" in found.note


def test_only_a_framework_without_open_controls_is_kept() -> None:
    kept = [one for one in framework_report(audit(PLANNED), "nist-800-53-high") if one.state == "kept"]
    assert kept and score(kept, "x", "plan", when="", evidence="").value == 0


def test_a_section_is_as_good_as_the_worst_of_its_controls() -> None:
    report = {one.id: one for one in framework_report(audit(PLANNED), "hipaa")}
    assert report["164.312(e)(1)"].state == "kept", "sc-8, sc-12, sc-13 and si-7 have checks, and they hold"
    assert report["164.312(a)"].state == "by_hand" and "kept" in report["164.312(a)"].why
    spoilt_ = audit(spoilt(PLANNED, put("aws_kms_key", "enable_key_rotation", False)))
    report = {one.id: one for one in framework_report(spoilt_, "hipaa")}
    assert report["164.312(e)(1)"].state == "broken"
    assert report["164.308(a)(2)"].state == "by_hand"
