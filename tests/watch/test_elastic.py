"""Files for the Elastic stack, held against the official client's types, a parser of pipelines, and Python's `re`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from standfast.files import write_files
from standfast.plan import Plan
from standfast.watch import private, write_watch
from standfast.watch.masks import MASKED, masks, whole
from standfast.watch.probes import probes_of
from tests.programs import lacking
from tests.shop import shop_plan as read_shop_plan

TOOLS = Path(__file__).parent.parent.parent / ".tools" / "elastic"
shop_plan = cache(read_shop_plan)
KEYS = sorted({*private.ALWAYS, *(one for several in private.KEYS.values() for one in several)})
REQUESTS = {  # the type of the request, and the parameter that the path carries
    "_ilm/policy/": ("IlmPutLifecycleRequest", "name"),
    "_ingest/pipeline/": ("IngestPutPipelineRequest", "id"),
    "_component_template/": ("ClusterPutComponentTemplateRequest", "name"),
    "_index_template/": ("IndicesPutIndexTemplateRequest", "name"),
}


def written(plan: Plan) -> dict[str, str]:
    return {one.path: one.text for one in write_watch(plan, "elastic")}


def declaring(*data: str) -> Plan:
    plan = shop_plan()
    promises = plan.system.promises
    promises = replace(promises, security=replace(promises.security, data=data))
    return replace(plan, system=replace(plan.system, promises=promises))


def tool(*words: str | Path) -> list[str]:
    if not TOOLS.exists():
        lacking("what judges files for Elastic is not in .tools/elastic: run scripts/tools")
    return [str(TOOLS / words[0]), *(str(TOOLS / word) for word in words[1:])]


def complaints(documents: dict[str, Any], folder: Path) -> str:
    """What TypeScript says of bodies as requests of the official client; it refuses keys that a type does not have."""
    kinds = TOOLS / "packages/elastic-elasticsearch-9.1.1/lib/api/types"
    lines = [f'import type * as es from "{kinds}";']
    for number, one in enumerate(documents.values()):
        (start,) = [start for start in REQUESTS if one["path"].startswith(start)]
        kind, named = REQUESTS[start]
        body = json.dumps({named: one["path"].removeprefix(start), **one["body"]})
        lines.append(f"export const a{number}: es.{kind} = {body};")
    (folder / "documents.ts").write_text("\n".join(lines))
    words = [*tool("node", "packages/typescript-5.9.3/lib/tsc.js"), "--noEmit", "--strict", "--skipLibCheck"]
    told = subprocess.run([*words, str(folder / "documents.ts")], capture_output=True, text=True, timeout=120)
    assert told.returncode in (0, 1, 2), told.stderr
    return told.stdout


def bodies(files: dict[str, str]) -> dict[str, Any]:
    return {path: json.loads(text) for path, text in files.items() if path.startswith("elasticsearch/")}


@pytest.mark.real
def test_the_official_types_know_every_key_of_every_body(tmp_path: Path) -> None:
    found = bodies(written(declaring("personal", "health", "card", "financial")))
    assert len(found) == len(REQUESTS)
    assert complaints(found, tmp_path) == ""


@pytest.mark.real
def test_the_types_notice_what_is_wrong(tmp_path: Path) -> None:
    right = bodies(written(shop_plan()))
    wrong: list[tuple[str, list[Any], Any]] = [
        ("elasticsearch/1-lifecycle.json", ["policy", "phases", "delete", "min_ages"], "90d"),
        ("elasticsearch/1-lifecycle.json", ["policy", "phases", "cool"], {"actions": {}}),
        ("elasticsearch/2-pipeline.json", ["processors", 0, "gsub", "replace"], "x"),
        ("elasticsearch/2-pipeline.json", ["processors", 0, "gsub", "pattern"], 7),
        ("elasticsearch/3-fields.json", ["template", "mappings", "properties", "app", "type"], "flat"),
        ("elasticsearch/4-template.json", ["priority"], "high"),
    ]
    for number, (path, keys, value) in enumerate(wrong):
        found = json.loads(json.dumps(right))
        at = found[path]["body"]
        for key in keys[:-1]:
            at = at[key]
        at[keys[-1]] = value
        folder = tmp_path / str(number)
        folder.mkdir()
        assert "error TS" in complaints(found, folder), (path, keys)


@pytest.mark.real
@pytest.mark.parametrize("data", [(), ("personal",), ("card", "financial", "health", "personal")])
def test_logstash_would_read_the_pipeline_and_its_patterns(data: tuple[str, ...], tmp_path: Path) -> None:
    plan = declaring(*data)
    (tmp_path / "logstash.conf").write_text(written(plan)["logstash.conf"])
    code = "import json, sys; from logstash_pipeline_parser import Pipeline as P\n"
    code += "print(json.dumps(P(open(sys.argv[1]).read()).parse(), default=str))"
    told = subprocess.run(
        [*tool("bin/python"), "-c", code, str(tmp_path / "logstash.conf")], capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
    read = json.loads(told.stdout)
    assert [section[0] for section in read] == ["input", "filter", "output"]

    def texts(node: Any) -> Iterator[str]:
        if isinstance(node, str):
            yield node
        for one in node if isinstance(node, list) else node.values() if isinstance(node, dict) else ():
            yield from texts(one)

    # the parser takes a backslash away, which Logstash leaves where it stands unless it is told otherwise
    assert {re.sub(r"\\(.)", r"\1", mask.pattern) for mask in masks(plan)} <= set(texts(read))


def test_patterns_are_plain_enough_for_three_languages() -> None:
    for mask in masks(declaring(*private.CLASSES)):
        assert "'" not in mask.pattern, "Logstash's strings would end"
        assert not re.search(r"\(\?[^:i]", mask.pattern) and "(?i)" not in mask.pattern[1:]
        assert "$" not in mask.pattern.replace("\\$", ""), "Logstash would look for a variable"


WORDS = st.lists(
    st.sampled_from(
        ["token", "pan", "company", "user", "email", ".", "_", "id", "name", "client", "address", "enduser", "Phone",
         "x", "card", "number", "source", "network", "peer", "secret", "zip", "code", "api", "key", "-", "s"]
    ),
    min_size=1, max_size=5,
).map("".join)  # fmt: skip


@given(WORDS, st.sampled_from(KEYS))
@example("pan", r"(?i)(card_?number|^pan$|cvv|cvc)")
@example("company", r"(?i)(card_?number|^pan$|cvv|cvc)")
@example("csrf_token", r"(?i)(^|[_.-])token$")
def test_a_key_is_masked_in_a_line_where_it_is_as_an_attribute(key: str, pattern: str) -> None:
    flags = re.IGNORECASE if pattern.startswith("(?i)") else re.NOFLAG
    as_attribute = re.search(pattern, key) is not None
    assert (re.fullmatch(f"(?:{whole(pattern)})", key, flags) is not None) == as_attribute


def masked(line: str, plan: Plan) -> str:
    """The line as Logstash and Elasticsearch would store it."""
    for mask in masks(plan):
        put = f'"{MASKED}"' if mask.quoted else MASKED
        line = re.sub(mask.pattern, (lambda found, put=put: found[1] + put) if mask.keeps else put, line)
    return line


SAID = {
    "level": "error", "message": "refused ada@example.com", "company": "ACME", "secret": True, "first name": "Ada",
    "user": {"email": "a@b.de", "Phone": 123}, "password": 'a"b\\', "nested": [{"api_key": "k-1", "retries": 3}],
}  # fmt: skip


def test_a_line_keeps_its_form_and_loses_what_is_private() -> None:
    line = masked(json.dumps(SAID), declaring("personal"))
    read = json.loads(line)
    assert read["message"] == f"refused {MASKED}"
    assert (read["level"], read["company"], read["nested"][0]["retries"]) == ("error", "ACME", 3)
    assert [read["user"]["email"], read["user"]["Phone"], read["password"], read["secret"]] == [MASKED] * 4
    assert read["nested"][0]["api_key"] == MASKED
    plain = masked('login user=7 token=abc password="a b" status=401 mail=x@y.org', declaring())
    assert plain == f"login user=7 token={MASKED} password={MASKED} status=401 mail=x@y.org"
    assert "4111111111111111" in masked("paid with 4111111111111111", declaring("personal"))
    assert "4111111111111111" not in masked("paid with 4111111111111111", declaring("card"))


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=20) | st.integers() | st.booleans(), max_size=4))
@example({"": 4000000000000})
@example({"paid": 4111111111111111, "said": '":4111111111111111'})
def test_any_json_stays_json(said: dict[str, Any]) -> None:
    line = json.dumps(said)
    stored = masked(line, declaring("personal", "card"))
    assert json.loads(stored) == said if stored == line else MASKED in stored and isinstance(json.loads(stored), dict)


def test_kibana_finds_what_its_objects_refer_to() -> None:
    objects = [json.loads(line) for line in written(shop_plan())["kibana/objects.ndjson"].splitlines()]
    before: set[tuple[str, str]] = set()
    for one in objects:
        for reference in one["references"]:
            assert (reference["type"], reference["id"]) in before, "what is needed stands before"
        before.add((one["type"], one["id"]))
        for key, text in one["attributes"].items():
            if key.endswith("JSON"):
                json.loads(text)
    (board,) = [one for one in objects if one["type"] == "dashboard"]
    panels = {f"{one['panelIndex']}:{one['panelRefName']}" for one in json.loads(board["attributes"]["panelsJSON"])}
    assert panels == {one["name"] for one in board["references"]}


def test_an_error_page_is_due_where_the_budget_burns_fast_enough() -> None:
    plan = shop_plan()
    rule = json.loads(written(plan)["kibana/rules/errors.json"])["body"]
    wanted = plan.system.promises
    per_second = rule["params"]["threshold"][0] / 300 / wanted.scalability.average
    budget = 1 - wanted.reliability.availability
    assert per_second / budget == pytest.approx(14.4, rel=0.01)


def test_logs_are_kept_as_long_as_the_plan_says() -> None:
    plan = shop_plan()
    (kept,) = [choice.size["retention_days"] for choice in plan.choices if choice.kind == "logs"]
    body = json.loads(written(plan)["elasticsearch/1-lifecycle.json"])["body"]
    assert body["policy"]["phases"]["delete"]["min_age"] == f"{kept}d"


def test_the_readme_names_every_variable(tmp_path: Path) -> None:
    files = written(shop_plan())
    text = files["filebeat.yml"] + files["logstash.conf"] + files["heartbeat.yml"]
    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(re.findall(r"`([A-Z_]+)`", files["README.md"]))
    kinds = [one["type"] for one in yaml.safe_load(files["filebeat.yml"])["filebeat.inputs"]]
    assert kinds == ["tcp", "aws-cloudwatch"]


class Server(ThreadingHTTPServer):
    """Keeps what it is sent, as both products in one; knows a rule once it was made."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.kept: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.refuses = ""


