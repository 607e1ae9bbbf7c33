"""The documents as the official client's models see them, and `push.py` against a server that keeps what it is sent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.docs.runbooks import DISRUPTIONS
from standfast.files import write_files
from standfast.plan import Plan
from standfast.problem import Problems
from standfast.watch import back_ends, write_monitors, write_watch
from standfast.watch.datadog.monitors import WATCHED
from standfast.watch.datadog.objectives import LONGEST_WINDOW, fit
from standfast.watch.datadog.words import plain
from standfast.watch.signals import BURN_WINDOWS, signals_of
from tests.programs import lacking
from tests.shop import shop_plan as read_shop_plan

HERE = Path(__file__).parent
shop_plan = cache(read_shop_plan)
HOSTILE = ['a"b', "{{value}} {{#is_alert}}x", "@all @slack-x", "x\ny", "Größe: 'x'", "${slo:availability}", "w" * 200]


def documents(plan: Plan) -> dict[str, Any]:
    return {one.path: json.loads(one.text) for one in write_watch(plan, "datadog") if one.path.endswith(".json")}


def owned(owner: str) -> Plan:
    plan = shop_plan()
    return replace(plan, system=replace(plan.system, owner=owner))


def complaints(found: dict[str, Any]) -> list[str]:
    """What the official client's models say against documents."""
    python = HERE.parent.parent / ".tools" / "datadog" / "bin" / "python"
    if not python.exists():
        lacking("the client of Datadog's API is not in .tools/datadog: run scripts/tools")
    judge = [str(python), str(HERE / "datadog_models.py")]
    ran = subprocess.run(judge, input=json.dumps(found), capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.real
def test_the_official_models_know_every_key_of_every_document() -> None:
    found = documents(shop_plan())
    assert {path.split("/")[0] for path in found} == {"slos", "monitors", "dashboards"}
    for number, owner in enumerate(HOSTILE):
        found |= {path.replace(".json", f"-{number}.json"): body for path, body in documents(owned(owner)).items()}
    assert complaints(found) == []


@pytest.mark.real
def test_the_models_notice_what_is_wrong() -> None:
    right = documents(shop_plan())
    wrong: dict[str, Any] = {}

    def spoil(path: str, name: str, keys: list[Any], value: Any) -> None:
        body = json.loads(json.dumps(right[path]))
        at = body
        for key in keys[:-1]:
            at = at[key]
        at[keys[-1]] = value
        wrong[path.replace(".json", f"-{name}.json")] = body

    slo, monitor, board = "slos/p95.json", "monitors/web-instances.json", "dashboards/promises.json"
    spoil(slo, "key", ["severity"], "page")
    spoil(slo, "type", ["type"], "metrics")
    spoil(slo, "formula", ["sli_specification", "count", "good_events_formula"], {"formulas": "good"})
    spoil(slo, "source", ["sli_specification", "count", "queries", 0, "data_source"], "metric")
    spoil(monitor, "key", ["options", "hold"], 300)
    spoil(monitor, "kind", ["type"], "metrics alert")
    spoil(monitor, "priority", ["priority"], "high")
    spoil(monitor, "missing", ["options", "on_missing_data"], "notify")
    spoil(board, "layout", ["layout_type"], "grid")
    spoil(board, "widget", ["widgets", 1, "definition", "type"], "slos")
    spoil(board, "inner", ["widgets", 3, "definition", "widgets", 0, "definition", "requests", 0, "color"], "red")
    said = complaints(wrong)
    assert [path for path in wrong if not any(line.startswith(path) for line in said)] == []


def test_every_monitor_says_promise_line_priority_and_runbook() -> None:
    plan = shop_plan()
    found = {path: body for path, body in documents(plan).items() if path.startswith("monitors/")}
    for path, body in found.items():
        told = dict(one.split(":", 1) for one in body["tags"])
        assert told["system"] == "shop" and told["env"] == "production" and told["spec"].startswith("shop.yaml_"), path
        assert body["priority"] == {"page": 1, "ticket": 3}[told["severity"]]
        assert body["message"].splitlines()[-1] == "Owner: @platform@example.com"
        (line,) = [one for one in body["message"].splitlines() if one.startswith("Runbook: ")]
        assert line.removeprefix("Runbook: ${runbooks}/") in {"README.md", *(f"{one}.md" for one in DISRUPTIONS)}
        assert float(body["query"].rsplit(" ", 1)[1]) == body["options"]["thresholds"]["critical"]
    names = [body["name"] for body in found.values()]
    assert len(set(names)) == len(names)
    signals = signals_of(plan)
    watched = [one for one in signals.conditions if one.kind in WATCHED]
    measures = {one.measure for one in (*signals.objectives, *watched)}
    assert {
        tag.partition(":")[2] for body in found.values() for tag in body["tags"] if tag.startswith("promise:")
    } == measures


@pytest.mark.parametrize(("target", "left"), [(0.999, 4), (0.95, 4), (0.93, 3), (0.9, 3), (0.8, 2), (0.2, 0)])
def test_windows_within_the_limits_spend_what_the_signals_say(target: float, left: int) -> None:
    """A burn rate above 1 / (1 - target) and a window above 48 hours are refused by the API."""
    fitted = fit(replace(signals_of(shop_plan()).objectives[0], target=target))
    assert len(fitted.windows) == left and len(fitted.windows) + len(fitted.unsaid) == len(BURN_WINDOWS) + 1
    for burn in fitted.windows:
        assert burn.long <= LONGEST_WINDOW and burn.short * 12 == burn.long and burn.rate <= 1 / (1 - target) + 1e-9
        assert burn.rate * burn.long / (30 * 86_400) == pytest.approx(burn.spent)


def test_what_is_said_otherwise_is_told() -> None:
    readme = {one.path: one.text for one in write_watch(owned("the night shift"), "datadog")}["README.md"]
    assert "is watched as 1.5 times over 48 h" in readme and "calls nobody" not in readme
    assert "no mail address" in readme


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
@settings(max_examples=200, deadline=None)
def test_text_of_people_calls_nobody_and_begins_no_template(text: str) -> None:
    shown = plain(text)
    assert "{{" not in shown and "}}" not in shown and "@" not in shown and len(shown.splitlines()) <= 1


@given(st.one_of(st.sampled_from(HOSTILE), st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)))
@settings(max_examples=60, deadline=None)
def test_a_name_is_said_as_it_is_or_refused(name: str) -> None:
    plan = shop_plan()
    web = replace(plan.system.services[0], name=name)
    plan = replace(plan, system=replace(plan.system, services=(web, *plan.system.services[1:])))
    try:
        found = documents(plan)
    except Problems as cannot:
        assert all(one.place.file and one.why and one.fix for one in cannot.problems)
        return
    query = found["slos/p95.json"]["sli_specification"]["count"]["queries"][1]["query"]
    assert query.endswith(f"service:{name.lower()}}}.as_count()")


