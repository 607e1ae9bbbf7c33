"""The rules as Prometheus' own tools see them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from standfast.files import write_files
from standfast.watch import write_watch
from standfast.watch.prometheus import as_yaml
from standfast.watch.prometheus.cases import due_after
from standfast.watch.signals import BURN_WINDOWS, signals_of
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


@pytest.mark.real
def test_an_outage_fires_exactly_the_due_pages(folder: Path) -> None:
    result = tool(folder, need("promtool", "prometheus"), "test", "rules", "rules_test.yml")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.real
@pytest.mark.parametrize(
    ("old", "new"),
    [("14.4 times", "14.4 times"), ("> 0.0144", "> 14"), ("> 0.006", "> 6"), ("severity: page", "severity: ticket")],
    ids=["untouched", "fast burn never", "slow burn never", "no page"],
)
def test_the_cases_notice_a_wrong_rule(folder: Path, old: str, new: str) -> None:
    rules = folder / "rules.yml"
    text = rules.read_text()
    assert old in text
    rules.write_text(text.replace(old, new))
    result = tool(folder, need("promtool", "prometheus"), "test", "rules", "rules_test.yml")
    assert (result.returncode == 0) == (old == new), result.stdout


def test_burn_rates_spend_the_budget_that_the_workbook_says() -> None:
    """Workbook, table 5-8: a burn of `rate` over `long` spends rate * long / 30 days of the budget."""
    for burn in BURN_WINDOWS:
        assert burn.rate * burn.long / (30 * 86_400) == pytest.approx(burn.spent)
        assert burn.short * 12 == burn.long


def test_total_outage_of_three_nines_pages_within_the_first_minute() -> None:
    availability = signals_of(shop_plan()).objectives[0]
    assert due_after(availability, BURN_WINDOWS[0], 1.0) == pytest.approx(14.4 * 0.001 * 60)
    assert due_after(availability, BURN_WINDOWS[0], 0.0144) == float("inf")


def test_every_alert_names_its_line_and_promise() -> None:
    document = yaml.safe_load({file.path: file.text for file in write_watch(shop_plan())}["rules.yml"])
    alerts = [rule for group in document["groups"] for rule in group["rules"] if "alert" in rule]
    assert {alert["alert"] for alert in alerts} == {
        "ErrorBudgetBurn", "ObjectiveNotMeasured", "InstancesMissing", "LoadNearPlan", "Watchdog",
    }  # fmt: skip
    for alert in alerts:
        assert alert["annotations"]["spec"].startswith("shop.yaml:")
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


def test_yaml_keeps_long_expressions_whole() -> None:
    text = as_yaml({"expr": "a " * 500}, "t")
    assert yaml.safe_load(text) == {"expr": "a " * 500}