class Handler(BaseHTTPRequestHandler):
    server: Server

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append(f"{self.command} {self.path}")
        if self.server.refuses and self.server.refuses in self.path:
            return self.say(400, {"error": "no such field"})
        if self.headers["Authorization"] != "ApiKey k" or self.headers["kbn-xsrf"] is None:
            return self.say(401, {})
        if self.command == "GET" and self.path not in self.server.kept:
            return self.say(404, {})
        if self.command == "POST" and self.path in self.server.kept and "/rule/" in self.path:
            return self.say(409, {})
        self.server.kept[self.path] = body
        count = body.count(b'"attributes"')
        self.say(200, {"success": True, "successCount": count} if "_import" in self.path else {"acknowledged": True})

    do_GET = do_PUT = do_POST = answer

    def say(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def push(folder: Path, url: str, **more: str) -> subprocess.CompletedProcess[str]:
    here = {
        "PATH": os.environ["PATH"],
        "ELASTICSEARCH_URL": url,
        "KIBANA_URL": url + "/",
        "ELASTIC_API_KEY": "k",
        **more,
    }
    return subprocess.run([sys.executable, folder / "push.py"], env=here, capture_output=True, text=True, timeout=60)


def test_it_is_sent_and_sent_again(server: Server, tmp_path: Path) -> None:
    write_files(write_watch(shop_plan(), "elastic"), tmp_path)
    url = f"http://127.0.0.1:{server.server_port}"
    first = push(tmp_path, url)
    assert (first.returncode, first.stderr) == (0, "")
    order = [line.split("/")[1] for line in server.asked[:4]]
    assert order == ["_ilm", "_ingest", "_component_template", "_index_template"], "what one needs comes before it"
    rules = len(list((tmp_path / "kibana/rules").glob("*.json")))
    assert first.stdout.count("made ") == rules
    again = push(tmp_path, url)
    assert (again.returncode, again.stdout.count("changed ")) == (0, rules)
    fixed = [json.loads(body) for path, body in server.kept.items() if "/rule/" in path]
    assert all("rule_type_id" not in body for body in fixed), "what a rule is cannot be sent again"


def test_what_is_refused_is_said(server: Server, tmp_path: Path) -> None:
    write_files(write_watch(shop_plan(), "elastic"), tmp_path)
    url = f"http://127.0.0.1:{server.server_port}"
    server.refuses = "_component_template"
    refused = push(tmp_path, url)
    assert refused.returncode == 1 and "no such field" in refused.stderr and "Traceback" not in refused.stderr
    assert push(tmp_path, url, ELASTIC_API_KEY="").returncode == 2
    assert push(tmp_path, "file:///etc").returncode == 1
    server.refuses = ""
    away = push(tmp_path, "http://127.0.0.1:9")
    assert away.returncode == 1 and "Traceback" not in away.stderr


def test_heartbeat_asks_what_users_reach_and_a_rule_reads_it() -> None:
    files = written(shop_plan())
    (one,) = yaml.safe_load(files["heartbeat.yml"])["heartbeat.monitors"]
    (probe,) = probes_of(shop_plan())
    assert one["urls"] == ["https://${DOMAIN}/healthz"] and one["check.response"] == {"status": [probe.status]}
    assert (one["schedule"], one["timeout"], one["max_redirects"]) == ("@every 60s", "10s", 0)
    rule = json.loads(files["kibana/rules/outside-web.json"])["body"]
    assert rule["params"]["index"] == ["heartbeat-*"] and rule["params"]["timeWindowSize"] == 3
    assert {"term": {"monitor.id": one["id"]}} in json.loads(rule["params"]["esQuery"])["query"]["bool"]["filter"]
    assert set(re.findall(r"\$\{([A-Z_]+)\}", files["heartbeat.yml"])) == {
        "DOMAIN", "PLACE", "ELASTICSEARCH_URL", "ELASTICSEARCH_API_KEY"
    }  # fmt: skip
