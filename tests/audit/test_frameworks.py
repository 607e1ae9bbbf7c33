"""Frameworks list every control, name only what exists, and never count unknown as good."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from standfast.audit import FRAMEWORKS, all_checks, framework_report, score
from standfast.audit.finding import Finding
from standfast.audit.frameworks.report import controls, coverage, hipaa_sections, listed, section_titles
from standfast.audit.run import Audit
from tests.audit.spoiling import put, spoilt
from tests.audit.test_checks import PLANNED, audit

MANUAL = Path(__file__).parents[2] / "docs" / "audit.md"
NOTHING = Audit(())
# NIST SP 800-53B, counts of the baselines (base controls and enhancements), October 2020.
SIZES = {"nist-800-53-low": 149, "nist-800-53-moderate": 287, "nist-800-53-high": 370, "nist-800-53-privacy": 96}
# 45 CFR part 164 subpart C: the technical safeguards are five standards.
TECHNICAL = {"164.312(a)", "164.312(b)", "164.312(c)", "164.312(d)", "164.312(e)(1)"}
# How many controls each group of a list has. The whole list follows, as they are numbered without a gap.
GROUPS = {
    # CIS Amazon Web Services Foundations Benchmark 3.0.0: 62 recommendations.
    "cis-aws-3": {"1": 22, "2.1": 4, "2.2": 1, "2.3": 3, "2.4": 1, "3": 9, "4": 16, "5": 6},
    # ISO/IEC 27001:2022, Annex A: 93 controls in four themes.
    "iso-27001": {"A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34},
    # Trust Services Criteria 2017 (AICPA): 33 common criteria, and 28 of the other categories.
    "soc-2": {
        "CC1": 5, "CC2": 3, "CC3": 4, "CC4": 2, "CC5": 3, "CC6": 8, "CC7": 5, "CC8": 1, "CC9": 2, "A1": 3, "C1": 2,
        "PI1": 5, "P1": 1, "P2": 1, "P3": 2, "P4": 3, "P5": 2, "P6": 7, "P7": 1, "P8": 1,
    },
    # PCI DSS 4.0: 63 groups in twelve requirements; held against a list that others made.
    "pci-dss-4": {
        f"{requirement}.{group}": size
        for requirement, sizes in enumerate(
            (
                (2, 8, 3, 5, 1), (2, 7, 2), (2, 1, 3, 2, 1, 1, 9), (2, 2), (2, 3, 5, 1), (2, 4, 3, 3, 6), (2, 6, 3),
                (2, 8, 11, 3, 1, 3), (2, 4, 4, 7, 1), (2, 2, 4, 3, 1, 3, 3), (2, 2, 2, 7, 2, 1),
                (4, 1, 4, 2, 3, 3, 1, 5, 2, 7),
            ),
            start=1,
        )
        for group, size in enumerate(sizes, start=1)
    },
}  # fmt: skip
# Regulation (EU) 2016/679: by article; 5, 25 and 32 by their paragraphs and points.
GDPR = (
    *(f"5(1)({point})" for point in "abcdef"), "5(2)", "25(1)", "25(2)", "25(3)", "28", "30",
    *(f"32(1)({point})" for point in "abcd"), "32(2)", "32(3)", "32(4)", "33", "34", "35", *map(str, range(44, 50)),
)  # fmt: skip
LISTS = ("gdpr", *GROUPS)


def test_the_folder_has_data_for_every_name_that_the_spec_takes() -> None:
    there = {file.name.removesuffix(".csv") for file in files("standfast.audit.frameworks").iterdir()}
    assert set(LISTS) == {name for name in FRAMEWORKS if not name.startswith("nist") and name != "hipaa"}
    of_nist = {"coverage", "hipaa", "hipaa-sections", "nist-800-53"}
    assert {one for one in there if "_" not in one and "." not in one} == of_nist | set(LISTS)
    assert set(FRAMEWORKS) == {*LISTS, *SIZES, "hipaa"}


@pytest.mark.parametrize(("name", "groups"), GROUPS.items())
def test_every_control_of_a_numbered_list_is_listed_once_and_in_order(name: str, groups: dict[str, int]) -> None:
    every = [f"{group}.{number}" for group, size in groups.items() for number in range(1, size + 1)]
    assert [one.id for one in framework_report(NOTHING, name)] == every
    assert len(every) == {"cis-aws-3": 62, "iso-27001": 93, "soc-2": 61, "pci-dss-4": 205}[name]


def test_every_article_is_listed_once_and_in_order() -> None:
    assert [one.id for one in framework_report(NOTHING, "gdpr")] == list(GDPR)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_says_what_covers_each_control_in_checks_that_exist(name: str) -> None:
    for row in listed(name):
        assert None not in row and None not in row.values(), "as many cells as the head has"
        _says_what_covers_it(row)
        checks = row["checks"].split()
        assert checks == sorted(set(checks)) and set(checks) <= set(all_checks()), row["control"]
        assert row["title"], row["control"]


@pytest.mark.parametrize("name", LISTS)
def test_the_manual_says_how_much_of_a_list_is_covered(name: str) -> None:
    how = Counter(row["how"] for row in listed(name))
    (line,) = (line for line in MANUAL.read_text().splitlines() if line.startswith(f"| `{name}` |"))
    said = [int(cell) for cell in line.strip("|").split("|")[2:]]
    assert said == [how.total(), how["checks"], how["by_hand"], how["not_covered"]]


@pytest.mark.parametrize(
    ("name", "broken"),
    {
        "cis-aws-3": {"2.3.1"},
        "gdpr": {"5(1)(f)", "32(1)(a)"},
        "soc-2": {"CC6.1"},
        "iso-27001": {"A.8.24"},
        "pci-dss-4": set[str](),
    }.items(),
)
def test_a_database_that_is_not_encrypted_fails_what_asks_for_it(name: str, broken: set[str]) -> None:
    plain = audit(spoilt(PLANNED, put("aws_db_instance", "storage_encrypted", False)))
    report = framework_report(plain, name)
    assert {one.id for one in report if one.state == "broken"} == broken
    assert score(report, name, "plan", when="", evidence="").value == (len(broken) or None)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_one_check_that_cannot_tell_keeps_nothing_it_speaks_of(name: str) -> None:
    sound = audit(PLANNED)
    kept = [one for one in framework_report(sound, name) if one.state == "kept"]
    assert kept and score(kept, name, "plan", when="", evidence="").value == 0
    spoke = {one.check for one in sound.findings}
    check = next(one for one in kept[0].checks if one in spoke)

    def doubted(one: Finding) -> Finding:
        return replace(one, verdict="unknown") if one.check == check else one

    unsure = Audit(tuple(doubted(one) for one in sound.findings))
    report = {one.id: one for one in framework_report(unsure, name)}
    again = [report[one.id] for one in kept]
    assert {one.id for one in again if one.state == "unknown"} == {one.id for one in kept if check in one.checks}
    assert score(again, name, "plan", when="", evidence="").value is None


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
        _says_what_covers_it(row)


def _says_what_covers_it(row: dict[str, str]) -> None:
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
