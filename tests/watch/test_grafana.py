"""Dashboards: read back by Grafana's own models, and every expression evaluated by Prometheus' own engine."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models import units

from standfast.files import write_files
from standfast.markdown import text
from standfast.plan import Plan
from standfast.problem import Place
from standfast.watch import write_watch
from standfast.watch.grafana import write
from standfast.watch.grafana.panels import RUNBOOKS, plain, quoted, told
from standfast.watch.links import UID, panel_id, uid
from standfast.watch.prometheus.rules import BACKUP_LOG, FOUND, RECORDS
from standfast.watch.signals import signals_of
from tests.programs import need
from tests.shop import shop_plan

HOSTILE = [
    'a"b\\c',
    "{{ $labels.x }}",
    "${__user.email} $__from [[a]]",
    "Größe\n# head\n| x |",
    "<b>x</b> `y` [a](javascript:1)",
]


def boards(plan: Plan) -> dict[str, Any]:
    files = write_watch(plan, "grafana")
    return {Path(one.path).stem: json.loads(one.text) for one in files if one.path.endswith(".json")}


@cache
def shop_boards() -> dict[str, Any]:
    return boards(shop_plan())


def queries(found: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(where, expression) of every panel and of every mark on the graphs."""
    for name, board in found.items():
        for panel in board["panels"]:
            for target in panel.get("targets", ()):
                yield f"{name}: {panel['title']} {target['refId']}", target["expr"]


def rules() -> dict[str, Any]:
    return yaml.safe_load({one.path: one.text for one in write_watch(shop_plan())}["rules.yml"])


