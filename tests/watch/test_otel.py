"""The collector's configuration, joined and read as the collector does; the collector itself is not run."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from itertools import combinations
from typing import Any

import pytest
import yaml

from standfast.plan import Plan
from standfast.watch import write_watch
from standfast.watch.otel.collector import OPTIONS
from standfast.watch.private import ALWAYS, blocked_keys, blocked_values
from tests.shop import shop_plan as read_shop_plan

shop_plan = cache(read_shop_plan)
HOSTILE = ['a"b', "{x: [y]}", "${env:HOME} $$x $1", "line\nbreak: true", "Größe # 'x'", "w" * 200, "- x", "!!python/x"]


def parts(plan: Plan) -> dict[str, Any]:
    return {one.path: yaml.safe_load(one.text) for one in write_watch(plan, "otel") if one.path.endswith(".yaml")}


def joined(first: Any, second: Any) -> Any:
    """As the collector joins files: maps are joined, anything else is replaced."""
    if isinstance(first, dict) and isinstance(second, dict):
        return {key: joined(first.get(key), second.get(key)) for key in {**first, **second}}
    return first if second is None else second


def expanded(value: Any) -> Any:
    """As the collector reads text: `${env:NAME:-default}` from an empty environment, `$$` for `$`, no other `$`."""
    if isinstance(value, dict):
        return {key: expanded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [expanded(one) for one in value]
    if not isinstance(value, str):
        return value
    rest = re.sub(
        r"\$\$|\$\{env:[A-Z_]+(?::-([^}]*))?\}", lambda found: "\0" if found[0] == "$$" else found[1] or "", value
    )
    assert "$" not in rest, value
    return rest.replace("\0", "$")


@pytest.mark.parametrize("count", range(1, len(OPTIONS) + 1))
def test_pipelines_name_what_is_defined_whatever_is_chosen(count: int) -> None:
    found = parts(shop_plan())
    for chosen in combinations(OPTIONS, count):
        whole = found["collector.yaml"]
        for one in chosen:
            whole = joined(whole, found[f"to-{one.name}.yaml"])
        service = whole["service"]
        assert set(service["extensions"]) == set(whole["extensions"])
        assert set(service["pipelines"]) == {f"{signal}/{one.name}" for one in chosen for signal in one.signals}
        for name, pipeline in service["pipelines"].items():
            for kind, named in pipeline.items():
                assert set(named) <= set(whole[kind]) and named, (name, kind)
            assert pipeline["processors"][0] == "memory_limiter" and pipeline["processors"][-1] == "batch"
            assert "redaction" in pipeline["processors"]
            assert ("tail_sampling" in pipeline["processors"]) == name.startswith("traces/")
        used = {one for pipeline in service["pipelines"].values() for one in pipeline["exporters"]}
        assert used == set(whole["exporters"])
    needed = {name for one in OPTIONS for name in one.needs}
    assert needed | {"OTLP_HOST"} == set(re.findall(r"env:([A-Z_]+)", yaml.safe_dump(found)))


def test_sizes_and_times_follow_the_plan() -> None:
    processors = parts(shop_plan())["collector.yaml"]["processors"]
    sampling = processors["tail_sampling"]
    policies = {one["type"]: one for one in sampling["policies"]}
    assert policies["latency"]["latency"]["threshold_ms"] == 300 and policies["status_code"]
    wait = int(sampling["decision_wait"].removesuffix("s"))
    assert sampling["expected_new_traces_per_sec"] >= 2100 and sampling["num_traces"] >= 2100 * wait
    memory = processors["memory_limiter"]
    assert 0 < memory["spike_limit_mib"] < memory["limit_mib"]
    said = {one["key"]: one.get("value") for one in processors["resource"]["attributes"]}
    assert said["service.namespace"] == said["system"] == "shop" and said["deployment.environment.name"] == "production"


def owned(owner: str, *classes: str) -> Plan:
    system = shop_plan().system
    security = replace(system.promises.security, data=classes)
    return replace(
        shop_plan(), system=replace(system, owner=owner, promises=replace(system.promises, security=security))
    )


@pytest.mark.parametrize("owner", HOSTILE)
def test_text_of_people_stays_text(owner: str) -> None:
    found = expanded(parts(owned(owner, "card"))["collector.yaml"])
    said = {one["key"]: one.get("value") for one in found["processors"]["resource"]["attributes"]}
    assert said["owner"] == owner
    assert found["processors"]["redaction"]["blocked_values"] == blocked_values(owned(owner, "card"))


@pytest.mark.parametrize(
    ("data", "key", "value"),
    [
        ("personal", "user.email", "ann@example.com"),
        ("personal", "client.address", "mail ann@example.com"),
        ("card", "cardNumber", "4111111111111111"),
        ("financial", "customer.iban", "DE89370400440532013000"),
        ("health", "patient.id", ""),
    ],
)
def test_each_data_class_masks_its_own(data: str, key: str, value: str) -> None:
    with_class, without = owned("o", data), owned("o")
    redaction = expanded(parts(with_class)["collector.yaml"])["processors"]["redaction"]
    assert any(re.search(one, key) for one in redaction["blocked_key_patterns"])
    assert not value or any(re.search(one, value) for one in redaction["blocked_values"])
    assert blocked_keys(without) == list(ALWAYS) and blocked_values(without) == []
    for kept in ("http.response.status_code", "http.route", "service.name", "system", "env", "trace_id", "url.path"):
        assert not any(re.search(one, kept) for one in redaction["blocked_key_patterns"]), kept


def test_what_opens_something_is_masked_whatever_is_declared() -> None:
    patterns = blocked_keys(owned("o"))
    for key in ("http.request.header.authorization", "db.password", "api_key", "session_id", "auth.token"):
        assert any(re.search(one, key) for one in patterns), key
