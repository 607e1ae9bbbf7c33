"""A stand-in for Datadog's API on loopback: keeps what it is sent, records every call, refuses what Datadog would."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SCANNER = "/api/v2/sensitive-data-scanner/config"
LISTS = {  # path of a list: kind
    "/api/v1/slo": "slos",
    "/api/v1/monitor": "monitors",
    "/api/v1/dashboard": "dashboards",
    "/api/v1/synthetics/tests": "synthetics",
    "/api/v1/synthetics/tests/api": "synthetics",
    "/api/v1/logs/config/pipelines": "pipelines",
}
LONGEST_PAGE = 100


class Refused(Exception):
    """A code of HTTP and what is wrong."""


class Api(BaseHTTPRequestHandler):
    server: Server

    def handle_one(self) -> None:
        split = urlsplit(self.path)
        asked = {key: value[0] for key, value in parse_qs(split.query).items()}
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        try:
            if (self.headers["DD-API-KEY"], self.headers["DD-APPLICATION-KEY"]) != ("key", "app"):
                raise Refused(403, "Forbidden")
            answer: Any = self.server.answer(self.command, split.path, asked, body)
            code, headers = 200, {}
        except Refused as refused:
            code, answer = refused.args[0], {"errors": [refused.args[1]]}
            headers = {"X-RateLimit-Reset": "0"} if code == 429 else {}
        text = b"" if answer is None else json.dumps(answer).encode()
        self.send_response(code if text else 204)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one

    def log_message(self, format: str, *words: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    """`writes`: (method, kind) of every change; `failing`: {number of a write: code} that is refused once;
    `says`: what everything is answered with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Api)
        kinds = ("slos", "monitors", "dashboards", "synthetics", "pipelines", "groups", "rules")
        self.kept: dict[str, dict[str, Any]] = {kind: {} for kind in kinds}
        self.writes: list[tuple[str, str]] = []
        self.failing: dict[int, int] = {}
        self.sent = 0
        self.says: Any = None  # whatever is asked

    def answer(self, method: str, path: str, asked: dict[str, str], body: Any) -> Any:
        if self.says is not None:
            return self.says
        if method == "GET":
            return self.read(path, asked)
        self.sent += 1
        if code := self.failing.pop(self.sent, 0):
            raise Refused(code, "not now")
        if path == "/api/v1/synthetics/tests/delete":
            for known in body["public_ids"]:
                del self.kept["synthetics"][known]
            self.writes.append(("DELETE", "synthetics"))
            return {"deleted_tests": []}
        if path.startswith(SCANNER):
            return self.write_scanner(method, path.removeprefix(SCANNER).strip("/").split("/"), body)
        kind, known = (LISTS[path], "") if path in LISTS else (LISTS.get(path.rpartition("/")[0]), path.split("/")[-1])
        if kind is None or (known and known not in self.kept[kind]):
            raise Refused(404, f"no such thing as {path}")
        if method == "DELETE":
            del self.kept[kind][known]
            self.writes.append((method, kind))
            return {}
        if (method == "POST") == bool(known) or method == "PATCH":
            raise Refused(405, method)
        self.check(kind, body)
        known = known or f"{kind}-{len(self.kept[kind]) + 1}"
        self.kept[kind][known] = body
        self.writes.append((method, kind))
        whole = self.whole(kind, known)
        return {"data": [whole]} if kind == "slos" else whole

    def write_scanner(self, method: str, words: list[str], body: Any) -> Any:
        kind, data = words[0], body["data"]
        if data["type"] != f"sensitive_data_scanner_{kind[:-1]}" or "meta" not in body:
            raise Refused(400, "no document of JSON:API")
        if kind == "rules" and data["relationships"]["group"]["data"]["id"] not in self.kept["groups"]:
            raise Refused(400, "a rule of no group")
        known = words[1] if words[1:] else f"{kind}-{len(self.kept[kind]) + 1}"
        if (method == "PATCH") != (known in self.kept[kind]):
            raise Refused(404, known)
        self.kept[kind][known] = data["attributes"]
        self.writes.append((method, kind))
        return {"data": {"id": known, "type": data["type"], "attributes": data["attributes"]}}

    def check(self, kind: str, body: Any) -> None:
        """What the API says no to, as far as it is told in its documents."""
        text = json.dumps(body)
        if "${" in text:
            raise Refused(400, "a mark that nobody put a word for")
        if kind == "monitors":
            if abs(float(body["query"].rsplit(" ", 1)[1]) - body["options"]["thresholds"]["critical"]) > 1e-12:
                raise Refused(400, "Alert threshold does not match that used in the query")
            if body["type"] == "slo alert" and body["query"].split('"')[1] not in self.kept["slos"]:
                raise Refused(400, "no such objective")
        if kind == "synthetics" and not re.fullmatch(r"(aws|azure|gcp):[a-z0-9-]+", body["locations"][0]):
            raise Refused(400, "no such location")

    def whole(self, kind: str, known: str) -> dict[str, Any]:
        """With what Datadog adds: ids, times, and the tags in another order."""
        body = self.kept[kind][known]
        more = {"created_at": 1, "tags": sorted(body.get("tags") or [], reverse=True)}
        return {**body, **more, ("public_id" if kind == "synthetics" else "id"): known}

    def read(self, path: str, asked: dict[str, str]) -> Any:
        if path == SCANNER:
            return {"data": {"id": "c", "type": "sensitive_data_scanner_configuration"}, "included": [
                {"id": known, "type": f"sensitive_data_scanner_{kind[:-1]}", "attributes": body}
                for kind in ("groups", "rules") for known, body in self.kept[kind].items()
            ]}  # fmt: skip
        if path not in LISTS:
            kind, known = LISTS[path.rpartition("/")[0]], path.split("/")[-1]
            return self.whole(kind, known)
        kind = LISTS[path]
        every = [self.whole(kind, known) for known in self.kept[kind]]
        if wanted := asked.get("tags_query") or asked.get("monitor_tags"):
            every = [one for one in every if wanted in one["tags"]]
        if kind in ("dashboards", "pipelines"):
            names = [{key: one[key] for key in ("id", "title")} for one in every] if kind == "dashboards" else every
            return {"dashboards": names} if kind == "dashboards" else names
        size = int(asked.get("page_size") or asked["limit"])
        if size > LONGEST_PAGE:
            raise Refused(400, "too long a page")
        first = (
            int(asked["offset"]) if "offset" in asked else size * int(asked.get("page") or asked.get("page_number", 0))
        )
        page = every[first : first + size]
        return {"slos": {"data": page}, "monitors": page, "synthetics": {"tests": page}}[kind]


@contextmanager
def serving() -> Iterator[Server]:
    server = Server()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def push(folder: Path, api: Server, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    said = {"DD_URL": f"http://127.0.0.1:{api.server_address[1]}", "DD_API_KEY": "key", "DD_APP_KEY": "app", **given}
    command = [sys.executable, "push.py", "--runbooks", "https://wiki.example.com/run/", *words]
    return subprocess.run(command, cwd=folder, env={**os.environ, **said}, capture_output=True, text=True, timeout=60)
