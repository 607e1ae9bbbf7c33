"""The same as code: the real Terraform against the provider's schema, Pulumi's SDK under its mocks, held strictly."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from standfast.files import File, write_files
from standfast.plan import Plan
from standfast.watch import write_watch
from standfast.watch.datadog.as_code.pulumi import PULUMI, SDK, pulumi
from standfast.watch.datadog.as_code.terraform import VERSION, terraform
from tests.code.pulumi import programs
from tests.providers import stub
from tests.shop import shop_plan
from tests.watch.test_datadog import HOSTILE, documents

ODD = "${var.x} %{if true} {y} \"q\" \\ 's' ${slo:p95} ${domain}"


def below(plan: Plan, folder: str) -> list[File]:
    found = write_watch(plan, "datadog")
    return [
        replace(one, path=one.path.removeprefix(f"{folder}/")) for one in found if one.path.startswith(f"{folder}/")
    ]


def odd_plan() -> Plan:
    """A plan whose owner and data are as odd as may be, so that every text has to be escaped."""
    plan = shop_plan()
    wanted = plan.system.promises
    wanted = replace(wanted, security=replace(wanted.security, data=("card", "financial", "personal")))
    return replace(plan, system=replace(plan.system, owner=ODD, promises=wanted))


@pytest.mark.real
def test_terraform_makes_all_of_it_and_then_has_nothing_to_do(tmp_path: Path) -> None:
    """init, validate, plan, apply, "No changes", destroy; what is planned is what the API's documents say."""
    plan = odd_plan()
    monitors_too = [path for path in documents(plan) if path.startswith("monitors/")]
    left_out = {path for number, path in enumerate(monitors_too) if number % 5 and "burns-1h" not in path}  # of a kind
    wanted = {path: body for path, body in documents(plan).items() if path not in left_out}
    files = [replace(one, path=one.path.removeprefix("terraform/")) for one in terraform(plan, wanted)]
    life = stub.run(files, tmp_path, {"domain": "shop.example.com", "runbooks": "https://wiki/run"})

    def named(kind: str) -> dict[str, Any]:
        return {one["name"]: one for one in life.resources(kind)}

    monitors, slos = named("datadog_monitor"), named("datadog_service_level_objective")
    assert set(monitors) == {body["name"] for path, body in wanted.items() if path.startswith("monitors/")}
    for path, body in wanted.items():
        if path.startswith("monitors/"):
            one = monitors[body["name"]]
            assert one["message"] == body["message"].replace("${runbooks}", "https://wiki/run"), path
            assert "${slo:p95} ${domain}" in one["message"].replace("(at)", "@"), path  # what a person wrote stays
            assert float(one["monitor_thresholds"][0]["critical"]) == body["options"]["thresholds"]["critical"]
            assert one["priority"] == str(body["priority"]) and sorted(one["tags"]) == sorted(body["tags"])
            if body["type"] == "query alert":
                assert one["query"] == body["query"]
        if path.startswith("slos/"):
            count = slos[body["name"]]["sli_specification"][0]["count"][0]
            queries = [one["metric_query"][0]["query"] for one in count["queries"]]
            assert queries == [one["query"] for one in body["sli_specification"]["count"]["queries"]]
    (board,) = life.resources("datadog_dashboard_json")
    assert json.loads(board["dashboard"]) == wanted["dashboards/promises.json"]
    asked = named("datadog_synthetics_test")["shop production web: outside"]
    assert asked["request_definition"][0]["url"] == "https://shop.example.com/healthz"
    (logs,) = life.resources("datadog_logs_custom_pipeline")
    assert len(logs["processor"]) == len(wanted["pipelines/services.json"]["processors"])
    patterns = [one["pattern"] for one in life.resources("datadog_sensitive_data_scanner_rule")]
    assert sorted(patterns) == sorted(one["pattern"] for one in wanted["scanner/private.json"]["rules"])


