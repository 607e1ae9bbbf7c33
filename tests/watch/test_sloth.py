"""The same series through our rules and Sloth's: the same decisions, from fewer rules."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from standfast.files import write_files
from standfast.watch import write_watch
from standfast.watch.prometheus import as_yaml
from standfast.watch.prometheus.objectives import HISTOGRAM, objective_groups
from standfast.watch.signals import signals_of
from tests.programs import need
from tests.shop import shop_plan
from tests.watch.sloth import sloth_group

COUNT = f'{HISTOGRAM}_count{{system="shop",service=~"web"'
BAD = f'sum(rate({COUNT},http_response_status_code=~"5.."}}[{{window}}]))'
TOTAL = f"sum(rate({COUNT}}}[{{window}}]))"
LAG = 5  # minutes: our long windows are means of rates that look back over five


def _differ(severity: str) -> str:
    """0 where Sloth's decision of LAG minutes ago is ours of then, or ours now."""
    ours = f'ALERTS{{alertname="ErrorBudgetBurn",alertstate="firing",severity="{severity}"}}'
    theirs = f'ALERTS{{alertname="Sloth",alertstate="firing",sloth_severity="{severity}"}} offset {LAG}m'
    said = f"((count({theirs}) > bool 0) or vector(0))"
    return " * ".join(f"({said} - ((count({one}) > bool 0) or vector(0)))" for one in (ours, f"{ours} offset {LAG}m"))


def replay(folder: Path, path: str, target: float) -> tuple[int, str]:
    """Both rule sets over the cases of a file; at each minute that is looked at, what both say is one number."""
    availability = signals_of(shop_plan()).objectives[0]
    groups = [*objective_groups(shop_plan(), availability), sloth_group("shop", target, BAD, TOTAL)]
    (folder / "rules.yml").write_text(as_yaml({"groups": groups}, "both"))
    document = yaml.safe_load((folder / path).read_text())
    tests = [one for one in document["tests"] if one["name"].startswith("availability")]
    for case in tests:
        case["promql_expr_test"] = [
            {"expr": _differ(said), "eval_time": f"{int(check['eval_time'][:-1]) + LAG}m",
             "exp_samples": [{"labels": "{}", "value": 0}]}
            for check in case["promql_expr_test"] for said in ("page", "ticket")
        ]  # fmt: skip
    (folder / path).write_text(as_yaml({**document, "tests": tests}, "both"))
    ran = subprocess.run([need("promtool", "prometheus"), "test", "rules", path], cwd=folder, capture_output=True,
                         text=True, timeout=240)  # fmt: skip
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.real
@pytest.mark.parametrize("path", ["rules_test.yml", "tickets_test.yml"])
def test_both_decide_alike(tmp_path: Path, path: str) -> None:
    write_files(write_watch(shop_plan()), tmp_path)
    code, said = replay(tmp_path, path, 0.999)
    assert code == 0, said


@pytest.mark.real
def test_another_target_decides_otherwise(tmp_path: Path) -> None:
    write_files(write_watch(shop_plan()), tmp_path)
    code, said = replay(tmp_path, "tickets_test.yml", 0.9)
    assert code == 1 and "exp:" in said


def test_fewer_series_are_recorded() -> None:
    groups = objective_groups(shop_plan(), signals_of(shop_plan()).objectives[0])
    ours = [rule for group in groups for rule in group["rules"] if "record" in rule]
    theirs = sloth_group("shop", 0.999, BAD, TOTAL)["rules"]
    assert len(theirs) == 17 and len(ours) == 9
