"""`standfast audit` as a person and a script meet it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from standfast.cli import run
from standfast.ledger import append, entries, measured, newest, verify
from tests.audit.recorded import document
from tests.shop import EXAMPLES

SHOP = str(EXAMPLES / "shop.yaml")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def call(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["audit", *words])
    told = capsys.readouterr()
    return code, told.out, told.err


def deployed(change=lambda resource: resource) -> str:
    """A folder with the recorded state of the shop, changed."""
    state = document("deployed")
    resources = [change(dict(one)) for one in state["values"]["root_module"]["resources"]]
    Path("state").mkdir()
    text = json.dumps({**state, "values": {"root_module": {"resources": resources}}})
    Path("state/state.json").write_text(text)
    return "state"


def unlocked(one: dict) -> dict:
    if one["type"] in ("aws_db_instance", "aws_lb"):
        one["values"] = {**one["values"], "deletion_protection": False, "enable_deletion_protection": False}
    return one


def test_a_sound_plan(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, SHOP)
    assert code == 0
    assert out.startswith("as planned: kept (148 checks; findings: ")
    written = json.loads(Path("out/shop/audit/findings.json").read_text())
    assert {one["verdict"] for one in written["plan"]} == {"kept"}
    (record,) = entries(Path("out/shop/ledger.sqlite"))
    assert (record.what, record.subject, record.world, record.verdict) == ("audit", "shop", "plan", "kept")
    assert record.details["kept"] == len(written["plan"]) and record.details["failed_checks"] == []
    (one,) = measured(Path("out/shop/ledger.sqlite"))
    assert (one.measure, one.value, one.evidence) == ("security.checks", 0.0, "audit/findings.json")


def test_who_may_reach_what_is_shown_hop_by_hop(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, SHOP, "--paths", "--rights")
    assert code == 0
    assert "  internet → balancer:80, 443 → web:8080 → internal balancer:8081 → api:8081 → orders:5432\n" in out
    assert "role api            read  login of aws_db_instance.orders     personal (login)  api calls orders\n" in out
    assert "servers of api → role api → secretsmanager:GetSecretValue on login of aws_db_instance.orders" in out
    code, out, _ = call(capsys, deployed(), "--paths", "--rights", "--format", "json")
    told = json.loads(out)["worlds"]["state"]
    assert {one["to"] for one in told["paths"]["from_the_internet"]} >= {"balancer", "web", "api", "orders"}
    login = next(one for one in told["rights"] if one["data"] == "login of aws_db_instance.orders")
    assert (login["principal"], login["may"], login["certain"], login["needed"]) == ("role api", "read", True, None)


def test_every_audit_adds_a_record_and_frameworks_of_the_spec_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(Path(SHOP).read_text().replace("exposure: public", "exposure: public, frameworks: [hipaa, gdpr]"))
    code, out, _ = call(capsys, str(spec))
    assert code == 0, "open controls are told, and are no broken check"
    assert "hipaa: 29 controls" in out and "people keep it; bring your own evidence" in out
    call(capsys, str(spec))
    ledger = Path("out/shop/ledger.sqlite")
    assert [(one.measure, one.verdict) for one in entries(ledger)] == 2 * [
        ("security.checks", "kept"), ("security.hipaa", "unknown"), ("security.gdpr", "unknown"),
    ]  # fmt: skip
    assert entries(ledger)[-1].note == "5 of 28 controls hold by checks, 23 by hand or not covered"
    assert verify(ledger) is None


def test_findings_are_told_by_severity_with_place_and_fix(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, deployed(unlocked))
    assert code == 1
    assert out.index("critical") < out.index("high")
    assert "  shop.yaml:26  orders: it may be deleted by one call\n" in out
    assert "    at   aws_db_instance.orders  [deletion-protection]\n" in out
    assert "    fix  set deletion_protection = true\n" in out
    assert "at   aws_lb.internal, aws_lb.main  [deletion-protection]" in out, "what is the same is told once"
    assert out.rstrip().splitlines()[-1].startswith("as Terraform has it written down: broken (1 of 148 checks failed;")
    assert not Path("out").exists(), "no trace of a folder of others, unless --out says where"


def test_a_narrow_terminal_is_not_broken(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    import standfast.cli.terminal as terminal

    monkeypatch.setattr(terminal.Terminal, "width", 60)
    code, out, _ = call(capsys, deployed(unlocked), "--framework", "nist-800-53-high")
    assert code == 1
    long = [line for line in out.splitlines() if len(line) > 60]
    assert all(" " not in line.strip() or line.startswith(("as Terraform", "Which")) for line in long), long


def test_names_cannot_drive_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    def hostile(one: dict) -> dict:
        one = unlocked(one)
        if one["type"] == "aws_db_instance":
            tags = {"component": "\x1b[2Jgone\n\rorders", "spec": "\x1b]0;x\x07.yaml:3"}
            one["values"] = {**one["values"], "tags": tags, "tags_all": tags}
        return one

    code, out, _ = call(capsys, deployed(hostile))
    assert code == 1 and "orders: it may be deleted" in out
    assert not {"\x1b", "\x07", "\r"} & set(out)


def test_for_a_machine(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, deployed(unlocked), "--format", "json", "--framework", "nist-800-53-moderate")
    told = json.loads(out)
    assert code == 1 and told["verdict"] == "broken"
    state = told["worlds"]["state"]
    assert state["failed_checks"] == ["deletion-protection"] and state["counts"]["broken"] == 3
    finding = next(one for one in state["findings"] if one["verdict"] == "broken" and one["component"] == "orders")
    assert finding["place"] == "shop.yaml:26" and finding["fix"] and finding["severity"] == "high"
    assert len(told["frameworks"]["nist-800-53-moderate"]) == 287


def test_evidence_of_a_folder_goes_where_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, _ = call(capsys, deployed(), "--out", "kept")
    assert code == 2, "without a spec some checks cannot tell"
    assert Path("kept/audit/findings.json").exists()
    assert [one.world for one in entries(Path("kept/ledger.sqlite"))] == ["state"]


def test_a_failed_check_is_a_number_not_a_thing_that_never_came_about(capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, deployed(unlocked), "--out", "kept")
    (one,) = measured(Path("kept/ledger.sqlite"))
    assert (one.value, one.failed, one.world) == (1.0, False, "state")
    assert entries(Path("kept/ledger.sqlite"))[0].details["failed_checks"] == ["deletion-protection"]


def test_a_folder_that_build_wrote(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["build", SHOP, "--out", "made"]) == 0
    capsys.readouterr()
    code, out, _ = call(capsys, "made")
    assert code == 0 and out.startswith("as planned: kept")
    assert Path("made/audit/findings.json").exists()


def test_only_what_stands_where_nothing_does(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, SHOP, "--world", "emulator")
    assert (code, out) == (2, "") and "nothing stands in the emulator" in err and "standfast apply" in err


def test_verify_names_the_first_altered_record(capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Path("out/shop/ledger.sqlite")
    for verdict in ("kept", "broken"):
        append(ledger, what="audit", subject="shop", verdict=verdict)
    _, seen = newest(ledger)
    for words in ((SHOP,), ("--out", "out/shop"), ("out/shop",), (SHOP, "--seen", seen)):
        code, out, _ = call(capsys, "verify", *words)
        assert code == 0 and "2 records, unaltered" in out and seen in out
    code, _, err = call(capsys, "verify", SHOP, "--seen", "f" * 64)
    assert code == 1 and "no record has the hash" in err
    raw = sqlite3.connect(ledger)
    raw.executescript("DROP TRIGGER no_update; UPDATE evidence SET verdict = 'kept' WHERE number = 2")
    raw.close()
    code, out, err = call(capsys, "verify", "--out", "out/shop", "--format", "json")
    assert code == 1 and "ledger.sqlite:2  record 2 was altered" in err
    assert json.loads(out)["first_altered"] == 2
    assert call(capsys, SHOP, "--verify")[0] == 1


def test_verify_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "verify", SHOP)
    assert code == 0 and "no records yet" in out
    code, _, err = call(capsys, "verify")
    assert code == 1 and "which ledger?" in err


def test_checks_are_listed_and_explained(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "list")
    assert code == 0 and len(out.splitlines()) == 148
    code, out, _ = call(capsys, "explain", "firewall-edges")
    assert code == 0 and "*Why*: a path nobody asked for" in out
    code, _, err = call(capsys, "explain", "firewall-edge")
    assert code == 1 and "did you mean 'firewall-edges'?" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("nowhere.yaml",), "nowhere.yaml"),
        ((SHOP, "--framework", "nist"), "no framework 'nist'"),
        ((SHOP, "--framework", "soc2"), "did you mean 'soc-2'?"),
        ((SHOP, "--world", "moon"), "invalid choice"),
        ((".",), "nothing to audit"),
    ],
)
def test_bad_input_is_a_problem_and_writes_nothing(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, *words)
    assert (code, out) == (1, "") and said in err
    assert list(Path().iterdir()) == []


def test_a_plan_that_names_a_framework_without_data_is_a_problem(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_text(Path(SHOP).read_text().replace("exposure: public", "exposure: public, frameworks: [soc-2]"))
    assert run(["plan", str(spec), "--out", "planned"]) in (0, 2)
    plan = Path("planned/plan.json")
    plan.write_text(plan.read_text().replace('"soc-2"', '"soc-1"'))
    capsys.readouterr()
    code, _, err = call(capsys, "planned")
    assert code == 1 and "no framework 'soc-1'" in err and "did you mean 'soc-2'?" in err
