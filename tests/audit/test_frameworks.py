"""Frameworks list every control, name only what exists, and never count unknown as good."""

from __future__ import annotations

import pytest

from standfast.audit import FRAMEWORKS, all_checks, framework_report, score
from standfast.audit.frameworks.report import _covering, _rows
from standfast.audit.run import Audit
from tests.audit.test_checks import PLANNED, audit, put

NOTHING = Audit(())
# NIST SP 800-53B, table counts of the baselines (base controls and enhancements), October 2020.
SIZES = {"nist-800-53-low": 149, "nist-800-53-moderate": 287, "nist-800-53-high": 370, "nist-800-53-privacy": 96}


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_every_control_of_a_baseline_is_listed(name: str, size: int) -> None:
    report = framework_report(NOTHING, name)
    assert len(report) == len({one.id for one in report}) == size


def test_every_named_check_and_control_exists() -> None:
    controls = {row["control"] for row in _rows("nist-800-53.csv")}
    assert {row["check"] for row in _rows("checks.csv")} == set(all_checks())
    assert {control for row in _rows("checks.csv") for control in row["controls"].split()} <= controls
    assert set(_covering()[0]) <= controls


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_audit_that_saw_nothing_proves_nothing(name: str) -> None:
    report = framework_report(NOTHING, name)
    assert not [one for one in report if one.state in ("kept", "broken")]
    assert score(report, name, "plan", when="", evidence="").value is None


def test_a_sound_estate_keeps_some_controls_and_leaves_the_rest_open() -> None:
    report = framework_report(audit(PLANNED), "nist-800-53-moderate")
    states = {one.id: one.state for one in report}
    assert states["sc-28"] == states["ac-4"] == "kept"
    assert states["at-2"] == "by_hand" and states["ac-2"] == "not_covered"
    found = score(report, "nist-800-53-moderate", "plan", when="", evidence="")
    assert found.value is None and "of 287 controls hold by checks" in found.note


def test_a_failed_check_fails_its_controls() -> None:
    spoil = put("aws_db_instance", "storage_encrypted", False)
    report = framework_report(audit([spoil(one) for one in PLANNED]), "nist-800-53-moderate")
    assert {one.id for one in report if one.state == "broken"} == {"sc-28", "sc-28.1"}
    assert score(report, "x", "plan", when="", evidence="").value == 2


def test_a_hipaa_section_is_kept_only_when_every_control_of_it_is() -> None:
    report = framework_report(audit(PLANNED), "hipaa")
    by_hand = {one.id for one in framework_report(audit(PLANNED), "nist-800-53-high") if one.state == "by_hand"}
    for one in report:
        if one.state == "kept":
            assert not by_hand & set(one.title.partition(": ")[2].split(", "))
