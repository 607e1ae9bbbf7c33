"""Measured promises: from a real Prometheus whose blocks were filled by hand, and from servers that lie."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from standfast.ledger import append
from standfast.operate.prometheus import Untold, asking, measured_by
from standfast.operate.status import promise_rows
from standfast.operate.textfile import as_metrics
from standfast.plan import Plan
from standfast.problem import Problems
from standfast.promise import Measured, promise_table
from tests.programs import need
from tests.shop import shop_plan as read_shop_plan

shop_plan = cache(read_shop_plan)
HOUR = 3600
END = 1_790_000_400 // 7200 * 7200  # two hours are a block
DAYS = 2.0
COUNT, BUCKET = "http_server_request_duration_seconds_count", "http_server_request_duration_seconds_bucket"


def named(system: str) -> Plan:
    plan = shop_plan()
    return replace(plan, system=replace(plan.system, name=system))


def history(system: str, bad: int, slow: int, *, gap: range = range(0), begins: int = 0, reset: int = -1,
            rate: int = 600, value: str = "") -> list[str]:  # fmt: skip
    """Lines of one system: samples each 5 minutes for DAYS, of `rate` requests of which `bad` fail and `slow` are slow.

    `gap`: minutes with no sample; `begins`: the first minute; `reset`: the counters begin anew there; `value`: what
    all counters say instead.
    """
    lines: dict[str, list[str]] = {}
    made = [0, 0, 0]
    for minute in range(0, round(DAYS * 1440) + 1, 5):
        if minute == reset:
            made = [0, 0, 0]
        made = [made[0] + rate - bad, made[1] + bad, made[2] + rate - slow]
        if minute in gap or minute < begins:
            continue
        at = END - round(DAYS * 86_400) + minute * 60
        of = f'system="{system}",service="web",http_response_status_code='
        for name, one in ((f'{COUNT}{{{of}"200"}}', made[0]), (f'{COUNT}{{{of}"500"}}', made[1]),
                          (f'{BUCKET}{{{of}"200",le="0.3"}}', made[2])):  # fmt: skip
            lines.setdefault(name, []).append(f"{name} {value or one} {at}")
    return [line for several in lines.values() for line in several]


# availability 99.9%, 95% within 300 ms are promised
SYSTEMS: dict[str, dict[str, Any]] = {
    "good": {"bad": 0, "slow": 6},
    "bad": {"bad": 3, "slow": 60},
    "reset": {"bad": 0, "slow": 6, "reset": 1440},
    "gap": {"bad": 0, "slow": 6, "gap": range(600, 900)},
    "young": {"bad": 0, "slow": 6, "begins": 1440},
    "quiet": {"bad": 0, "slow": 0, "rate": 1},
    "none": {"bad": 0, "slow": 0, "rate": 0},
    "nan": {"bad": 0, "slow": 0, "value": "NaN"},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Prometheus on loopback with what happened before END; nothing is scraped."""
    folder = tmp_path_factory.mktemp("prometheus")
    lines = [line for name, made in SYSTEMS.items() for line in history(name, **made)]
    # one family after the other, as the format asks
    lines.sort(key=lambda line: line.startswith(BUCKET))
    (folder / "history.om").write_text("\n".join([*lines, "# EOF", ""]))
    made = [need("promtool", "prometheus"), "tsdb", "create-blocks-from", "openmetrics", "history.om", "data"]
    subprocess.run(made, cwd=folder, check=True, capture_output=True, timeout=120)
    (folder / "prometheus.yml").write_text("global: {}\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [need("prometheus", "prometheus"), "--config.file=prometheus.yml", "--storage.tsdb.path=data",
               "--storage.tsdb.retention.time=100y", f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
    with (folder / "log").open("w") as log:
        running = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{url}/-/ready", timeout=2)
                break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail((folder / "log").read_text()[-2000:])
        yield url
    finally:
        running.terminate()
        running.wait(timeout=30)


def verdicts(plan: Plan, found: tuple[Measured, ...]) -> dict[str, str]:
    lines = [replace(one, predicted=one.declared) for one in plan.promises]
    table = {one.measure: one.verdict for one in promise_table(lines, found)}
    return {one.measure: table[one.measure] for one in found}


def both(availability: str, p95: str) -> dict[str, str]:
    return {"reliability.availability": availability, "performance.p95": p95}


@pytest.mark.real
@pytest.mark.parametrize(
    ("system", "expected", "said"),
    [
        ("good", both("kept", "kept"), "requests in 2 days"),
        ("bad", both("broken", "broken"), "requests in 2 days"),
        ("reset", both("kept", "kept"), "requests in 2 days"),
        ("gap", both("unknown", "unknown"), "gaps"),
        ("young", both("unknown", "unknown"), "it keeps no more, or is younger"),
        ("quiet", both("unknown", "unknown"), "say nothing of a share"),
        ("none", both("unknown", "unknown"), "say nothing of a share"),
        ("nan", both("unknown", "unknown"), ""),
        ("nobody", both("unknown", "unknown"), "no requests of this system"),
    ],
)
def test_a_real_server(server: str, system: str, expected: dict[str, str], said: str) -> None:
    found = measured_by(named(system), server, DAYS, END)
    assert verdicts(shop_plan(), found) == expected, found
    assert all(said in one.note for one in found), found
    if system in ("good", "bad"):
        (availability,) = [one for one in found if one.measure == "reliability.availability"]
        assert availability.value == pytest.approx(100 - SYSTEMS[system]["bad"] / 6, abs=0.01)


@pytest.mark.real
def test_a_window_longer_than_what_is_kept_is_unknown(server: str) -> None:
    found = measured_by(named("good"), server, 30, END)
    assert set(verdicts(shop_plan(), found).values()) == {"unknown"}
    assert all("of 30 days: it keeps no more, or is younger" in one.note for one in found)


def matrix(value: str, step: int = HOUR, series: int = 1) -> dict[str, Any]:
    points = [[END - DAYS * 86_400 + at * step, value] for at in range(1, round(DAYS * 86_400 / step) + 1)]
    return {"resultType": "matrix", "result": [{"metric": {}, "values": points}] * series}


def vector(*values: str) -> dict[str, Any]:
    return {"resultType": "vector", "result": [{"metric": {}, "value": [END, one]} for one in values]}


class Liar(BaseHTTPRequestHandler):
    """Answers each question with what the test says: (range, instant), or raw bytes."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        told = self.server.told["query_range" if "query_range" in self.path else "query"]  # ty: ignore
        body = told if isinstance(told, bytes) else json.dumps({"status": "success", "data": told}).encode()
        self.send_response(self.server.code)  # ty: ignore
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:
        pass


@pytest.fixture(scope="module")
def liar() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    server.code = 200  # ty: ignore
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask_liar(liar: ThreadingHTTPServer, ranged: Any, instant: Any, code: int = 200) -> set[str]:
    liar.told, liar.code = {"query_range": ranged, "query": instant}, code  # ty: ignore
    found = measured_by(shop_plan(), f"http://127.0.0.1:{liar.server_address[1]}", DAYS, END)
    assert len(found) == 2 and all(one.note for one in found)
    return set(verdicts(shop_plan(), found).values())


@pytest.mark.parametrize(
    ("ranged", "instant"),
    [
        (matrix("NaN"), vector("1e6")),
        (matrix("+Inf"), vector("1e6")),
        (matrix("-5"), vector("1e6")),
        (matrix("100", series=2), vector("1e6")),
        (matrix("100"), vector("NaN")),
        (matrix("100"), vector("-1")),
        (matrix("100"), vector("1e6", "1e6")),
        (matrix("100"), vector()),
        (matrix("100"), matrix("100")),
        (vector("1"), vector("1e6")),
        ({"resultType": "matrix", "result": [{"metric": {}, "values": []}]}, vector("1e6")),
        ({"resultType": "matrix", "result": [{"values": [[1, "x"]]}]}, vector("1e6")),
        ({"resultType": "matrix", "result": "no"}, vector("1e6")),
        (matrix("100", step=4 * HOUR), vector("1e6")),
        (b"<html>", b""),
        (b'{"status":"success","data":[]}', b""),
        (b'{"status":"error"}', b""),
        (b"[" * 100_000, b""),
        (b'{"status":"success","warnings":["partial"],"data":{"resultType":"matrix","result":[]}}', b""),
    ],
)
def test_a_server_that_lies_is_never_believed(liar: ThreadingHTTPServer, ranged: Any, instant: Any) -> None:
    assert ask_liar(liar, ranged, instant) == {"unknown"}


def test_what_the_liar_says_when_it_tells_the_truth_is_believed(liar: ThreadingHTTPServer) -> None:
    """All three figures are one number: every request failed, and every one was fast."""
    assert ask_liar(liar, matrix("100"), vector("1e6")) == {"broken", "kept"}
    assert ask_liar(liar, matrix("100"), vector("1e6"), code=503) == {"unknown"}


def test_a_server_that_is_down_is_unknown_and_no_address_is_a_problem() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = measured_by(shop_plan(), f"http://user:secret@127.0.0.1:{port}", DAYS, END)
    assert set(verdicts(shop_plan(), found).values()) == {"unknown"}
    assert "does not answer" in found[0].note and "secret" not in str(found)
    for url in ("prometheus:9090", "file:///etc/passwd", "http://", ""):
        with pytest.raises(Problems, match="no address"):
            asking(url)
    with pytest.raises(Untold):
        asking(f"http://127.0.0.1:{port}")("query", {"query": "1"})


def test_what_a_server_cannot_tell_hides_what_was_known_before(tmp_path: Path) -> None:
    unknown = Measured("performance.p95", None, "2026-11-28T00:00:00Z", "prometheus", "x", "down")
    table = {one.measure: one for one in promise_rows(shop_plan(), tmp_path / "none", [unknown])}
    assert table["performance.p95"].verdict == "unknown"


@pytest.mark.real
def test_figures_for_the_textfile_collector_are_what_prometheus_reads(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.sqlite"
    for sentences in (["a", "b"], ["a"]):
        append(ledger, what="drift", subject='s"hop', verdict="broken", details={"changes": sentences})
    text = as_metrics('s"hop', promise_rows(shop_plan(), ledger), ledger)
    assert 'standfast_drift_changes{system="s\\"hop"} 1\n' in text
    assert 'promise="performance.p95",verdict="kept"} 1\n' in text
    ran = subprocess.run(
        [need("promtool", "prometheus"), "check", "metrics"], input=text, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
