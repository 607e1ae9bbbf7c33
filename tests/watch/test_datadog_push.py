"""`push.py` against a stand-in of the API: makes all once, changes what differs, says and survives what goes wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from standfast.files import write_files
from standfast.watch import write_watch
from tests.watch.datadog_api import Server, push, serving
from tests.watch.test_datadog import HOSTILE, complaints, documents, owned, shop_plan

DOMAIN = ("--domain", "shop.example.com")


@pytest.fixture
def api() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_files(write_watch(shop_plan(), "datadog"), tmp_path)
    return tmp_path


def every() -> int:
    """Documents, a scanner counting as its group and its rules."""
    found = documents(shop_plan())
    return sum(1 + len(body["rules"]) if path.startswith("scanner/") else 1 for path, body in found.items())


def test_push_makes_all_once_and_then_leaves_it_alone(folder: Path, api: Server) -> None:
    first = push(folder, api, *DOMAIN)
    assert first.returncode == 0, first.stderr
    assert [method for method, _ in api.writes] == ["POST"] * every()
    kept = json.dumps(api.kept)
    assert "${" not in kept and "https://wiki.example.com/run/instance.md" in kept
    assert "https://shop.example.com/healthz" in kept and '"host": "shop.example.com"' in kept
    burning = [body["query"] for body in api.kept["monitors"].values() if body["type"] == "slo alert"]
    assert {query.split('"')[1] for query in burning} == set(api.kept["slos"])
    again = push(folder, api, *DOMAIN)
    assert again.returncode == 0 and len(api.writes) == every() and json.dumps(api.kept) == kept
    assert Counter(line.split()[0] for line in again.stdout.splitlines()) == {"same": every()}


def test_what_differs_is_changed_and_nothing_else(folder: Path, api: Server) -> None:
    assert push(folder, api, *DOMAIN).returncode == 0
    by_hand = next(body for body in api.kept["monitors"].values() if body["name"].endswith("web: cpu"))
    wanted, by_hand["priority"] = by_hand["priority"], 5
    rule = next(iter(api.kept["rules"].values()))
    rule["is_enabled"] = False
    del api.writes[:]
    done = push(folder, api, *DOMAIN)
    assert done.returncode == 0 and api.writes == [("PUT", "monitors"), ("PATCH", "rules")]
    assert next(b for b in api.kept["monitors"].values() if b["name"].endswith("web: cpu"))["priority"] == wanted


@pytest.mark.parametrize("failing", [1, 7, 40, -1], ids=["objectives", "monitors", "in the middle", "the last"])
def test_a_failure_is_said_and_the_same_command_goes_on(folder: Path, api: Server, failing: int) -> None:
    at = failing if failing > 0 else every()
    api.failing = {at: 500}
    broken = push(folder, api, *DOMAIN)
    assert broken.returncode == 1 and "Traceback" not in broken.stderr
    assert "answered 500" in broken.stderr and "run it again to go on" in broken.stderr
    assert len(api.writes) == at - 1 == len(broken.stdout.splitlines())
    assert push(folder, api, *DOMAIN).returncode == 0
    assert [method for method, _ in api.writes] == ["POST"] * every()  # each was made once


def test_when_datadog_says_later_it_is_asked_again(folder: Path, api: Server) -> None:
    api.failing = {2: 429, 3: 429, 9: 429}
    done = push(folder, api, *DOMAIN)
    assert done.returncode == 0, done.stderr
    assert len(api.writes) == every()


def test_what_is_asked_for_no_longer_is_named_and_removed_when_told(folder: Path, api: Server) -> None:
    assert push(folder, api, *DOMAIN).returncode == 0
    other = {
        **next(iter(api.kept["monitors"].values())),
        "name": "of another",
        "tags": ["managed_by:standfast", "system:x"],
    }
    api.kept["monitors"]["other"] = other
    for path in ("monitors/api-cpu.json", "synthetics/web-outside.json"):
        (folder / path).unlink()
    before = len(api.writes)
    told = push(folder, api, *DOMAIN)
    assert told.returncode == 0 and len(api.writes) == before and told.stdout.count("--prune removes it") == 2
    assert push(folder, api, *DOMAIN, "--prune").returncode == 0
    assert api.writes[before:] == [("DELETE", "monitors"), ("DELETE", "synthetics")]
    assert "other" in api.kept["monitors"]


@pytest.mark.real
def test_what_is_pushed_is_what_the_models_know(tmp_path: Path, api: Server) -> None:
    write_files(write_watch(owned(HOSTILE[1]), "datadog"), tmp_path)
    assert push(tmp_path, api, *DOMAIN).returncode == 0
    kept = {f"{kind}/{known}": body for kind, bodies in api.kept.items() for known, body in bodies.items()
            if kind not in ("groups", "rules")}  # fmt: skip
    assert complaints(kept) == []


def test_push_says_what_is_missing_and_what_was_refused(folder: Path, api: Server) -> None:
    refused = push(folder, api, *DOMAIN, DD_API_KEY="wrong")
    assert refused.returncode == 1 and "403" in refused.stderr and "Traceback" not in refused.stderr
    assert "wrong" not in refused.stderr + refused.stdout
    without = push(folder, api, *DOMAIN, DD_APP_KEY="")
    assert without.returncode == 2 and "DD_APP_KEY must be set" in without.stderr
    nowhere = push(folder, api)
    assert nowhere.returncode == 2 and "give --domain" in nowhere.stderr and not api.writes
    away = push(folder, api, *DOMAIN, DD_URL="http://127.0.0.1:1")
    assert away.returncode == 1 and "not reached" in away.stderr and "Traceback" not in away.stderr


@pytest.mark.parametrize("says", [[], {}, "Welcome", 7, {"data": None}, {"data": [{"name": 3}]}])
def test_an_answer_of_another_shape_is_said_without_a_traceback(folder: Path, api: Server, says: object) -> None:
    api.says = says
    told = push(folder, api, *DOMAIN)
    assert told.returncode == 1 and "Traceback" not in told.stderr
    assert "not Datadog's API" in told.stderr and "run it again" in told.stderr
    assert push(folder, api, *DOMAIN, DD_URL="file:///etc/passwd").returncode == 1
