"""The rules as Prometheus' own tools see them."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.files import write_files
from standfast.watch import write_watch
from standfast.watch.prometheus import as_yaml
from standfast.watch.prometheus.cases import Outage, firing
from standfast.watch.prometheus.configuration import prometheus
from standfast.watch.prometheus.objectives import composite, objective_groups
from standfast.watch.prometheus.rules import told
from standfast.watch.signals import BURN_WINDOWS, BurnWindow, signals_of
from tests.programs import need
from tests.shop import shop_plan


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(write_watch(shop_plan()), tmp_path)
    return tmp_path


def tool(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)


@pytest.mark.real
def test_promtool_and_amtool_accept_every_file(folder: Path) -> None:
    promtool, amtool = need("promtool", "prometheus"), need("amtool", "prometheus-alertmanager")
    assert tool(folder, promtool, "check", "config", "prometheus.yml").returncode == 0
    checked = tool(folder, promtool, "check", "rules", "--lint=all", "--lint-fatal", "rules.yml")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert tool(folder, amtool, "check-config", "alertmanager.yml").returncode == 0


def trimmed(folder: Path, tests: int = 9) -> None:
    """The rules of objectives alone and the first cases: promtool reckons every rule at every minute."""
    document = yaml.safe_load((folder / "rules.yml").read_text())
    kept = [one for one in document["groups"] if not one["name"].endswith(("conditions", "recorded"))]
    (folder / "rules.yml").write_text(as_yaml({"groups": kept}, "objectives"))
    cases = yaml.safe_load((folder / "rules_test.yml").read_text())
    (folder / "rules_test.yml").write_text(as_yaml({**cases, "tests": cases["tests"][:tests]}, "cases"))


@pytest.mark.real
def test_an_outage_fires_exactly_the_due_alerts_at_their_minute(folder: Path) -> None:
    trimmed(folder)
    result = tool(folder, need("promtool", "prometheus"), "test", "rules", "rules_test.yml", "tickets_test.yml")
    assert result.returncode == 0, result.stdout + result.stderr
    for path, least in (("rules_test.yml", 20), ("tickets_test.yml", 5)):
        cases = yaml.safe_load((folder / path).read_text())["tests"]
        checks = [check["exp_samples"] for case in cases for check in case["promql_expr_test"]]
        assert len(checks) > least and [] in checks and max(map(len, checks)) >= 3


@pytest.mark.real
@pytest.mark.parametrize(
    ("old", "new"),
    [("> 0.0144", "> 14"), ("> 0.0144", "> 0.1"), ("> 0.02", "> 2000")],
    ids=["fast burn never", "five minutes late", "all is little traffic"],
)
def test_the_cases_notice_a_wrong_rule(folder: Path, old: str, new: str) -> None:
    trimmed(folder, 1)
    rules = folder / "rules.yml"
    text = rules.read_text()
    assert old in text
    rules.write_text(text.replace(old, new))
    result = tool(folder, need("promtool", "prometheus"), "test", "rules", "rules_test.yml")
    assert result.returncode == 1 and "exp:" in result.stdout + result.stderr


def test_burn_rates_spend_the_budget_that_the_workbook_says() -> None:
    """Workbook, table 5-8: a burn of `rate` over `long` spends rate * long / 30 days of the budget."""
    for burn in BURN_WINDOWS:
        assert burn.rate * burn.long / (30 * 86_400) == pytest.approx(burn.spent)
        assert burn.short * 12 == burn.long


def test_the_minutes_of_an_outage_by_hand() -> None:
    """Three nines: a total outage spends 14.4 times the budget of an hour in 0.86 minutes, one of a share of 1% the
    6 times of six hours after 216, and one below the limit of each window none."""
    availability = signals_of(shop_plan()).objectives[0]
    fast, slow = BURN_WINDOWS[:2]
    calm = 7 * 60

    def begins(share: float, burn: BurnWindow) -> int | None:
        out = Outage(share, 300, calm)
        return next((at - calm for at in range(calm, calm + 300) if burn in firing(availability, out, at)), None)

    assert begins(1.0, fast) == 1 and begins(0.0144, fast) is None and begins(0.02, fast) == 44
    assert begins(0.01, slow) in (218, 219)  # 216, and half of the five minutes that rates look back
    assert begins(0.006, slow) is None


def test_every_alert_names_its_line_and_promise() -> None:
    document = yaml.safe_load({file.path: file.text for file in write_watch(shop_plan())}["rules.yml"])
    alerts = [rule for group in document["groups"] for rule in group["rules"] if "alert" in rule]
    assert {alert["alert"] for alert in alerts} == {
        "ErrorBudgetBurn", "ObjectiveNotMeasured", "InstancesMissing", "LoadNearPlan", "TrafficMissing",
        "HostRunsShort", "OutsideFails", "OutsideSlow", "StoreMissing",
        "StoreRunsShort", "BackupTooOld", "RestoreNotTested", "CertificateEnds", "CostAboveBudget", "Drift",
        "AuditFails", "SignalsNotFed", "Watchdog",
    }  # fmt: skip
    for alert in alerts:
        assert alert["annotations"]["spec"].startswith("shop.yaml:")
        assert alert["annotations"]["owner"] == "platform@example.com" and alert["annotations"]["runbook"]
        assert alert["labels"]["severity"] in ("page", "ticket") or alert["alert"] == "Watchdog"
        assert alert["labels"].get("promise") or alert["alert"] == "Watchdog"


@pytest.mark.real
@pytest.mark.parametrize("owner", ['a"b', "{{ .Labels.x }}", "Größe: 'x' # y", "o@example.com", "${HOME} %{x}"])
def test_an_owner_with_odd_characters_stays_text(tmp_path: Path, owner: str) -> None:
    plan = shop_plan()
    files = write_watch(replace(plan, system=replace(plan.system, owner=owner)))
    write_files(files, tmp_path)
    assert tool(tmp_path, need("promtool", "prometheus"), "check", "rules", "rules.yml").returncode == 0
    assert tool(tmp_path, need("amtool", "prometheus-alertmanager"), "check-config", "alertmanager.yml").returncode == 0
    document = yaml.safe_load((tmp_path / "rules.yml").read_text())
    shown = document["groups"][0]["rules"][-1]["annotations"]["owner"]
    assert shown.replace('{{ "{{" }}', "{{") == owner


TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["no", "1e3", "0x1", "- a", "a: b", "a #b", "~", "=", "2026-11-28", "1:30", "a\nb", " a\n", "\n"]),
)


@given(st.recursive(st.one_of(TEXTS, st.integers(), st.booleans(), st.floats(allow_nan=False, allow_infinity=False)),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)))  # fmt: skip
@settings(max_examples=300, deadline=None)
def test_yaml_says_what_it_was_given(value: Any) -> None:
    """Read back by PyYAML, which reads by YAML 1.1, as Prometheus' own reader of 1.2 does what is plain there."""
    document = {"one": value, "two": [value, {"three": value}]}
    assert yaml.safe_load(as_yaml(document, "t")) == document


