"""What is predicted of security: nothing where no blueprint can write the plan; with people's records otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from standfast.audit import framework_report
from standfast.audit.evidence import note
from standfast.blueprint import make_blueprint
from standfast.ledger import append, entries
from standfast.operate.audits import audit_planned
from standfast.operate.frameworks import scores_today
from standfast.operate.status import predicted_by_audit, promise_rows
from standfast.plan import make_plan
from standfast.problem import Problems
from standfast.promise import Measured, Promise
from standfast.spec import parse_spec
from tests.shop import shop_plan

NAMES = [f"s{n}" for n in range(60)]
WIDE = f"""
system: wide
promises:
  scalability: {{peak: 20 rps, average: 5 rps}}
  performance: {{p95: 60 s}}
  reliability: {{availability: 90%}}
rules: {{regions: [eu-west-1]}}
services:
  web: {{image: a/b:1, port: 80, public: true, calls: [{", ".join(f"{{to: {n}, essential: false}}" for n in NAMES)}]}}
""" + "".join(f"  {name}: {{image: a/b:1, port: 80}}\n" for name in NAMES)


def test_more_services_than_a_balancer_has_listeners_for_are_planned_and_unknown() -> None:
    plan = make_plan(parse_spec(WIDE, "wide.yaml"))
    with pytest.raises(Problems, match="listeners"):
        make_blueprint(plan)
    assert predicted_by_audit(plan) == []


def test_what_people_put_on_record_counts_until_it_runs_out(tmp_path: Path) -> None:
    """A control by hand is kept with a record that holds, open without one, and broken by a check whoever signs."""
    day = date(2027, 1, 10)
    states = {"kept": ["25"], "by_hand": ["28", "30"]}

    def told(*records: tuple[str, str], **controls: list[str]) -> Measured:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.sqlite"
        append(
            path, what="audit", subject="shop", verdict="unknown", measure="security.gdpr", world="emulator",
            at="2027-01-01T00:00:00Z", details={"controls": states | controls},
        )  # fmt: skip
        for subject, until in records:
            append(
                path, what="control", subject=subject, verdict="kept", at="2027-01-02T00:00:00Z",
                details={"until": until},
            )  # fmt: skip
        (one,) = scores_today(entries(path), day)
        return one

    whole = [("gdpr:28", "2027-06-30"), ("gdpr:30", "2027-01-10")]
    assert told(*whole).value == 0
    assert told(*whole).note == "1 of 3 controls hold by checks, 2 by what people put on record"
    assert told(whole[0]).value is None, "one is missing"
    assert told(whole[0], ("gdpr:30", "2027-01-09")).value is None, "one ran out yesterday"
    assert told(*whole, unknown=["32"]).value is None, "what a check could not tell, nobody signs away"
    assert told(*whole, ("gdpr:32", "2027-06-30"), unknown=["32"]).value is None
    assert told(*whole, ("gdpr:32", "2027-06-30"), broken=["32"]).value == 1


def test_a_framework_whose_every_control_is_shown_is_a_kept_promise(tmp_path: Path) -> None:
    ledger, plan = tmp_path / "ledger.sqlite", shop_plan()
    security = replace(plan.system.promises.security, frameworks=("gdpr",))
    promises = replace(plan.system.promises, security=security)
    row = Promise("security.gdpr", 0, "controls", "lower")
    plan = replace(plan, system=replace(plan.system, promises=promises), promises=(*plan.promises, row))

    def verdict() -> tuple[str, str]:
        (one,) = [one for one in promise_rows(plan, ledger) if one.measure == "security.gdpr"]
        return one.verdict, one.note

    assert verdict()[0] == "unknown"
    for control in framework_report(audit_planned(plan), "gdpr"):
        if control.state != "kept":
            fields = note("control", f"gdpr:{control.id}", who="ada", today=datetime.now(UTC).date())
            append(ledger, **fields)
    assert verdict() == ("kept", "5 of 28 controls hold by checks, 23 by what people put on record")
