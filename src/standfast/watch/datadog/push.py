"""Send what is beside this file to Datadog: made where it is not there, changed where it differs, else left alone.

Python's own library only. DD_API_KEY and DD_APP_KEY come from the environment, DD_SITE too (datadoghq.com without).
Exits 0 when all is there, 1 when Datadog refused something, 2 when there is nothing to begin with. What was sent before
a failure stays there; run it again to go on.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = 100  # documents asked for at once
PATIENCE, TRIES = 60.0, 5  # seconds to wait at most when Datadog says "later", and how often
OURS = "managed_by:standfast"


def call(method: str, path: str, body: Any = None) -> Any:
    """One request to the API, and what it answers; again after a while where it asks for that."""
    # DD_URL: another place than Datadog's own, such as a proxy
    base = os.environ.get("DD_URL") or f"https://api.{os.environ.get('DD_SITE') or 'datadoghq.com'}"
    headers = {
        "DD-API-KEY": os.environ["DD_API_KEY"],
        "DD-APPLICATION-KEY": os.environ["DD_APP_KEY"],
        "Content-Type": "application/json",
    }
    if not base.startswith(("https://", "http://")):
        raise OSError(f"{base} is no address of a web server")
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{base}/api/{path}", data, headers, method=method)
    for tried in range(1, TRIES + 1):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
                return json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            if refused.code != 429 or tried == TRIES:
                raise
            wait = refused.headers.get("X-RateLimit-Reset") or "1"
            time.sleep(min(PATIENCE, float(wait) if wait.replace(".", "", 1).isdigit() else 1.0))
    raise AssertionError("not reached")


def pages(path: str, listed: Callable[[Any], list[Any]], number: str = "page", **query: Any) -> Iterator[Any]:
    """Everything that a paged list holds. `number`: what counts pages; `offset` counts documents."""
    found = 0
    for page in range(1_000_000):
        at = found if number == "offset" else page
        size = {"offset": "limit", "page_number": "page_size"}.get(number, "page_size")
        got = listed(call("GET", f"{path}?{urllib.parse.urlencode({**query, number: at, size: PAGE})}"))
        yield from got
        found += len(got)
        if len(got) < PAGE:
            return


@dataclass(frozen=True)
class Kind:
    """How documents of a folder are called, found, read, made and changed."""

    folder: str
    path: str  # POST here makes one
    standing: Callable[[], Iterator[Any]]  # what is there, with `key` (its name) and `known` (its id)
    key: str = "name"
    known: str = "id"
    one: Callable[[Any], Any] | None = None  # reads one whole, where the list tells less
    unpacked: Callable[[Any], Any] = lambda answer: answer


def _mine(found: Iterator[Any]) -> Iterator[Any]:
    return (one for one in found if OURS in (one.get("tags") or ()))


KINDS = (
    Kind("slos", "v1/slo", lambda: pages("v1/slo", lambda got: got["data"], "offset", tags_query=OURS),
         unpacked=lambda answer: answer["data"][0]),
    Kind("monitors", "v1/monitor", lambda: pages("v1/monitor", list, monitor_tags=OURS)),
    Kind("dashboards", "v1/dashboard", lambda: iter(call("GET", "v1/dashboard")["dashboards"]), key="title",
         one=lambda known: call("GET", f"v1/dashboard/{known}")),
    Kind("synthetics", "v1/synthetics/tests/api",
         lambda: _mine(pages("v1/synthetics/tests", lambda got: got["tests"], "page_number")), known="public_id",
         one=lambda known: call("GET", f"v1/synthetics/tests/api/{known}")),
    Kind("pipelines", "v1/logs/config/pipelines", lambda: iter(call("GET", "v1/logs/config/pipelines"))),
)  # fmt: skip


def holds(there: Any, wanted: Any) -> bool:
    """Whether what is there says all that is wanted; Datadog adds words of its own."""
    if isinstance(wanted, dict):
        return isinstance(there, dict) and all(
            name in there and holds(there[name], one) for name, one in wanted.items()
        )
    if isinstance(wanted, list):
        if not isinstance(there, list) or len(there) != len(wanted):
            return False
        plain = all(isinstance(one, str) for one in wanted)
        return sorted(there, key=str) == sorted(wanted) if plain else all(map(holds, there, wanted))
    return there == wanted


def put(kind: Kind, body: Any, standing: dict[str, Any]) -> str:
    """The id of a document that is there as it is wanted."""
    name = body[kind.key]
    there = standing.pop(name, None)
    if there is None:
        made = kind.unpacked(call("POST", kind.path, body))
        return told("made", kind, name, str(made[kind.known]))
    known = str(there[kind.known])
    if holds(kind.one(known) if kind.one else there, body):
        return told("same", kind, name, known)
    call("PUT", f"{kind.path}/{known}", body)
    return told("changed", kind, name, known)


def told(what: str, kind: Kind, name: str, known: str) -> str:
    print(f"{what:8}{kind.folder:12}{name}", flush=True)
    return known


def documents(folder: str) -> list[tuple[str, Any]]:
    """The documents of a folder beside this file, by the name of their file."""
    found = sorted((HERE / folder).glob("*.json"))
    return [(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in found]


def filled(value: Any, words: dict[str, str]) -> Any:
    """A document with what only its sender knows in the place of `${...}`."""
    if isinstance(value, dict):
        return {name: filled(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [filled(one, words) for one in value]
    if isinstance(value, str):
        for mark, word in words.items():
            value = value.replace(f"${{{mark}}}", word)
    return value


def push(runbooks: str, domain: str, prune: bool) -> None:
    slos: dict[str, str] = {}
    for kind in KINDS:
        wanted = documents(kind.folder)
        standing = {one[kind.key]: one for one in kind.standing()} if wanted else {}
        mine: set[str] = set()
        for file, body in wanted:
            mine |= {one for one in body.get("tags") or () if one.startswith(("system:", "env:"))}
            if kind.folder == "monitors":  # text of people stays as it is: only a query names objectives
                body["query"] = filled(body["query"], {f"slo:{name}": known for name, known in slos.items()})
            if "message" in body:
                body["message"] = filled(body["message"], {"runbooks": runbooks})
            if "config" in body:
                body["config"] = filled(body["config"], {"domain": domain})
            known = put(kind, body, standing)
            if kind.folder == "slos":
                slos[file] = known
        unwanted(kind, standing, mine, prune)
    push_scanner()


def unwanted(kind: Kind, standing: dict[str, Any], mine: set[str], prune: bool) -> None:
    """What Standfast once made for this system and environment, and no longer asks for."""
    if kind.folder not in ("slos", "monitors", "synthetics") or len(mine) < 2:
        return
    for name, one in sorted(standing.items()):
        if not mine <= set(one.get("tags") or ()):
            continue
        known = one[kind.known]
        if not prune:
            told("left", kind, f"{name}: asked for no longer, --prune removes it", "")
        elif kind.folder == "synthetics":
            call("POST", "v1/synthetics/tests/delete", {"public_ids": [known]})
            told("removed", kind, name, "")
        else:
            call("DELETE", f"{kind.path}/{known}")
            told("removed", kind, name, "")


SCANNER = "v2/sensitive-data-scanner/config"


def push_scanner() -> None:
    """A group, then its rules, which name it."""
    for _, body in documents("scanner"):
        there = call("GET", SCANNER)
        included = [{**one["attributes"], "id": one["id"], "type": one["type"]} for one in there.get("included") or ()]
        group = _scanner_part("group", body["group"], included, {})
        within = {"group": {"data": {"type": "sensitive_data_scanner_group", "id": group}}}
        for rule in body["rules"]:
            _scanner_part("rule", rule, included, within)


def _scanner_part(what: str, body: Any, included: list[Any], within: dict[str, Any]) -> str:
    kind, path = Kind("scanner", "", lambda: iter(())), f"{SCANNER}/{what}s"
    data: dict[str, Any] = {"type": f"sensitive_data_scanner_{what}", "attributes": body}
    there = next((one for one in included if one["type"] == data["type"] and one.get("name") == body["name"]), None)
    if there and holds(there, body):
        return told("same", kind, body["name"], there["id"])
    if within:
        data["relationships"] = within
    if there:
        call("PATCH", f"{path}/{there['id']}", {"data": {**data, "id": there["id"]}, "meta": {}})
        return told("changed", kind, body["name"], there["id"])
    return told("made", kind, body["name"], call("POST", path, {"data": data, "meta": {}})["data"]["id"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runbooks", default="docs/runbooks", help="where the folder docs/runbooks can be read")
    parser.add_argument(
        "--domain", default="", help="the name under which users reach the system, for synthetic checks"
    )
    parser.add_argument("--prune", action="store_true", help="remove what was sent once and is asked for no longer")
    given = parser.parse_args()
    missing = [name for name in ("DD_API_KEY", "DD_APP_KEY") if not os.environ.get(name)]
    if missing:
        print(f"{' and '.join(missing)} must be set", file=sys.stderr)
        return 2
    if documents("synthetics") and not given.domain:
        print("synthetic checks ask your domain: give --domain, or remove the folder synthetics", file=sys.stderr)
        return 2
    try:
        push(given.runbooks.rstrip("/"), given.domain.rstrip("/"), given.prune)
    except urllib.error.HTTPError as refused:
        text = refused.read().decode(errors="replace")[:2000]
        print(f"Datadog answered {refused.code} to {refused.url}: {text}", file=sys.stderr)
    except OSError as away:
        print(f"Datadog was not reached: {away}", file=sys.stderr)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as odd:  # an answer of another shape
        print(f"what answered is not Datadog's API, or a newer one: {type(odd).__name__}: {odd}", file=sys.stderr)
    else:
        return 0
    print("what stands above is there; run it again to go on", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