CLOUDS = {"aws": "ec2_sd_configs", "azure": "azure_sd_configs", "gcp": "gce_sd_configs"}


@pytest.mark.real
@pytest.mark.parametrize("cloud", sorted(CLOUDS))
def test_every_cloud_has_its_discovery_and_a_feed_for_each_figure(tmp_path: Path, cloud: str) -> None:
    plan = replace(shop_plan(), cloud=cloud)
    signals = signals_of(plan)
    assert told(plan, signals) == signals  # each store, each resource
    write_files(write_watch(plan), tmp_path)
    assert tool(tmp_path, need("promtool", "prometheus"), "check", "config", "prometheus.yml").returncode == 0
    jobs = {job["job_name"]: job for job in yaml.safe_load((tmp_path / "prometheus.yml").read_text())["scrape_configs"]}
    assert CLOUDS[cloud] in jobs["web"] and CLOUDS[cloud] in jobs["hosts/web"]
    assert {"own/records", "own/endpoints"} <= set(jobs)
    assert [name for name in jobs if name.startswith(("own/cloudwatch", "own/azure", "own/stackdriver"))]
    readme = (tmp_path / "README.md").read_text()
    for feed in {one.feed for one in signals.conditions} - {"plan"}:
        assert f"| {feed} |" in readme
    if cloud == "aws":
        asked = yaml.safe_load((tmp_path / "exporters/cloudwatch.yml").read_text())["discovery"]
        names = {metric["name"] for job in asked["jobs"] for metric in job["metrics"]}
        used = set(re.findall(r"aws_[a-z0-9]+_(\w+)_average", (tmp_path / "rules.yml").read_text()))
        assert {re.sub("(?<=[a-z])(?=[A-Z])", "_", name).lower() for name in names} == used
        assert set(asked["exportedTagsOnMetrics"]) == {job["type"] for job in asked["jobs"]}


