"""The example, from its plan to the emulator and back: applied, changed behind its back, healed, destroyed.

One apply serves all of these tests, in their order and on one worker (`--dist loadfile`); they take some minutes,
nearly all of it the AWS provider's own pauses. The tests of what happens when something is killed work on a small
system: tests/worlds.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from standfast.cli import run
from standfast.files import File, write_files
from standfast.plan import plan_to_json
from standfast.workspace import Workspace
from standfast.worlds import Fault
from standfast.worlds.emulator import Emulator, condition_of, deployed_state, is_running
from standfast.worlds.emulator.endpoint import end_endpoint, find_endpoint
from tests.shop import EXAMPLES, shop_plan
from tests.worlds.small import need_terraform

pytestmark = [pytest.mark.real, pytest.mark.slow]
SPEC = str(EXAMPLES / "shop.yaml")


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    need_terraform()
    space = Workspace(tmp_path_factory.mktemp("shop"))
    write_files([File(space.plan.name, plan_to_json(shop_plan()))], space.root)
    yield space
    end_endpoint(space.world("emulator"))


def call(capsys: pytest.CaptureFixture[str], space: Workspace, *words: str) -> tuple[int, Any, str]:
    """(exit code, the JSON on stdout, stderr) of a command line."""
    code = run([words[0], SPEC, "--out", str(space.root), "--format", "json", *words[1:]])
    told = capsys.readouterr()
    return code, json.loads(told.out) if told.out else None, told.err


def test_apply_builds_all_of_it_and_a_second_plan_changes_nothing(
    space: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "a-profile-that-must-not-be-used")
    code, done, progress = call(capsys, space, "apply")
    assert code == 0, progress
    assert done["second_plan_would_change"] == []
    assert len(done["created"]) == done["resources"] > 100
    assert f"of {done['resources']}: aws_" in progress, "the progress counts"
    assert os.environ["AWS_PROFILE"] == "a-profile-that-must-not-be-used"


def test_what_is_deployed_can_be_read_by_an_audit(space: Workspace) -> None:
    assert is_running(space), condition_of(space.world("emulator"))
    state = deployed_state(space)
    assert state is not None
    resources = state["values"]["root_module"]["resources"]
    database = next(one for one in resources if one["address"] == "aws_db_instance.orders")
    assert database["values"]["multi_az"] is True
    assert database["values"]["tags_all"]["component"] == "orders"


def test_drift_names_each_change_and_the_promise_it_breaks(
    space: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    emulator = Emulator.of(space)
    emulator.break_(Fault("open_firewall", {"address": "aws_security_group.orders", "port": 5432}))
    emulator.break_(Fault("bucket_public", {"address": "aws_s3_bucket_public_access_block.images"}))
    emulator.break_(Fault("encryption_off", {"address": "aws_s3_bucket_server_side_encryption_configuration.images"}))
    emulator.break_(Fault("trail_off"))
    alarm = next(one.name for one in _alarms(emulator))
    emulator.break_(Fault("alarm_deleted", {"address": f"aws_cloudwatch_metric_alarm.{alarm}"}))
    code, told, _ = call(capsys, space, "drift")
    assert (code, told["verdict"]) == (1, "broken")
    broken = {one["address"]: one["breaks"] and one["breaks"]["measure"] for one in told["changes"]}
    assert broken == {
        "aws_security_group.orders": "security.checks",
        "aws_s3_bucket_public_access_block.images": "security.checks",
        "aws_s3_bucket_policy.images": "security.checks",
        "aws_s3_bucket_server_side_encryption_configuration.images": "security.checks",
        "aws_cloudtrail.main": "security.checks",
        f"aws_cloudwatch_metric_alarm.{alarm}": "reliability.availability",
    }
    firewall = next(one for one in told["changes"] if one["address"] == "aws_security_group.orders")
    assert firewall["sentence"] == "the firewall of orders was opened: tcp 5432 from 0.0.0.0/0"
    assert "shop.yaml:" in firewall["place"] and "shop.yaml:" in firewall["breaks"]["place"]


def _alarms(emulator: Emulator) -> Iterator[Any]:
    from standfast.blueprint import make_blueprint

    return make_blueprint(shop_plan()).find("aws_cloudwatch_metric_alarm")


def test_apply_heals_it(space: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    code, done, progress = call(capsys, space, "apply")
    assert code == 0, progress
    assert len(done["healed"]) == 6, progress
    taken = "a firewall rule on aws_security_group.orders: in from 0.0.0.0/0, tcp port 5432"
    assert done["taken_away"] == [taken]
    assert done["second_plan_would_change"] == []


def test_destroy_leaves_nothing(space: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    server = find_endpoint(space.world("emulator"))
    assert server is not None
    code, told, progress = call(capsys, space, "destroy")
    assert code == 0, progress
    assert "lifted: deletion protection of aws_db_instance.orders" in told["done"]
    assert any("the final snapshot" in one for one in told["done"])
    assert not server.alive
    assert not space.world("emulator").exists()
    assert space.plan.exists() and space.terraform.exists(), "what was planned and written stays"
    code, told, _ = call(capsys, space, "destroy")
    assert (code, told["done"]) == (0, [])
    code, told, _ = call(capsys, space, "drift")
    assert (code, told["verdict"]) == (2, "unknown")
