"""Every example but the shop on the emulator: applied, found as it was deployed, destroyed. One apply for each.

The shop has a file of its own, with what can go wrong between: test_example.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from standfast.audit import run_audit
from standfast.audit.sources.live import read_live
from standfast.audit.sources.state import resources_of
from standfast.blueprint import Resource, make_blueprint
from standfast.cli import run
from standfast.code import write_code
from standfast.plan import Plan, read_plan
from standfast.workspace import Workspace
from standfast.worlds.emulator import STANDBY, Emulator, deployed_state, is_running
from standfast.worlds.emulator.endpoint import end_endpoint, find_endpoint
from standfast.worlds.emulator.state import recorded
from tests.shop import EXAMPLES
from tests.worlds.small import need_terraform

pytestmark = [pytest.mark.real, pytest.mark.slow]
ON_AWS = [path for path in sorted(EXAMPLES.glob("*.yaml")) if path.stem in ("containers", "gallery", "standby")][::-1]


@pytest.fixture
def space(tmp_path: Path) -> Iterator[Workspace]:
    need_terraform()
    space = Workspace(tmp_path / "out")
    yield space
    end_endpoint(space.world("emulator"))


@pytest.mark.parametrize("path", ON_AWS, ids=lambda path: path.stem)
def test_an_example_is_built_stands_and_goes(
    path: Path, space: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(*words: str) -> tuple[int, dict, str]:
        code = run([words[0], str(path), "--out", str(space.root), "--format", "json", *words[1:]])
        told = capsys.readouterr()
        return code, json.loads(told.out) if told.out else {}, told.err

    code, done, progress = call("apply")
    assert code == 0, progress
    assert done["second_plan_would_change"] == []
    assert len(done["created"]) == done["resources"]
    plan = read_plan(space.plan)
    sites = ["", STANDBY] if plan.standby else [""]
    assert [is_running(space, site) for site in sites] == [True] * len(sites)
    if plan.standby:
        assert done["region"] == f"{plan.region}, {plan.standby.region}"
        assert any(one.startswith(f"{STANDBY}/aws_db_instance.") for one in done["created"])
        stand = recorded(space.world("emulator") / STANDBY)
        assert plan.region in stand["aws_db_instance.entries"]["replicate_source_db"], "it follows the first region"

    if plan.shape == "kubernetes":
        _tells_its_workloads_what_they_ask(plan, Emulator.of(space).outputs["platform_env"])

    code, told, _ = call("drift")
    assert (code, told["changes"]) == (0, [])

    server = find_endpoint(space.world("emulator"))
    if path.stem == "gallery":
        _its_account_says_what_its_state_says(space, plan, monkeypatch)
    code, told, progress = call("destroy")
    assert code == 0, progress
    assert server is not None and not server.alive
    assert not space.world("emulator").exists()


def _its_account_says_what_its_state_says(space: Workspace, plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The account, asked through its API, and the state of Terraform: of the same things the same findings."""
    state = [one for one in resources_of(deployed_state(space)) if not one.data and not one.provider]
    server = find_endpoint(space.world("emulator"))
    assert server is not None
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("ENDPOINT_URL", server.url)):
        monkeypatch.setenv(f"AWS_{name}", value)
    live = read_live(plan.region)
    assert live.problems == ()
    told, expected = _verdicts(live.resources), _verdicts(state)
    assert len(expected) > 100 and {"broken", "kept"} >= set(expected.values()) - {"unknown"}
    assert {key: told.get(key) for key in expected} == expected


def _verdicts(resources: Sequence[Resource]) -> dict[tuple[str, str, str], str]:
    """By check, kind and what the cloud calls the thing."""
    called = {}
    for one in resources:
        said = one.settings
        called[one.address] = (one.kind, str(said.get("policy_arn", said["id"])) + str(said.get("role", "")))
    audit = run_audit(None, resources, planned=False)
    return {(one.check, *called.get(one.resource, (one.resource, ""))): one.verdict for one in audit.findings}


def _tells_its_workloads_what_they_ask(plan: Plan, told: str) -> None:
    """What Terraform tells is what the manifests want in their platform.env."""
    files = {file.path: file.text for file in write_code(make_blueprint(plan), "kubernetes")}
    example = files["platform.env.example"].splitlines()
    asked = {line.partition("=")[0] for line in example if not line.startswith("#")}
    values = dict(line.split("=", 1) for line in told.splitlines())
    assert asked <= set(values) and all(values.values())
    assert values["front_target_group"].startswith("arn:aws:elasticloadbalancing:")
