"""The documents as the official client's models see them, and what they say of the plan."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.docs.runbooks import DISRUPTIONS
from standfast.plan import Plan
from standfast.problem import Problems
from standfast.watch import back_ends, write_monitors, write_watch
from standfast.watch.datadog import OTHERWISE
from standfast.watch.datadog.figures import HOSTS, STORES, figure
from standfast.watch.datadog.logs import agent_rules
from standfast.watch.datadog.objectives import LONGEST_WINDOW, fit
from standfast.watch.datadog.words import plain
from standfast.watch.signals import BURN_WINDOWS, signals_of
from tests.programs import lacking, need
from tests.shop import shop_plan as read_shop_plan

HERE = Path(__file__).parent
shop_plan = cache(read_shop_plan)
HOSTILE = ['a"b', "{{value}} {{#is_alert}}x", "@all @slack-x", "x\ny", "Größe: 'x'", "${slo:availability}", "w" * 200]


def documents(plan: Plan) -> dict[str, Any]:
    found = [one for one in write_watch(plan, "datadog") if one.path.endswith(".json")]
    return {one.path: json.loads(one.text) for one in found if not one.path.startswith("terraform/")}


def as_requests(found: dict[str, Any]) -> dict[str, Any]:
    """Documents as they are sent: a group of the scanner, and each of its rules, as documents of JSON:API."""
    asked = {path: body for path, body in found.items() if not path.startswith("scanner/")}
    for path, body in found.items():
        if path.startswith("scanner/"):
            data = {"type": "sensitive_data_scanner_group", "attributes": body["group"]}
            asked[f"groups/{path}"] = {"data": data, "meta": {}}
            of = {"group": {"data": {"type": "sensitive_data_scanner_group", "id": "g"}}}
            for number, rule in enumerate(body["rules"]):
                data = {"type": "sensitive_data_scanner_rule", "attributes": rule, "relationships": of}
                asked[f"rules/{number}-{path}"] = {"data": data, "meta": {}}
    return asked


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
    assert {path.split("/")[0] for path in found} == {
        "slos", "monitors", "dashboards", "synthetics", "pipelines", "scanner"
    }  # fmt: skip
    for number, owner in enumerate(HOSTILE[:2]):
        found |= {path.replace(".json", f"-{number}.json"): body for path, body in documents(owned(owner)).items()}
    assert complaints(as_requests(found)) == []


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
    test, logs = "synthetics/web-outside-p95.json", "pipelines/services.json"
    spoil(test, "operator", ["config", "assertions", 0, "operator"], "below")
    spoil(test, "option", ["options", "every"], 60)
    spoil(test, "subtype", ["subtype"], "https")
    spoil(logs, "kind", ["processors", 0, "type"], "grok")
    spoil(logs, "sources", ["processors", 1, "sources"], "level")
    group, rule = as_requests(right)["groups/scanner/private.json"], as_requests(right)["rules/0-scanner/private.json"]
    right |= {"groups/g.json": group, "rules/r.json": rule}
    spoil("groups/g.json", "product", ["data", "attributes", "product_list"], ["metrics"])
    spoil("rules/r.json", "mask", ["data", "attributes", "text_replacement", "type"], "mask")
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
    watched = [one for one in signals.conditions if figure(plan, one)]
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
    assert (
        "175,680" in readme
    )  # a test of two a day, every hour from two places; two, every minute: 2 * 2 * (43200 + 720)
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


@pytest.mark.parametrize(
    ("target", "shown"), [(0.999_999_999, 99.999_999_9), (0.9999, 99.99), (0.1, 10.0), (0.999_999_999_999_9, None)]
)
def test_a_target_is_said_exactly_or_refused(target: float, shown: float | None) -> None:
    """One that would be rounded up to 100% is refused as that is."""
    plan = shop_plan()
    reliability = replace(plan.system.promises.reliability, availability=target)
    plan = replace(plan, system=replace(plan.system, promises=replace(plan.system.promises, reliability=reliability)))
    if shown is None:
        with pytest.raises(Problems, match="less than 100%"):
            documents(plan)
    else:
        assert documents(plan)["slos/availability.json"]["target_threshold"] == shown < 100


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


@pytest.mark.parametrize("cloud", ["aws", "azure", "gcp"])
def test_every_signal_is_said_or_named_as_unsaid(cloud: str) -> None:
    """What the rules of Prometheus watch is watched here too, on every cloud, or the README names it."""
    plan = replace(shop_plan(), cloud=cloud)
    found = documents(plan)
    readme = {one.path: one.text for one in write_watch(plan, "datadog")}["README.md"]
    for one in signals_of(plan).conditions:
        name = f"{one.component}-{one.name}.json"
        tests = [path for path in found if path.startswith("synthetics/") and path.endswith(f"-{one.name}.json")]
        said = f"monitors/{name}" in found or (one.kind in OTHERWISE and (tests or one.kind == "feed"))
        assert said or f"Nothing tells Datadog of {one.component}: {one.name}." in readme, name
    assert ("Nothing tells Datadog of sessions: cpu." in readme) == (cloud == "gcp")
    assert {part.objective.name for part in signals_of(plan).parts} <= {
        path.removeprefix("slos/").removesuffix(".json") for path in found if path.startswith("slos/")
    }


SCOPE = re.compile(r"(?P<of>[a-z]+):(?P<metric>[a-z0-9_.]+)\{(?P<scope>[^{}]*)\}")


def test_every_query_is_of_this_system_and_every_figure_is_known() -> None:
    told = {path: body["query"] for path, body in documents(shop_plan()).items() if path.startswith("monitors/")}
    for path, query in told.items():
        if "burn_rate" in query:
            continue
        metrics = list(SCOPE.finditer(query))
        assert metrics and all("system:shop" in one["scope"] for one in metrics), path
        left = re.sub(r"count_not_null\(( by \{[a-z]+\})?\)", "", SCOPE.sub("", query))
        assert re.fullmatch(r"(sum|min|max)\(last_\d+[mhd]\):[-+*/0-9. abs_counrte()]* [<>] [0-9.]+", left), (
            path,
            left,
        )
    agent = {one.path: one.text for one in write_watch(shop_plan(), "datadog") if one.path.startswith("agent/")}
    told_by_agent = set(
        re.findall(r"(?:name: |: )([a-z_]+\.[a-z_]+)$", agent["agent/conf.d/openmetrics.d/conf.yaml"], re.M)
    )
    asked = {one["metric"] for query in told.values() for one in SCOPE.finditer(query)}
    assert {one.removeprefix("standfast.") for one in asked if one.startswith("standfast.")} == told_by_agent - {
        "backup.age"
    }
    names = {one["metric"] for table in (HOSTS, *STORES.values()) for text in table.values()
             for one in re.finditer(r"[a-z]+:(?P<metric>[a-z0-9_.]+)\{of\}", text)}  # fmt: skip
    assert {one for one in asked if one.startswith(("system.", "aws."))} <= names


def test_probes_stand_where_the_users_are_and_all_of_them_must_fail() -> None:
    found = documents(shop_plan())
    test = found["synthetics/web-outside.json"]
    assert test["locations"] == ["aws:eu-central-1", "aws:eu-west-3"]  # Frankfurt and Paris: users are in DE and FR
    assert test["options"]["min_location_failed"] == 2 and test["options"]["min_failure_duration"] == 180
    assert test["config"]["request"]["url"] == "https://${domain}/healthz"
    slow = found["synthetics/web-outside-p95.json"]["config"]["assertions"]
    assert slow == [{"type": "responseTime", "operator": "lessThan", "target": 300, "timingsScope": "withoutDNS"}]
    days = {
        found[f"synthetics/web-certificate-{one}.json"]["config"]["assertions"][0]["target"]
        for one in ("page", "ticket")
    }
    assert days == {3, 21}
    plan = shop_plan()
    secret = replace(plan.system.promises.security, exposure="private")
    wanted = replace(plan.system.promises, security=secret)
    inside = replace(plan, system=replace(plan.system, promises=wanted))
    assert not [path for path in documents(inside) if path.startswith("synthetics/")]
    assert "asked from no place" in {one.path: one.text for one in write_watch(inside, "datadog")}["README.md"]


@pytest.mark.real
def test_go_reads_the_masks_that_the_agent_is_given(tmp_path: Path) -> None:
    """The Agent's regular expressions are Go's, and so are those of Prometheus' own tool."""
    plan = shop_plan()
    secret = replace(plan.system.promises.security, data=("card", "financial", "health", "personal"))
    rules = agent_rules(
        replace(plan, system=replace(plan.system, promises=replace(plan.system.promises, security=secret)))
    )
    assert len(rules) > 5 and {one["type"] for one in rules} == {"mask_sequences"}

    def checked(patterns: list[str]) -> subprocess.CompletedProcess[str]:
        listed = [
            {"record": f"m{number}", "expr": f"up{{x=~{json.dumps(one)}}}"} for number, one in enumerate(patterns)
        ]
        (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "masks", "rules": listed}]}))
        words = [need("promtool", "prometheus"), "check", "rules", "rules.yml"]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    assert checked([one["pattern"] for one in rules]).returncode == 0
    assert checked(["(?<=a)b"]).returncode == 1  # what Go does not know
    masked = '{"email": "[masked]", "to": "[masked]", "n": 1}'
    line = '{"email": "a@example.com", "to": "b@example.org", "n": 1}'
    for one in rules:
        line = re.sub(one["pattern"], one["replace_placeholder"].replace("${1}", r"\1"), line)
    assert line == masked
