"""The emulator's parts that need no server and no Terraform."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from standfast.problem import Problems
from standfast.workspace import Workspace
from standfast.worlds import Fault, World
from standfast.worlds.emulator import Emulator, condition_of, deployed_state, endpoint, is_running
from standfast.worlds.emulator.events import Run, Story, half_created, read_events
from standfast.worlds.emulator.workcopy import OVERRIDE, copy_code, environment_for, override
from standfast.worlds.process import Process
from tests.worlds.small import write_small


def event(kind: str, address: str, action: str = "create", **more) -> dict:
    return {"type": kind, "hook": {"resource": {"addr": address}, "action": action, **more}}


def test_a_process_is_known_by_its_number_and_its_beginning() -> None:
    me = Process.of(os.getpid())
    assert me.alive
    assert not Process(os.getpid(), "1").alive, "another process that had this number before"
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    known = Process.of(child.pid)
    assert known.alive
    known.end()
    assert not known.alive, "a process that only waits for its exit code to be read is gone"
    child.wait()
    known.end()


def test_ending_a_stranger_with_the_same_number_does_nothing() -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        Process(child.pid, "1").end()
        assert child.poll() is None
    finally:
        child.kill()
        child.wait()


def test_what_was_being_created_when_a_run_was_cut_off() -> None:
    events = [
        event("apply_start", "aws_vpc.main"),
        event("apply_complete", "aws_vpc.main"),
        event("apply_start", "aws_lb.public"),
        event("apply_progress", "aws_lb.public", elapsed_seconds=10),
        event("apply_start", "aws_db_instance.orders"),
        event("apply_errored", "aws_db_instance.orders"),
        event("apply_start", "aws_kms_key.data", "delete"),
    ]
    assert half_created(events, ()) == ("aws_lb.public",)
    assert half_created(events, {"aws_lb.public"}) == (), "the state has it"


def test_a_creation_that_was_cancelled_before_the_answer_is_uncertain() -> None:
    def said(address: str, summary: str) -> dict:
        return {"type": "diagnostic", "diagnostic": {"severity": "error", "address": address, "summary": summary}}

    events = [
        event("apply_start", "aws_flow_log.main"),
        event("apply_start", "aws_vpc.main"),
        event("apply_start", "aws_lb.refused"),
        event("apply_errored", "aws_flow_log.main"),
        event("apply_errored", "aws_vpc.main"),
        event("apply_errored", "aws_lb.refused"),
        said("aws_flow_log.main", "creating Flow Log: operation error EC2: CreateFlowLogs, context canceled"),
        said("aws_vpc.main", "waiting for completion: context canceled"),
        said("aws_lb.refused", "creating Load Balancer: InvalidSubnet"),
    ]
    assert half_created(events, {"aws_vpc.main"}) == ("aws_flow_log.main",)


def test_a_log_whose_last_line_was_cut_off_can_be_read(tmp_path: Path) -> None:
    log = tmp_path / "run.jsonl"
    log.write_text(json.dumps(event("apply_start", "aws_lb.public")) + '\n{"type": "apply_comp')
    assert [one["type"] for one in read_events(log)] == ["apply_start"]
    assert read_events(tmp_path / "none.jsonl") == ()


def test_a_run_tells_what_it_did() -> None:
    error = {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "no"}}
    run = Run(1, (event("apply_complete", "aws_vpc.main"), event("apply_complete", "aws_lb.x", "delete"), error))
    assert (run.done("create"), run.done("delete"), len(run.errors)) == (("aws_vpc.main",), ("aws_lb.x",), 1)


def test_the_story_counts_and_says_what_is_waited_for() -> None:
    told: list[str] = []
    story = Story(told.append, planned=3)
    for one in (
        event("apply_start", "aws_vpc.main"),
        event("apply_start", "aws_lb.public"),
        event("apply_complete", "aws_vpc.main"),
        event("apply_progress", "aws_lb.public", elapsed_seconds=10),
        event("apply_progress", "aws_lb.public", elapsed_seconds=10),
        event("apply_complete", "aws_lb.public", "update"),
    ):
        story.tell(one)
    assert told == [
        "created 1 of 3: aws_vpc.main",
        "waiting for aws_lb.public (10 s)",
        "changed 2 of 3: aws_lb.public",
    ]


def test_the_copy_is_the_code_and_an_override(tmp_path: Path) -> None:
    code, work = write_small(tmp_path / "code"), tmp_path / "work"
    (code / ".terraform").mkdir()
    (code / ".terraform" / "kept.txt").write_text("the user's own")
    (code / "terraform.tfstate").write_text("{}")
    work.mkdir()
    (work / "old.tf").write_text("# no longer written")
    (work / "terraform.tfstate").write_text('{"resources": []}')
    copy_code(code, work)
    names = {path.name for path in work.iterdir()}
    assert names == {"main.tf", "versions.tf", OVERRIDE, "terraform.tfstate"}
    assert (work / "terraform.tfstate").read_text() == '{"resources": []}', "the emulator's own state stays"
    text = (work / OVERRIDE).read_text()
    assert text.count('provider "aws"') == 2, "one for each provider configuration"
    assert 'alias                       = "us_east_1"' in text
    assert 'resource "aws_s3_bucket" "images" {\n  lifecycle {\n    prevent_destroy = false' in text
    assert 'backend "local"' in text


def test_no_code_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="no Terraform code"):
        copy_code(tmp_path, tmp_path / "work")


def test_code_that_does_not_parse_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('provider "aws" {')
    with pytest.raises(Problems, match=r"main\.tf is not Terraform code"):
        copy_code(tmp_path, tmp_path / "work")


def test_keys_in_the_override_are_no_keys() -> None:
    assert 'access_key                  = "emulator"' in override([])


def test_nothing_of_the_users_account_reaches_terraform() -> None:
    mine = {"AWS_PROFILE": "production", "AWS_ACCESS_KEY_ID": "AKIA", "AWS_ENDPOINT_URL_S3": "https://s3.example",
            "TF_VAR_domain": "real.example", "https_proxy": "http://proxy:1", "PATH": "/bin"}  # fmt: skip
    given = environment_for("http://127.0.0.1:7", mine, {"domain": "shop.example", "zones": ["a"]})
    assert given["PATH"] == "/bin"
    assert "AWS_PROFILE" not in given and "AWS_ENDPOINT_URL_S3" not in given and "https_proxy" not in given
    assert given["AWS_ACCESS_KEY_ID"] == "emulator"
    assert given["AWS_ENDPOINT_URL"] == "http://127.0.0.1:7"
    assert (given["TF_VAR_domain"], given["TF_VAR_zones"]) == ("shop.example", '["a"]')
    assert given["HTTPS_PROXY"].startswith("http://127.0.0.1:"), "a call that is not for the emulator goes nowhere"


def test_it_has_what_every_world_has(tmp_path: Path) -> None:
    emulator = Emulator.of(Workspace(tmp_path))
    asked = [name for name in vars(World) if not name.startswith("__") and callable(getattr(World, name))]
    assert set(asked) == {"build", "observe", "break_", "heal", "clear"}
    assert all(callable(getattr(emulator, name)) for name in asked)
    assert emulator.name == "emulator"


def test_where_nothing_was_built_nothing_is_claimed(tmp_path: Path) -> None:
    space = Workspace(tmp_path)
    assert condition_of(space.world("emulator")).kind == "absent"
    assert not is_running(space)
    assert deployed_state(space) is None
    emulator = Emulator.of(space)
    assert emulator.observe() == {}
    emulator.heal()
    emulator.clear()
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_gone_is_told_with_what_it_held(tmp_path: Path) -> None:
    state = {
        "resources": [{"mode": "managed", "type": "aws_vpc", "name": "main", "instances": [{}, {"index_key": "a"}]}]
    }
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform" / "terraform.tfstate").write_text(json.dumps(state))
    (tmp_path / "server.json").write_text(json.dumps({"pid": 1, "began": "no", "port": 1, "token": ""}))
    found = condition_of(tmp_path)
    assert (found.kind, found.resources) == ("lost", 2)
    assert str(found) == "the emulator's server is gone, and with it the 2 resources it held"


def test_a_server_that_lives_and_is_silent_is_not_taken_for_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "ANSWER_PATIENCE", 0.5)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))  # nobody listens: a connection is refused
        me = Process.of(os.getpid())
        record = {"pid": me.pid, "began": me.began, "port": listener.getsockname()[1], "token": "t"}
        (tmp_path / "server.json").write_text(json.dumps(record))
        with pytest.raises(Problems, match="does not answer"):
            condition_of(tmp_path)


def test_a_broken_state_is_a_problem_and_not_an_empty_one(tmp_path: Path) -> None:
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform" / "terraform.tfstate").write_text('{"resources": [')
    with pytest.raises(Problems, match="cannot be read"):
        condition_of(tmp_path)


def test_a_fault_nobody_knows_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="open_firewall"):
        Emulator.of(Workspace(tmp_path)).break_(Fault("open_firewal"))