def test_what_cannot_be_said_leaves_the_other_back_ends() -> None:
    plan = shop_plan()
    wanted = plan.system.promises
    wanted = replace(wanted, reliability=replace(wanted.reliability, availability=1.0))
    done = write_monitors(replace(plan, system=replace(plan.system, promises=wanted)))
    assert {file.path.split("/")[0] for file in done.files} == set(back_ends()) - {"datadog"}
    (problem,) = done.problems
    assert problem.warning and problem.place.short == "shop.yaml:8" and "100%" in problem.why
    twins = replace(plan.system.services[0], name="API")
    with pytest.raises(Problems, match="cannot tell"):
        write_watch(replace(plan, system=replace(plan.system, services=(*plan.system.services, twins))), "datadog")


class Kept(BaseHTTPRequestHandler):
    """The API's objectives, monitors and dashboards in memory."""

    server: Server

    def answer(self, code: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        kind, asked = split.path.split("/")[3], {key: value[0] for key, value in parse_qs(split.query).items()}
        every = [{**body, "id": known} for known, body in self.server.kept[kind].items()]
        if kind == "slo":
            first = int(asked["offset"])
            return self.answer(200, {"data": every[first : first + int(asked["limit"])]})
        if kind == "monitor":
            first, size = int(asked["page"]) * int(asked["page_size"]), int(asked["page_size"])
            return self.answer(200, every[first : first + size])
        return self.answer(200, {"dashboards": every})

    def do_POST(self) -> None:
        self.keep(f"{self.path.split('/')[3]}-{sum(map(len, self.server.kept.values()))}")

    def do_PUT(self) -> None:
        self.keep(self.path.split("/")[4])

    def keep(self, known: str) -> None:
        kind = self.path.split("/")[3]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["DD-API-KEY"] != "key" or self.headers["DD-APPLICATION-KEY"] != "app":
            return self.answer(403, {"errors": ["Forbidden"]})
        self.server.kept[kind][known] = body
        self.server.calls.append((self.command, kind))
        answered = {**body, "id": known}
        self.answer(200, {"data": [answered]} if kind == "slo" else answered)

    def log_message(self, format: str, *words: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Kept)
        self.kept: dict[str, dict[str, Any]] = {"slo": {}, "monitor": {}, "dashboard": {}}
        self.calls: list[tuple[str, str]] = []


@pytest.fixture
def api() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def push(folder: Path, api: Server, **given: str) -> subprocess.CompletedProcess[str]:
    said = {"DD_URL": f"http://127.0.0.1:{api.server_address[1]}", "DD_API_KEY": "key", "DD_APP_KEY": "app", **given}
    command = [sys.executable, "push.py", "--runbooks", "https://wiki.example.com/run/"]
    return subprocess.run(command, cwd=folder, env={**os.environ, **said}, capture_output=True, text=True, timeout=60)


def test_push_makes_all_once_and_changes_it_afterwards(tmp_path: Path, api: Server) -> None:
    write_files(write_watch(shop_plan(), "datadog"), tmp_path)
    every = len(documents(shop_plan()))
    assert push(tmp_path, api).returncode == 0
    assert [method for method, _ in api.calls] == ["POST"] * every
    first = json.dumps(api.kept)
    assert "${" not in first and "https://wiki.example.com/run/instance.md" in first
    burning = [body["query"] for body in api.kept["monitor"].values() if body["type"] == "slo alert"]
    assert {query.split('"')[1] for query in burning} == set(api.kept["slo"])
    assert push(tmp_path, api).returncode == 0
    assert [method for method, _ in api.calls[every:]] == ["PUT"] * every
    assert json.dumps(api.kept) == first


@pytest.mark.real
def test_what_is_pushed_is_what_the_models_know(tmp_path: Path, api: Server) -> None:
    write_files(write_watch(owned(HOSTILE[1]), "datadog"), tmp_path)
    assert push(tmp_path, api).returncode == 0
    kept = {f"{kind}s/{known}": body for kind, bodies in api.kept.items() for known, body in bodies.items()}
    assert complaints(kept) == []


def test_push_says_what_is_missing_and_what_was_refused(tmp_path: Path, api: Server) -> None:
    write_files(write_watch(shop_plan(), "datadog"), tmp_path)
    refused = push(tmp_path, api, DD_API_KEY="wrong")
    assert refused.returncode == 1 and "403" in refused.stderr and "Traceback" not in refused.stderr
    assert "wrong" not in refused.stderr + refused.stdout
    without = push(tmp_path, api, DD_APP_KEY="")
    assert without.returncode == 2 and "DD_APP_KEY must be set" in without.stderr
