"""The emulator with the real Terraform and the real AWS provider, on a small system."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from standfast.problem import Problems
from standfast.worlds import Fault
from standfast.worlds.emulator import Emulator
from standfast.worlds.emulator.endpoint import end_endpoint, find_endpoint
from standfast.worlds.emulator.events import read_events
from tests.worlds.small import RESOURCES, SLOW, SLOW_ONE, need_terraform, write_small

pytestmark = pytest.mark.real


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Emulator]:
    need_terraform()
    yield Emulator(tmp_path / "emulator", tmp_path / "code", "eu-west-1", {"owner": "me"})
    end_endpoint(tmp_path / "emulator")


def apply_in_another_process(world: Emulator) -> subprocess.Popen[str]:
    code = (
        "import sys; from pathlib import Path; from standfast.worlds.emulator import Emulator\n"
        "try:\n"
        " Emulator(Path(sys.argv[1]), Path(sys.argv[2]), 'eu-west-1', {'owner': 'me'}, step=print).apply()\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    command = [sys.executable, "-c", code, str(world.folder), str(world.code)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def until(holds: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(0.05)


def creating(world: Emulator) -> bool:
    """Whether Terraform is in the middle of creating the resource that takes some seconds."""
    told = read_events(world.folder / "run.jsonl")
    seen = [one["type"] for one in told if one.get("hook", {}).get("resource", {}).get("addr") == SLOW_ONE]
    return "apply_start" in seen and "apply_complete" not in seen


def terraform_of(child: subprocess.Popen[str]) -> int:
    """The Terraform that a process of ours started."""
    children = Path(f"/proc/{child.pid}/task/{child.pid}/children").read_text().split()
    names = {int(one): Path(f"/proc/{one}/cmdline").read_text().partition("\0")[0] for one in children}
    (found,) = [number for number, name in names.items() if Path(name).name in ("terraform", "tofu")]
    return found


def mark_tainted(world: Emulator) -> None:
    path = world.work / "terraform.tfstate"
    state = json.loads(path.read_text())
    for resource in state["resources"]:
        if f"{resource['type']}.{resource['name']}" == SLOW_ONE:
            resource["instances"][0]["status"] = "tainted"
    path.write_text(json.dumps(state))


def test_it_builds_settles_is_changed_behind_its_back_heals_and_leaves_nothing(world: Emulator) -> None:
    steps: list[str] = []
    world = Emulator(world.folder, world.code, world.region, world.values, step=steps.append)
    write_small(world.code)
    built = world.apply()
    assert built.settled and len(built.created) == 7 and built.resources == 7
    assert "created 7 of 7" in "\n".join(steps)
    again = world.apply()
    assert again.settled and not (again.created or again.changed or again.removed or again.notes)
    assert not again.plan.get("resource_drift"), "the state was settled: nothing has changed since"
    server = find_endpoint(world.folder)
    assert server is not None

    for fault in ("open_firewall", "bucket_public", "alarm_deleted"):
        world.break_(Fault(fault))
    seen = world.look()
    drifted = {one["address"]: one["change"]["actions"] for one in seen["resource_drift"]}
    assert drifted == {
        "aws_security_group.api": ["update"],
        "aws_s3_bucket.images": ["update"],
        "aws_s3_bucket_public_access_block.images": ["delete"],
        "aws_cloudwatch_metric_alarm.errors": ["delete"],
    }
    stand = {one["address"]: one["values"] for one in seen["prior_state"]["values"]["root_module"]["resources"]}
    assert len(stand["aws_security_group.api"]["ingress"]) == 2, "an audit sees what stands, not what was asked for"
    assert "aws_cloudwatch_metric_alarm.errors" not in stand
    healed = world.apply()
    assert healed.strays == ("a firewall rule on aws_security_group.api: in from 0.0.0.0/0, tcp port 22",)
    assert set(healed.created) == {"aws_s3_bucket_public_access_block.images", "aws_cloudwatch_metric_alarm.errors"}
    assert find_endpoint(world.folder) == server, "the same server all the time"
    wanted = [{"Name": "group-id", "Values": [stand["aws_security_group.api"]["id"]]}]
    (rule,) = world.client("ec2").describe_security_group_rules(Filters=wanted)["SecurityGroupRules"]
    assert rule["CidrIpv4"] == "10.0.0.0/16"

    world.client("s3").put_object(Bucket="small-images", Key="a picture", Body=b"x")
    done = world.destroy()
    assert "lifted: 1 object versions in aws_s3_bucket.images" in done
    assert "7 resources destroyed" in done
    assert not world.folder.exists()
    assert not server.alive
    assert world.destroy() == ()


def test_code_that_aws_refuses_is_a_problem_with_the_resource(world: Emulator) -> None:
    twice = (
        'resource "aws_security_group" "twice" {\n  name = aws_security_group.api.name\n  vpc_id = aws_vpc.main.id\n}\n'
    )
    write_small(world.code, RESOURCES + twice)
    with pytest.raises(Problems) as caught:
        world.apply()
    text = str(caught.value)
    assert text.startswith("aws_security_group.twice: creating Security Group (api)")
    assert "InvalidGroup.Duplicate" in text
    assert "RequestID" not in text
    write_small(world.code)
    assert world.apply().settled, "put right, it goes on"


def test_a_killed_terraform_is_told_and_built_anew(world: Emulator) -> None:
    write_small(world.code, SLOW)
    child = apply_in_another_process(world)
    until(lambda: creating(world), "the slow resource is being created")
    os.kill(terraform_of(child), signal.SIGKILL)
    said, _ = child.communicate(timeout=60)
    assert child.returncode != 0
    assert "Terraform was killed (signal 9)" in said
    found = world.condition
    assert (found.kind, found.half_created) == ("cut", (SLOW_ONE,))
    assert str(found) == f"an earlier run was cut off while it created {SLOW_ONE}"
    built = world.apply()
    assert built.notes == (f"{found}; it starts over from nothing",)
    assert built.settled and len(built.created) == 2


def test_a_killed_run_leaves_terraform_at_work_and_the_next_one_waits_for_it(world: Emulator) -> None:
    write_small(world.code, SLOW)
    child = apply_in_another_process(world)
    until(lambda: creating(world), "the slow resource is being created")
    child.kill()
    child.wait()
    built = world.apply()
    assert built.notes == ("an earlier run was killed, its Terraform ended in order; it goes on from there",)
    assert built.settled and built.created == (), "what the first Terraform created is not created twice"
    assert built.resources == 2


def test_an_interrupted_run_goes_on_with_what_it_began(world: Emulator) -> None:
    write_small(world.code, SLOW)
    child = apply_in_another_process(world)
    until(lambda: creating(world), "the slow resource is being created")
    time.sleep(1.5)  # until the call is out: the provider then waits for five seconds
    child.send_signal(signal.SIGINT)
    said, _ = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "interrupted: Terraform stops what it is doing and saves its state" in said
    assert world.condition.kind == "standing"
    if not world.condition.tainted:  # the provider had just seen the end of it
        mark_tainted(world)
    assert world.condition.tainted == (SLOW_ONE,)
    built = world.apply()
    assert built.notes == (f"an earlier run was interrupted; it goes on with {SLOW_ONE}",)
    assert built.settled and built.created == () and built.resources == 2


def test_a_killed_server_is_told_and_all_is_built_anew_or_cleared(world: Emulator) -> None:
    write_small(world.code, SLOW)
    child = apply_in_another_process(world)
    until(lambda: creating(world), "the slow resource is being created")
    server = find_endpoint(world.folder)
    assert server is not None
    server.process.signal(signal.SIGKILL)
    said, _ = child.communicate(timeout=60)
    assert "the emulator's server ended in the middle of the work" in said
    assert world.condition.kind == "lost"
    with pytest.raises(Problems, match="server is gone"):
        world.look()
    built = world.apply()
    assert built.settled and len(built.created) == 2
    assert built.notes and "starts over from nothing" in built.notes[0]

    server = find_endpoint(world.folder)
    assert server is not None
    server.process.signal(signal.SIGKILL)
    assert server.process.gone_within(10)
    (cleared,) = world.destroy()
    assert cleared.startswith("the emulator's server is gone, and with it the 2 resources it held")
    assert not world.folder.exists()
