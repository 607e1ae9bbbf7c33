"""Send the objectives, monitors and dashboards beside this file to Datadog; what stands there by name is changed.

Python's own library only. DD_API_KEY and DD_APP_KEY come from the environment, DD_SITE too (datadoghq.com without).
Exits 0 when all is there, 1 when Datadog refused something, 2 when there is nothing to begin with.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

PAGE = 100  # documents asked for at once


def call(method: str, path: str, body: Any = None) -> Any:
    """One request to the API, and what it answers."""
    # DD_URL: another place than Datadog's own, such as a proxy
    base = os.environ.get("DD_URL") or f"https://api.{os.environ.get('DD_SITE') or 'datadoghq.com'}"
    headers = {
        "DD-API-KEY": os.environ["DD_API_KEY"],
        "DD-APPLICATION-KEY": os.environ["DD_APP_KEY"],
        "Content-Type": "application/json",
    }
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}/api/v1/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def standing_slos() -> dict[str, str]:
    """Name -> id of the objectives that Standfast keeps there."""
    found: dict[str, str] = {}
    while True:
        query = urllib.parse.urlencode({"tags_query": "managed_by:standfast", "limit": PAGE, "offset": len(found)})
        page = call("GET", f"slo?{query}")["data"]
        before = len(found)
        found.update((one["name"], one["id"]) for one in page)
        if len(page) < PAGE or len(found) == before:
            return found


def standing_monitors() -> dict[str, str]:
    """Name -> id of the monitors that Standfast keeps there."""
    found: dict[str, str] = {}
    number = 0
    while True:
        query = {"monitor_tags": "managed_by:standfast", "page": number, "page_size": PAGE}
        page = call("GET", f"monitor?{urllib.parse.urlencode(query)}")
        found.update((one["name"], str(one["id"])) for one in page)
        if len(page) < PAGE:
            return found
        number += 1


def standing_dashboards() -> dict[str, str]:
    """Title -> id of all dashboards: they are not found by tag."""
    return {one["title"]: one["id"] for one in call("GET", "dashboard")["dashboards"]}


def put(kind: str, name: str, body: Any, standing: dict[str, str]) -> Any:
    """Change what is there under this name, else make it."""
    known = standing.get(name)
    answer = call("PUT", f"{kind}/{known}", body) if known else call("POST", kind, body)
    print(f"{'changed' if known else 'made'}  {kind}  {name}")
    return answer


def documents(kind: str) -> list[tuple[str, Any]]:
    """The documents of a folder beside this file, by the name of their file."""
    folder = Path(__file__).parent / kind
    return [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.json"))]


def push(runbooks: str) -> None:
    ids, standing = {}, standing_slos()
    for name, body in documents("slos"):
        ids[name] = put("slo", body["name"], body, standing)["data"][0]["id"]
    standing = standing_monitors()
    for _, body in documents("monitors"):
        for name, known in ids.items():
            body["query"] = body["query"].replace(f"${{slo:{name}}}", known)
        body["message"] = body["message"].replace("${runbooks}", runbooks)
        put("monitor", body["name"], body, standing)
    standing = standing_dashboards()
    for _, body in documents("dashboards"):
        put("dashboard", body["title"], body, standing)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runbooks", default="docs/runbooks", help="where the folder docs/runbooks can be read")
    given = parser.parse_args()
    missing = [name for name in ("DD_API_KEY", "DD_APP_KEY") if not os.environ.get(name)]
    if missing:
        print(f"{' and '.join(missing)} must be set", file=sys.stderr)
        return 2
    try:
        push(given.runbooks.rstrip("/"))
    except urllib.error.HTTPError as refused:
        print(f"Datadog answered {refused.code}: {refused.read().decode(errors='replace')[:2000]}", file=sys.stderr)
        return 1
    except OSError as away:
        print(f"Datadog was not reached: {away}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