@pytest.mark.real
def test_pods_are_found_in_the_cluster_and_containers_are_pushed(tmp_path: Path) -> None:
    plan = shop_plan()
    kinds = {"web": "pod", "api": "container"}
    plan = replace(plan, choices=tuple(replace(one, kind=kinds.get(one.component, one.kind)) for one in plan.choices))
    write_files(write_watch(plan), tmp_path)
    document = yaml.safe_load((tmp_path / "prometheus.yml").read_text())
    jobs = {job["job_name"]: job for job in document["scrape_configs"]}
    (found,) = jobs["web"].pop("kubernetes_sd_configs")  # Debian's Prometheus is built without it: the rest is checked
    assert found["role"] == "pod" and found["selectors"] == [{"role": "pod", "label": "app.kubernetes.io/name=web"}]
    (tmp_path / "prometheus.yml").write_text(as_yaml(document, "the rest"))
    assert tool(tmp_path, need("promtool", "prometheus"), "check", "config", "prometheus.yml").returncode == 0
    assert "api" not in jobs and "hosts/web" not in jobs
    assert "api: containers have no address to scrape" in (tmp_path / "README.md").read_text()


def test_no_job_is_called_like_a_service() -> None:
    plan = shop_plan()
    odd = [replace(one, name=name) for one, name in zip(plan.system.services, ("prometheus", "own"), strict=False)]
    named = dict(zip((one.name for one in plan.system.services), ("prometheus", "own"), strict=False))
    choices = tuple(replace(one, component=named.get(one.component, one.component)) for one in plan.choices)
    plan = replace(plan, system=replace(plan.system, services=tuple(odd)), choices=choices)
    names = [job["job_name"] for job in prometheus(plan, replace(signals_of(shop_plan())))["scrape_configs"]]
    assert len(set(names)) == len(names) and "prometheus" in names


def test_a_window_that_can_never_fire_is_no_alert() -> None:
    """With 90% a budget burns at most 10 times too fast; with 100% one bad request is too much."""
    objective = signals_of(shop_plan()).objectives[0]
    assert [burn.rate for burn in replace(objective, target=0.9).windows] == [6.0, 3.0, 1.0]
    groups = objective_groups(shop_plan(), replace(objective, target=1.0))
    limits = [rule["expr"].split("> ")[1].split("\n")[0] for one in groups for rule in one["rules"]
              if rule.get("alert") == "ErrorBudgetBurn"]  # fmt: skip
    assert limits == ["0"] * 4


def test_a_visit_ten_times_a_request_has_a_tenth_of_the_budget() -> None:
    plan = shop_plan()
    web = plan.system.services[0]
    calls = tuple(replace(call, times=10.0) if call.to == "api" else call for call in web.calls)
    system = replace(plan.system, services=(replace(web, calls=calls), *plan.system.services[1:]))
    parts = {one.objective.name: one for one in signals_of(replace(plan, system=system)).parts}
    assert parts["service-api"].visits == pytest.approx(10) and parts["service-web"].visits == pytest.approx(1)
    assert 1 - parts["service-api"].objective.target == pytest.approx(0.0001)
    whole = composite(plan, tuple(parts.values()))
    assert whole and whole["expr"].count("standfast:error_ratio:1h") == 2 and "^ 10" in whole["expr"]
