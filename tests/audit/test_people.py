"""Who must know what, by role and framework, and until when it is on record."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from standfast.audit import FRAMEWORKS, framework_report
from standfast.audit.evidence.people import Person, duties, read_people, roles, topics
from standfast.audit.run import Audit
from standfast.cli import run
from standfast.ledger import append, entries
from standfast.problem import Problems
from tests.shop import EXAMPLES

ADA, LIN = Person("ada", ("developer",)), Person("Lín", ("responder", "privacy"))


def test_every_topic_is_asked_for_by_controls_that_there_are() -> None:
    known = {f"{name}:{one.id}" for name in FRAMEWORKS for one in framework_report(Audit(()), name)}
    for topic in topics():
        for control in topic.controls:
            names = [control]
            if control.startswith("nist-800-53:"):
                names = [control.replace(":", f"-{one}:") for one in ("low", "moderate", "high", "privacy")]
            assert any(name in known for name in names), control
        assert topic.days == 365 and topic.days_by


def test_who_must_know_what_follows_from_roles_and_frameworks() -> None:
    def asked(*frameworks: str) -> list[str]:
        return [one.subject for one in duties((ADA, LIN), frameworks, [], date(2027, 1, 1))]

    assert asked() == []
    assert asked("gdpr") == [
        "ada: data protection", "Lín: data protection", "Lín: telling of a breach in 72 hours",
        "Lín: impact assessments",
    ]  # fmt: skip
    assert "ada: secure coding" in asked("pci-dss-4") and "Lín: secure coding" not in asked("pci-dss-4")
    assert "Lín: processing of personal data" in asked("nist-800-53-privacy")
    assert "Lín: processing of personal data" not in asked("nist-800-53-high")
    operator = (Person("o", ("operator",)),)
    because = {one.topic: one.because for one in duties(operator, ("nist-800-53-low",), [], date(2027, 1, 1))}
    assert because["recovery"] == ("nist-800-53-low:cp-3",)
    assert "recovery" not in {one.topic for one in duties(operator, ("nist-800-53-privacy",), [], date(2027, 1, 1))}, (
        "the privacy baseline has no contingency training"
    )


def test_what_ran_out_is_not_known_any_more(tmp_path: Path) -> None:
    ledger = tmp_path / "l"

    def trained(subject: str, at: str, until: str, what: str = "training") -> None:
        append(ledger, what=what, subject=subject, verdict="kept", at=f"{at}T10:00:00Z", details={"until": until})

    def states(day: date) -> list[tuple[str, str]]:
        return [(one.state, one.until) for one in duties((ADA,), ["pci-dss-4"], entries(ledger), day)]

    day = date(2027, 1, 10)
    assert states(day) == [("missing", ""), ("missing", "")]
    trained("ada: secure coding", "2026-01-01", "2027-01-09")
    trained("ada: security awareness", "2026-02-01", "2027-02-01")
    trained("Ada: secure coding", "2027-01-01", "2027-12-31")
    trained("ada: secure coding", "2027-01-01", "2027-12-31", "approval")
    assert states(day) == [("kept", "2027-02-01"), ("expired", "2027-01-09")]
    trained("ada: secure coding", "2027-01-10", "2028-01-10")
    assert states(day) == [("kept", "2027-02-01"), ("kept", "2028-01-10")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("people: []", "nobody is listed"),
        ("people: 3", "must be a list"),
        ("people: [{name: a, roles: [develper]}]", "did you mean 'developer'"),
        ("people: [{name: a}, {name: a}]", "listed twice"),
        ("people: [{roles: [developer]}]", "no 'name'"),
        ("people: [7]", "mapping"),
        ("folk: []", "people"),
    ],
)
def test_a_list_that_is_wrong_is_a_problem(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(text)
    with pytest.raises(Problems, match=said):
        read_people(path)


def test_the_verb_says_who_lacks_what_and_how_to_put_it_on_record(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, people, out = str(EXAMPLES / "shop.yaml"), tmp_path / "people.yaml", ["--out", str(tmp_path / "out")]
    people.write_text("people:\n  - {name: ada, roles: [developer]}\n")
    words = ["evidence", "people", spec, str(people), *out]
    assert run(words) == 1 and "no framework" in capsys.readouterr().err
    assert run([*words, "--framework", "gdpr"]) == 2
    shown = capsys.readouterr()
    assert "ada: data protection  not on record" in shown.out and "training 'ada: data protection'" in shown.err
    assert run(["evidence", "record", spec, "training", "ada: data protection", "--who", "hr", *out]) == 0
    capsys.readouterr()
    assert run([*words, "--framework", "gdpr", "--format", "json"]) == 0
    told: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    assert [(one["subject"], one["state"], one["because"]) for one in told] == [
        ("ada: data protection", "kept", ["gdpr:32(4)"])
    ]
    assert set(roles()) == {"developer", "operator", "privacy", "responder"}
