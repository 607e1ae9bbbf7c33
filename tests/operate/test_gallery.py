"""The example on Kubernetes, on the emulator: the cluster stands, stays as it is, is audited, and goes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from standfast.cli import run
from standfast.workspace import Workspace
from standfast.worlds.emulator.endpoint import end_endpoint
from tests.shop import EXAMPLES
from tests.worlds.small import need_terraform

pytestmark = [pytest.mark.real, pytest.mark.slow]
SPEC = str(EXAMPLES / "gallery.yaml")


@pytest.fixture
def space(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    need_terraform()
    space = Workspace(tmp_path_factory.mktemp("gallery"))
    yield space
    end_endpoint(space.world("emulator"))


def test_the_cluster_is_built_settles_tells_its_workloads_what_they_ask_and_goes(
    space: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(verb: str) -> dict:
        code = run([verb, SPEC, "--out", str(space.root), "--format", "json"])
        told = capsys.readouterr()
        assert code == 0, told.err
        return json.loads(told.out)

    done = call("apply")
    assert done["second_plan_would_change"] == [] and len(done["created"]) == done["resources"] > 100
    state = json.loads((space.world("emulator") / "terraform" / "terraform.tfstate").read_text())
    kinds = {one["type"] for one in state["resources"]}
    assert {"aws_eks_cluster", "aws_eks_node_group", "aws_eks_addon", "aws_eks_pod_identity_association"} <= kinds
    told = dict(line.split("=", 1) for line in state["outputs"]["platform_env"]["value"].splitlines())
    example = (space.code / "kubernetes" / "platform.env.example").read_text().splitlines()
    assert {line.split("=", 1)[0] for line in example if not line.startswith("#")} <= set(told)
    assert told["front_target_group"].startswith("arn:aws:elasticloadbalancing:")
    call("audit")
    assert not call("destroy").get("left")