@pytest.mark.real
def test_terraform_refuses_what_the_provider_does_not_take(tmp_path: Path) -> None:
    files = {one.path: json.loads(one.text) for one in below(shop_plan(), "terraform") if one.path.endswith(".json")}
    monitors = files["monitors.tf.json"]["resource"]["datadog_monitor"]
    monitors["web_cpu"]["type"] = "metrics alert"
    monitors["web_disk"]["hold"] = 300
    files["synthetics.tf.json"]["resource"]["datadog_synthetics_test"]["web_outside"]["assertion"][0]["operator"] = (
        "below"
    )
    said = stub.refused([File(path, json.dumps(body)) for path, body in files.items()], tmp_path)
    for part in ("metrics alert", "hold", "below"):
        assert any(part in one for one in said), (part, said)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    """What a program did under mocks, held strictly, and what the same did with one word misspelt."""
    right, wrong = tmp_path_factory.mktemp("right"), tmp_path_factory.mktemp("wrong")
    for folder in (right, wrong):
        write_files(below(odd_plan(), "pulumi"), folder)
    text = (wrong / "synthetics.py").read_text()
    (wrong / "synthetics.py").write_text(text.replace('"tick_every":', '"tick_evry":', 1))
    (wrong / "__main__.py").write_text("import synthetics  # noqa: F401\n")
    return programs.mocked([right, wrong], [{"domain": "shop.example.com", "runbooks": "https://wiki/run"}] * 2)


@pytest.mark.real
def test_pulumis_sdk_takes_every_argument(told: list[dict[str, Any]]) -> None:
    right, wrong = told
    assert right["error"] == "" and right["faults"] == []
    assert any("tick_evry" in one for one in wrong["faults"])
    wanted = documents(odd_plan())
    made = {(one["type"].rpartition(":")[2], one["inputs"].get("name")): one["inputs"] for one in right["resources"]}
    assert len(made) == len(right["resources"]) == len(wanted) + len(wanted["scanner/private.json"]["rules"])
    for path, body in wanted.items():
        if path.startswith("monitors/"):
            one = made["Monitor", body["name"]]
            assert one["message"] == body["message"].replace("${runbooks}", "https://wiki/run"), path
            assert one["query"] == body["query"] or body["type"] == "slo alert"
            assert "<datadog:index/serviceLevelObjective" in one["query"] or body["type"] != "slo alert"
    asked = made["SyntheticsTest", "shop production web: outside"]
    assert asked["requestDefinition"]["url"] == "https://shop.example.com/healthz"
    patterns = {one["pattern"] for (kind, _), one in made.items() if kind == "SensitiveDataScannerRule"}
    assert patterns == {one["pattern"] for one in wanted["scanner/private.json"]["rules"]}


@pytest.mark.real
def test_the_type_checker_has_nothing_to_say(tmp_path: Path) -> None:
    programs.need_sdks()
    write_files(below(odd_plan(), "pulumi"), tmp_path)
    assert programs.ty(tmp_path) == ""


def test_the_program_lies_as_ruff_would_leave_it(tmp_path: Path) -> None:
    for number, owner in enumerate([ODD, HOSTILE[0], HOSTILE[4]]):
        plan = shop_plan()
        plan = replace(plan, system=replace(plan.system, owner=owner))
        write_files(below(plan, "pulumi"), tmp_path / f"program_{number}")
    ruff = str(Path(sys.executable).parent / "ruff")
    for words in (["format", "--diff"], ["check", "--select", "E,F,W,I,RUF100", "--ignore", "E501"]):
        done = subprocess.run([ruff, *words, "--no-cache", "."], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[:3000]


def test_versions_are_those_that_are_tested() -> None:
    pinned = (programs.ROOT / "scripts/pulumi/packages.in").read_text().split()
    assert {SDK, PULUMI} <= set(pinned)
    assert stub._head("datadog")["version"].startswith(VERSION.removeprefix("~> "))


def test_both_say_the_same_resources() -> None:
    found = documents(shop_plan())
    files = {one.path: one.text for one in terraform(shop_plan(), found)}
    blocks = [json.loads(text).get("resource", {}) for path, text in files.items() if path.endswith(".json")]
    made = sum(len(many) for block in blocks for many in block.values())
    text = "".join(one.text for one in pulumi(shop_plan(), found) if one.path.endswith(".py"))
    assert made == text.count(" = datadog.") == len(found) + len(found["scanner/private.json"]["rules"])