def lost(ours: Any, theirs: Any, at: str = "") -> Iterator[str]:
    """What we wrote and a model did not take over."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key, value in ours.items():
            if key not in theirs:
                yield from () if value is None else (f"{at}.{key}",)
            else:
                yield from lost(value, theirs[key], f"{at}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from lost(one, other, f"{at}[{index}]")
    elif ours != theirs:
        yield f"{at}: {ours!r} became {theirs!r}"


def read_back(model: Any, written: Any) -> Any:
    return json.loads(JSONEncoder().encode(model.from_json(written)))


def test_grafanas_models_take_over_every_word() -> None:
    register_default_plugins()
    known_units = {value for name, value in vars(units).items() if isinstance(value, str) and name[0] != "_"}
    for name, board in shop_boards().items():
        assert list(lost(board, read_back(models.Dashboard, board))) == [], name
        for panel in board["panels"]:
            assert panel["fieldConfig"]["defaults"].get("unit", "short") in known_units
            for one in panel.get("transformations", ()):
                assert list(lost(one, read_back(models.DataTransformerConfig, one))) == []
            for one in [*panel["links"], *board["links"]]:
                assert list(lost(one, read_back(models.DashboardLink, one))) == []


def test_a_word_that_grafana_does_not_know_is_noticed() -> None:
    register_default_plugins()
    board = json.loads(json.dumps(shop_boards()["shop_overview"]))
    board["panels"][0]["fieldConfig"]["defaults"]["units"] = "s"
    board["panels"][0]["options"]["colourMode"] = "value"
    found = list(lost(board, read_back(models.Dashboard, board)))
    assert [one.rpartition(".")[2] for one in found] == ["units", "colourMode"]


def test_ids_are_unique_stable_and_panels_do_not_overlap() -> None:
    assert len({board["uid"] for board in shop_boards().values()}) == len(shop_boards())
    for board in shop_boards().values():
        assert UID.fullmatch(board["uid"])
        ids = [panel["id"] for panel in board["panels"]]
        assert len(set(ids)) == len(ids) and all(0 < one < 2**31 for one in ids)
        cells = [
            (x, y)
            for place in (panel["gridPos"] for panel in board["panels"])
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ]
        assert len(set(cells)) == len(cells) and max(x for x, _ in cells) < 24
    assert panel_id("load") == 621208605  # a link in an old mail still leads there
    assert uid("a-service", "overview") != uid("a", "service-overview")
    assert UID.fullmatch(uid("x" * 63, "overview")) and uid("x" * 63, "overview") != uid("x" * 63, "objectives")


def test_every_expression_reads_only_what_is_recorded_or_asked_for() -> None:
    readme = {one.path: one.text for one in write_watch(shop_plan())}["README.md"]
    recorded = {rule["record"] for group in rules()["groups"] for rule in group["rules"] if "record" in rule}
    exported = set(re.findall(r"`(http_\w+)`", readme))
    assert exported
    known = recorded | {name + end for name in exported for end in ("_bucket", "_count", "_sum")} | {"up", "ALERTS"}
    known |= {
        BACKUP_LOG,
        *FOUND.values(),
        *(metric for metric, _ in RECORDS.values()),
    }  # written by Standfast's own verbs
    known |= {"probe_ssl_earliest_cert_expiry", "probe_success", "probe_http_duration_seconds"}
    known |= {"node_textfile_mtime_seconds"}  # blackbox and node exporters
    marks = [one["expr"] for board in shop_boards().values() for one in board["annotations"]["list"]]
    for expr in [*(expr for _, expr in queries(shop_boards())), *marks]:
        assert metrics(promql_parser.parse(expr)) <= known, expr


def metrics(node: Any) -> set[str]:
    """The names of metrics below a node of a parsed expression, each with the system as a label."""
    if isinstance(node, promql_parser.MatrixSelector):
        return metrics(node.vector_selector)
    if isinstance(node, promql_parser.VectorSelector):
        labels = {one.name: one.value for one in node.matchers.matchers}
        assert labels["system"] == "shop"
        return {node.name}
    below = [getattr(node, name, None) for name in ("lhs", "rhs", "expr")] + list(getattr(node, "args", None) or [])
    return set().union(*(metrics(one) for one in below if isinstance(one, promql_parser.Expr)))


MINUTES = 60
SECONDS = ("0.05", "0.1", "0.3", "0.8", "+Inf")


def samples() -> list[dict[str, str]]:
    """An hour: each instance answers 10 requests/s, one in a hundred with 500, nine in ten within 50 ms."""
    series: list[dict[str, str]] = []
    for choice in shop_plan().choices:
        if choice.kind != "server":
            continue
        for one in range(choice.count):
            labels = f'system="shop",service="{choice.component}",instance="i-{one}",zone="z{one % 3}"'
            name = "http_server_request_duration_seconds"
            series.append({"series": f"up{{{labels}}}", "values": f"1x{MINUTES}"})
            for status, share in (("200", 594), ("500", 6)):
                code = f'{labels},http_response_status_code="{status}"'
                series.append({"series": f"{name}_count{{{code}}}", "values": f"0+{share}x{MINUTES}"})
                series.append({"series": f"{name}_sum{{{code}}}", "values": f"0+{share * 0.05:g}x{MINUTES}"})
                for at, bound in enumerate(SECONDS):
                    reached = share * (0.9 if at == 0 else 1)
                    bucket = f'{name}_bucket{{{code},le="{bound}"}}'
                    series.append({"series": bucket, "values": f"0+{reached:g}x{MINUTES}"})
    return [*series, *figures()]


def figures() -> list[dict[str, str]]:
    """What exporters tell, by the names that they give it; a certificate that ends in ten days."""
    host, store = 'system="shop",component="{}",instance="i-0"', 'tag_system="shop",tag_component="{}"'
    probed = 'system="shop",service="web",instance="https://shop.test/healthz",place="DE"'
    told = {f"probe_ssl_earliest_cert_expiry{{{probed}}}": MINUTES * 60 + 864_000, f"probe_success{{{probed}}}": 1}
    for phase, seconds in (("resolve", 9), ("connect", 9), ("tls", 9), ("processing", 0.15), ("transfer", 0.05)):
        told[f'probe_http_duration_seconds{{{probed},phase="{phase}"}}'] = seconds
    for one in ("web", "api"):
        of = host.format(one)
        for name, value in (("MemAvailable", 2), ("MemTotal", 8)):
            told[f"node_memory_{name}_bytes{{{of}}}"] = value
        for name, value in (("avail_bytes", 40), ("size_bytes", 50), ("device_error", 0)):
            told[f'node_filesystem_{name}{{{of},fstype="ext4"}}'] = value
        for name in ("receive_errs", "transmit_errs"):
            told[f"node_network_{name}_total{{{of}}}"] = 0
    gib = 2**30
    told |= {
        f"aws_rds_cpuutilization_average{{{store.format('orders')}}}": 40,
        f"aws_rds_freeable_memory_average{{{store.format('orders')}}}": 8 * gib,
        f"aws_rds_free_storage_space_average{{{store.format('orders')}}}": 100 * gib,
        f"aws_rds_database_connections_average{{{store.format('orders')}}}": 324,
        f"aws_elasticache_engine_cpuutilization_average{{{store.format('sessions')}}}": 5,
        f'aws_elasticache_engine_cpuutilization_average{{{store.format("sessions")},node="2"}}': 4,
        f"aws_elasticache_database_memory_usage_percentage_average{{{store.format('sessions')}}}": 70,
        f"aws_s3_bucket_size_bytes_average{{{store.format('images')}}}": 512 * gib,
        'standfast_backup_timestamp_seconds{system="shop",store="orders",copy="near"}': MINUTES * 60 - 600,
        'standfast_backup_timestamp_seconds{system="shop",store="orders",copy="offsite"}': MINUTES * 60 - 600,
        'standfast_backup_log_timestamp_seconds{system="shop",store="orders",copy="near"}': MINUTES * 60 - 30,
        'standfast_backup_log_timestamp_seconds{system="shop",store="orders",copy="offsite"}': MINUTES * 60 - 90,
        'standfast_restore_test_timestamp_seconds{system="shop",store="orders"}': MINUTES * 60 - 1_200,
        'standfast_backup_wrong{system="shop",store="orders",copy="near"}': 0,
        'standfast_restore_test_failed{system="shop",store="orders"}': 0,
        'standfast_drift_changes{system="shop"}': 0,
        'standfast_audit_failed_checks{system="shop"}': 0,
        'node_textfile_mtime_seconds{system="shop",file="/d/standfast_backup.prom"}': MINUTES * 60 - 30,
    }
    flat = [{"series": name, "values": f"{value}x{MINUTES}"} for name, value in told.items()]
    rising = [
        {"series": f"{name}{{{host.format(one)}{more}}}", "values": f"0+{step}x{MINUTES}"}
        for one in ("web", "api")
        for name, more, step in (
            ("node_cpu_seconds_total", ',cpu="0",mode="idle"', 45),
            ("node_pressure_cpu_waiting_seconds_total", "", 3),
            ("node_pressure_io_waiting_seconds_total", "", 3),
            ("node_time_seconds", "", 60),
        )
    ]
    return flat + rising


def evaluate(folder: Path, expected: list[tuple[str, list[dict[str, Any]]]]) -> subprocess.CompletedProcess[str]:
    """promtool, over the rules and the samples above: each expression has exactly this value at the end."""
    write_files(write_watch(shop_plan()), folder)
    cases = [{"expr": expr, "eval_time": f"{MINUTES}m", "exp_samples": values} for expr, values in expected]
    test = {"interval": "1m", "input_series": samples(), "promql_expr_test": cases}
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "30s", "tests": [test]}
    (folder / "panels_test.yml").write_text(json.dumps(document))
    words = [need("promtool", "prometheus"), "test", "rules", "panels_test.yml"]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=120)


def expr_of(board: str, title: str, at: int = 0) -> str:
    return next(one for one in shop_boards()[board]["panels"] if one["title"] == title)["targets"][at]["expr"]


def labelled(value: float, **labels: str) -> list[dict[str, Any]]:
    inside = ",".join(f'{name}="{one}"' for name, one in sorted(labels.items()))
    return [{"labels": f"{{{inside}}}", "value": value}]


def of_host(resource: str, value: float) -> list[dict[str, Any]]:
    return labelled(value, system="shop", component="web", resource=resource, feed="hosts")


def of_store(store: str, resource: str, value: float) -> list[dict[str, Any]]:
    return labelled(value, system="shop", component=store, resource=resource, feed="stores")


def has_data(expr: str) -> str:
    """1 where at least one value is a number (NaN is not equal to itself), else nothing."""
    return f"count(({expr}) == ({expr})) > bool 0"


@pytest.mark.real
def test_every_query_of_every_panel_has_data_and_means_what_it_says(tmp_path: Path) -> None:
    """Figures worked out by hand: 3 + 6 instances, 10 requests/s each, 1% bad, 50 ms each; a target of 99.9%."""
    web, api = "shop_service-web", "shop_service-api"
    budget, orders = expr_of("shop_overview", "availability: budget left"), "shop_store-orders"
    together = expr_of("shop_objectives", "Share of requests that each service fails", 2)
    expected = [
        (f"round({expr_of(web, 'Share of requests that fail')}, 0.000001)", [{"labels": "{}", "value": 0.01}]),
        (f"round(sum({expr_of(web, 'Requests, by status')}), 0.001)", [{"labels": "{}", "value": 30}]),
        (f"round(sum({expr_of(api, 'Requests, by status')}), 0.001)", [{"labels": "{}", "value": 60}]),
        (f"round(max({expr_of(api, 'Requests in work, per instance')}), 0.000001)", [{"labels": "{}", "value": 0.5}]),
        (expr_of(api, "Instances that answer"), [{"labels": "{}", "value": 6}]),
        (f"round({expr_of('shop_cost', 'Cost at this size, USD a month')})", labelled(3034, system="shop")),
        (f"round({expr_of(web, 'Processors busy')}, 0.001)", of_host("cpu", 0.25)),
        (f"round({expr_of(web, 'Work that waits')}, 0.001)", of_host("waiting", 0.1)),
        (f"round({expr_of(web, 'Fullest disk')}, 0.001)", of_host("disk", 0.2)),
        (f"round({expr_of(web, 'Memory taken')}, 0.001)", of_host("memory", 0.75)),
        # of 400 GiB 100 are free, of 32 GiB of memory 8, and nine tenths of 32 GiB hold 3244 connections
        (f"round({expr_of(orders, 'Storage taken')}, 0.001)", of_store("orders", "storage", 0.75)),
        (f"round({expr_of(orders, 'Memory taken')}, 0.001)", of_store("orders", "memory", 0.75)),
        (f"round({expr_of(orders, 'Connections open')}, 0.001)", of_store("orders", "connections", 0.1)),
        (f"round({expr_of('shop_store-images', 'Storage taken')}, 0.001)", of_store("images", "storage", 0.25)),
        (expr_of("shop_recovery", "Newest point to return to"), [{"labels": "{}", "value": 90}]),
        # connected once: what is worked and what is sent
        (f"round({expr_of(web, 'Answer time from outside')}, 0.001)", [{"labels": "{}", "value": 0.2}]),
        (expr_of("shop_overview", "Certificate ends in"), [{"labels": "{}", "value": 864_000}]),
        # each request visits both, 1% of each fails: 1 - 0.99 * 0.99
        (f"round({together}, 0.0001)", labelled(0.0199, system="shop")),
        # no feed lacks anything, and no condition but the certificate's and the budgets' is wrong
        (
            'count by (alertname) (ALERTS{alertname!~"ErrorBudgetBurn|Watchdog"})',
            [{"labels": '{alertname="CertificateEnds"}', "value": 1}],
        ),
        # of 100% bad requests 0.1% are allowed: 1% bad has spent ten budgets
        (f"round(sum({budget}), 0.01)", [{"labels": "{}", "value": -9}]),
        (
            f"round(sum({expr_of('shop_objectives', 'availability: how fast the budget burns')}), 0.01)",
            [{"labels": "{}", "value": 10}],
        ),
        # 9 in 10 within 50 ms, all within 100: the median of the first bucket is at 5/9 of it, p95 half way up the next
        (f"round({expr_of(web, 'Latency')}, 0.0001)", [{"labels": "{}", "value": 0.0278}]),
        (f"round({expr_of(web, 'Latency', 1)}, 0.0001)", [{"labels": "{}", "value": 0.075}]),
    ]
    found = [expr for _, expr in queries(shop_boards())]
    assert len(found) > 30
    expected += [(has_data(expr), [{"labels": "{}", "value": 1}]) for expr in found]
    # that this can fail: what does not exist, and what is not a number, is no data
    expected += [(has_data('up{system="other"}'), []), (has_data("0 * standfast:errors:rate5m / 0"), [])]
    result = evaluate(tmp_path, expected)
    assert result.returncode == 0, result.stdout + result.stderr


def test_latency_leads_to_traces_and_nothing_else_asks_for_them() -> None:
    asked = {
        (panel["title"], target["exemplar"])
        for board in shop_boards().values() for panel in board["panels"] for target in panel.get("targets", ())
        if "exemplar" in target
    }  # fmt: skip
    assert asked == {("Latency", True)}


def test_limits_are_those_that_were_promised() -> None:
    def steps(board: str, title: str) -> list[float]:
        panel = next(one for one in shop_boards()[board]["panels"] if one["title"] == title)
        return [one["value"] for one in panel["fieldConfig"]["defaults"]["thresholds"]["steps"][1:]]

    assert steps("shop_service-web", "Latency") == [0.3]
    assert steps("shop_service-api", "Latency") == []
    assert steps("shop_service-web", "Share of requests that fail") == [pytest.approx(0.001)]
    assert steps("shop_service-api", "Instances that answer") == [6]
    assert steps("shop_overview", "Load") == [1680, 2100]
    assert steps("shop_cost", "Cost at this size, USD a month") == [6000]
    assert steps("shop_store-orders", "Storage taken") == [0.85]
    assert steps("shop_recovery", "Newest point to return to") == [300]
    assert steps("shop_objectives", "availability: how fast the budget burns") == [1, 3, 6, 14.4]


def test_every_alert_leads_to_a_panel_that_shows_what_it_judges_and_to_a_runbook() -> None:
    panels = {(board["uid"], panel["id"]): panel for board in shop_boards().values() for panel in board["panels"]}
    for group in rules()["groups"]:
        for alert in (rule for rule in group["rules"] if "alert" in rule):
            said = alert["annotations"]
            panel = panels[said["__dashboardUid__"], int(said["__panelId__"])]
            assert said["dashboard"] == f"/d/{said['__dashboardUid__']}?viewPanel={said['__panelId__']}"
            shown = set().union(*(names(target["expr"]) for target in panel["targets"]))
            page = said["runbook"].removeprefix("docs/runbooks/")
            assert f"{RUNBOOKS}/{page}" in [one["url"] for one in panel["links"]], alert["alert"]
            assert page in RUNBOOK_PAGES
            # vector(1); what is recorded from it; how many figures there are of many names
            if alert["alert"] not in ("Watchdog", "ObjectiveNotMeasured", "SignalsNotFed"):
                assert names(alert["expr"]) <= shown | {"standfast:requests:rate5m"}
                assert alert["labels"].get("component", "shop") in ("shop", *SHOWN.findall(str(panel)))


SHOWN = re.compile(r'(?:service|component|store)="(\w+)"')
RUNBOOK_PAGES = ("README.md", "instance.md", "zone.md", "region.md", "corruption.md")


def names(expr: str) -> set[str]:
    """Metrics of an expression, whichever window: the panel shows all windows."""
    return {re.sub(r"error_ratio:\w+", "error_ratio", name) for name in re.findall(r"[a-z_]\w*(?::\w+)*(?=\{)", expr)}


def test_runbooks_that_are_linked_are_written() -> None:
    from standfast.blueprint import make_blueprints
    from standfast.docs import write_docs

    pages = {one.path for one in write_docs(shop_plan(), make_blueprints(shop_plan()))}
    assert {f"runbooks/{page}" for page in RUNBOOK_PAGES} <= pages
    linked = set(re.findall(rf"{RUNBOOKS}/([\w.]+)", json.dumps(shop_boards())))
    assert linked and linked <= set(RUNBOOK_PAGES)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_text_stays_text(hostile: str) -> None:
    register_default_plugins()
    plan = shop_plan()
    place = Place(hostile, 3, 1)
    system = replace(plan.system, name=hostile, owner=hostile, place=place)
    system = replace(system, services=tuple(replace(one, place=place) for one in system.services))
    choices = tuple(replace(one, place=place, offer=hostile) for one in plan.choices)
    found = boards(replace(plan, system=system, choices=choices))
    variable = re.compile(r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)")  # what Grafana replaces
    for board in found.values():
        assert UID.fullmatch(board["uid"])
        assert list(lost(board, read_back(models.Dashboard, board))) == []
        shown, markdown = [board["title"], *board["tags"]], [board["description"]]
        for panel in board["panels"]:
            shown.append(panel["title"])
            markdown += [panel["description"], panel["options"].get("content", "")]
            for target in panel.get("targets", ()):
                assert "\n" not in target["expr"]
                promql_parser.parse(target["expr"])
                assert hostile in promql_strings(target["expr"]) or "system=" not in target["expr"]
                shown.append(target["legendFormat"])
        assert not [one for one in shown + markdown if variable.search(one)]
        assert not [one for one in markdown if "<b>" in one or re.search(r"(?<!\\)\]\(javascript", one)]


def promql_strings(expr: str) -> list[str]:
    return [json.loads(found) for found in re.findall(r'"(?:[^"\\]|\\.)*"', expr)]


@pytest.mark.real
def test_hostile_names_are_labels_to_prometheus(tmp_path: Path) -> None:
    series = [f"up{{system={quoted(one)}}}" for one in HOSTILE]
    test = {
        "interval": "1m",
        "input_series": [{"series": one, "values": f"{at}x5"} for at, one in enumerate(series)],
        "promql_expr_test": [
            {"expr": f"sum({one})", "eval_time": "1m", "exp_samples": [{"labels": "{}", "value": at}]}
            for at, one in enumerate(series)
        ],
    }
    (tmp_path / "t.yml").write_text(json.dumps({"tests": [test]}))
    words = [need("promtool", "prometheus"), "test", "rules", "t.yml"]
    result = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr


def test_plain_and_told_leave_ordinary_text_alone() -> None:
    for one in ("shop", "shop.yaml:14", "Größe 5 %", "a-b_c"):
        assert plain(one) == one
        assert told(one) == text(one)


def test_a_target_of_all_requests_has_no_budget_to_divide_by() -> None:
    signals = signals_of(shop_plan())
    whole = replace(signals, objectives=tuple(replace(one, target=1.0) for one in signals.objectives))
    found = {one.path: json.loads(one.text) for one in write(shop_plan(), whole) if one.path.endswith(".json")}
    exprs = [expr for _, expr in queries(found)]
    assert not [expr for expr in exprs if re.search(r"/ 0$", expr)]
    titles = {panel["title"] for panel in found["dashboards/shop_objectives.json"]["panels"]}
    assert "availability: bad requests" in titles and "availability: budget left" not in titles


def test_provisioning_is_what_grafana_reads() -> None:
    files = {one.path: one.text for one in write_watch(shop_plan(), "grafana")}
    (provider,) = yaml.safe_load(files["provisioning/dashboards/shop_standfast.yaml"])["providers"]
    prometheus, alertmanager = yaml.safe_load(files["provisioning/datasources/shop_standfast.yaml"])["datasources"]
    assert provider["options"]["path"] in files["README.md"]
    assert prometheus["jsonData"]["alertmanagerUid"] == alertmanager["uid"]
    used = {json.dumps(target["datasource"]) for board in shop_boards().values() for panel in board["panels"]
            for target in panel.get("targets", ())}  # fmt: skip
    assert used == {json.dumps({"type": prometheus["type"], "uid": prometheus["uid"]})}
    assert not [name for name in files if name.startswith("provisioning/") and re.search(r"(?<!\$)\$\w", files[name])]


def test_the_same_plan_gives_the_same_bytes() -> None:
    assert write_watch(shop_plan(), "grafana") == write_watch(shop_plan(), "grafana")
