"""Every check keeps the shop, planned and deployed, and breaks when what it looks at is spoilt, in either form."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from standfast.audit import Audit, all_checks, as_measured, clouds_of, run_audit
from standfast.audit.reading import UNKNOWN
from standfast.audit.run import SEVERITIES
from standfast.blueprint import Ref, make_blueprint
from standfast.plan import make_plan
from standfast.spec.model import Recovery
from tests.audit.recorded import recorded, recorded_system
from tests.audit.spoiling import CASES, IDS, SPOILT, Spoil, put, spoilt
from tests.shop import shop

PLAN = make_plan(shop())
PLANNED = make_blueprint(PLAN).resources


def audit(resources, system=PLAN.system, region=PLAN.region) -> Audit:
    return run_audit(system, resources, region=region)


def audit_deployed(resources) -> Audit:
    return run_audit(recorded_system(), resources, region="eu-north-1", planned=False)


def test_the_example_as_planned_is_sound() -> None:
    found = audit(PLANNED)
    assert [one for one in found.findings if one.verdict != "kept"] == []
    assert {one.check for one in found.findings} >= set(SPOILT)  # every check of these had something to look at


def test_the_example_as_deployed_is_sound() -> None:
    found = audit_deployed(recorded("deployed"))
    assert [one for one in found.findings if one.verdict != "kept"] == []
    assert {one.check for one in found.findings} >= set(SPOILT)


def test_a_plan_of_terraform_is_sound_as_far_as_it_says() -> None:
    """What is computed on apply is unknown where it matters, and resolved where it is only a reference."""
    found = run_audit(recorded_system(), recorded("planned"), region="eu-north-1")
    assert found.of("broken") == []
    assert set(found.failed("unknown")) == {
        "bucket-tls",
        "data-by-need",
        "key-length",
        "no-open-policies",
        "no-wildcards",
    }, "policies, and the kind of a key, are computed"


@pytest.mark.parametrize(("name", "spoil"), CASES, ids=IDS)
def test_a_spoilt_plan_breaks_its_check(name: str, spoil: Spoil) -> None:
    found = audit(spoilt(PLANNED, spoil))
    assert found.verdict_of(name) == "broken"
    broken = [one for one in found.findings if one.check == name and one.verdict == "broken"]
    assert all(one.what and one.fix and one.resource and one.place.file == "shop.yaml" for one in broken)


@pytest.mark.parametrize(("name", "spoil"), CASES, ids=IDS)
def test_a_spoilt_cloud_breaks_the_same_check(name: str, spoil: Spoil) -> None:
    assert audit_deployed(spoilt(recorded("deployed"), spoil)).verdict_of(name) == "broken"


@pytest.mark.parametrize("name", sorted(all_checks()))
def test_every_check_explains_itself(name: str) -> None:
    module = all_checks()[name]
    text = module.__doc__ or ""
    assert text.startswith(f"{module.TITLE}.")
    for part in ("*Looks at*: ", "*Why*: ", "*Fix*: ", "*Source*: "):
        assert f"\n{part}" in text
    assert module.__name__.rpartition(".")[2].replace("_", "-") == module.ID
    assert module.KINDS and module.SEVERITY in SEVERITIES
    assert all(kind.startswith(("aws_", "azurerm_", "azuread_", "google_", "tls_")) for kind in module.KINDS)


@pytest.fixture(scope="module")
def sound() -> Audit:
    return audit(PLANNED)


@pytest.mark.parametrize("name", sorted(all_checks()))
def test_a_check_looks_only_at_the_kinds_it_names(name: str, sound: Audit) -> None:
    for one in sound.findings:
        if one.check == name and one.verdict == "kept":
            kind = one.resource.partition(".")[0]
            assert kind in all_checks()[name].KINDS or name in ("firewall-edges", "several-zones")


def test_nothing_to_look_at_is_unknown() -> None:
    assert audit([]).verdict == "unknown"
    (measured,) = as_measured(audit([]), "plan", when="", evidence="")
    assert measured.value is None


def test_an_unseen_value_is_unknown_and_never_kept() -> None:
    for unseen in (Ref("data.x.y", "z"), UNKNOWN):
        found = audit(spoilt(PLANNED, put("aws_db_instance", "storage_encrypted", unseen)))
        assert found.verdict_of("database-encrypted") == "unknown"
        (measured,) = as_measured(found, "plan", when="", evidence="")
        assert measured.value is None and "cannot tell: database-encrypted" in measured.note


def test_the_measure_counts_failed_checks_also_where_another_cannot_tell() -> None:
    resources = spoilt(PLANNED, put("aws_db_instance", "storage_encrypted", UNKNOWN))
    resources = spoilt(resources, put("aws_lb", "enable_deletion_protection", False))
    resources = spoilt(resources, put("aws_cloudtrail", "enable_log_file_validation", False))
    (measured,) = as_measured(audit(resources), "emulator", when="now", evidence="x")
    assert measured.value == 2, "two balancers are one check"
    assert "failed: deletion-protection, trail-validated" in measured.note


def test_without_a_spec_checks_that_need_one_cannot_tell() -> None:
    found = run_audit(None, recorded("deployed"), planned=False)
    assert found.of("broken") == []
    assert "firewall-edges" in found.failed("unknown")


def tightened(disruption: str, rto: float | None, rpo: float | None):
    wanted = PLAN.system.promises
    recovery = {**wanted.reliability.recovery, disruption: Recovery(rto, rpo)}
    return replace(PLAN.system, promises=replace(wanted, reliability=replace(wanted.reliability, recovery=recovery)))


def test_a_tighter_rpo_than_the_log_archive_is_broken() -> None:
    found = audit(PLANNED, tightened("corruption", None, 60.0))
    (finding,) = found.of("broken")
    assert finding.check == "backup-against-rpo"
    assert finding.what == "it may lose 5 min, and 1 min are promised (recovery.corruption.rpo)"


def test_one_zone_is_enough_where_the_promise_leaves_time_to_restore() -> None:
    alone = spoilt(PLANNED, put("aws_db_instance", "multi_az", False))
    assert audit(alone, tightened("zone", 4 * 3600.0, 600.0)).verdict_of("several-zones") == "kept"
    assert audit(alone, tightened("zone", 4 * 3600.0, 60.0)).verdict_of("several-zones") == "broken"


def test_residency_is_of_the_spec() -> None:
    germany = replace(PLAN.system, rules=replace(PLAN.system.rules, residency="DE"))
    assert audit(PLANNED, germany, region="eu-central-1").verdict_of("residency") == "kept"
    assert audit(PLANNED, germany, region="eu-west-1").verdict_of("residency") == "broken"
    assert audit(PLANNED, germany, region="moon-1").verdict_of("residency") == "unknown"


def test_the_documentation_lists_every_check() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "audit.md").read_text()
    for module in all_checks().values():
        clouds = ", ".join(clouds_of(module))
        assert f"| `{module.ID}` | {module.SEVERITY} | {module.TITLE} | {clouds} |" in page
    assert f"{len(all_checks())} checks" in page
    assert f"{sum(len(clouds_of(one)) for one in all_checks().values())} times" in page
    listed = re.findall(r"^\| `[a-z0-9-]+` \| (?:critical|high|medium|low) \|", page, re.MULTILINE)
    assert len(listed) == len(all_checks())
