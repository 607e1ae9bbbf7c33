"""The documents of a user's system: every link leads somewhere, every command is one, user text stays text."""

from __future__ import annotations

import argparse
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from standfast import markdown
from standfast.blueprint import make_blueprints
from standfast.cli import VERBS, verb_module
from standfast.clouds import load_catalog
from standfast.docs import privacy, write_docs
from standfast.docs.told import Told
from standfast.files import write_files
from standfast.plan import Plan, make_plan
from standfast.plan.reasons.explanation import explain
from standfast.problem import Place
from standfast.runbook.commands import commands_by_kind, commands_of_alarms
from standfast.spec import parse_spec, read_spec
from tests.blueprint.shapes import everything
from tests.programs import linter
from tests.shop import EXAMPLES

EVIL = '`x` |a| <img src=x onerror=alert(1)> [b](http://c) **d** ![e](f) $(id) \\ & # 1. _g_ "h"'
CONTAINERS = """
system: boxes
promises: {reliability: {availability: 99%, recovery: {instance: {rto: 10 min}, corruption: {rto: 8 h, rpo: 1 h}}}}
rules: {compute: container, residency: EU}
services:
  web: {image: a/web:1, public: true, cpu: 5 ms, memory: 300 MiB, calls: [db], secrets: [API_KEY]}
stores:
  db: {kind: postgres, data: 10 GiB, essential: false}
"""


@cache
def plan_of(name: str) -> Plan:
    if name == "everything":
        return everything()
    if name == "boxes":
        return make_plan(parse_spec(CONTAINERS, "boxes.yaml"))
    return make_plan(read_spec(EXAMPLES / "shop.yaml", name), margins=name == "production")


@cache
def documents(name: str) -> dict[str, str]:
    plan = plan_of(name)
    explained = () if name == "everything" else explain(plan, load_catalog(plan.cloud))
    return {file.path: file.text for file in write_docs(plan, make_blueprints(plan), explained)}


ALL = pytest.mark.parametrize("name", ["production", "dev", "boxes", "everything"])


def rendered(text: str) -> str:
    return MarkdownIt("commonmark").enable("table").render(text)


class Page(HTMLParser):
    """The links, the tags, the anchors and the text of a rendered page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(rendered(text))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in ("href", "src") and value]

    def handle_data(self, data: str) -> None:
        self.words += data


@ALL
def test_every_link_leads_to_a_page_and_every_page_is_reached(name: str) -> None:
    files, reached, todo = documents(name), {"README.md"}, ["README.md"]
    while todo:
        here = todo.pop()
        for target in Page(files[here]).links:
            parts: list[str] = []
            for part in (PurePosixPath(here).parent / target).parts:
                parts = parts[:-1] if part == ".." else [*parts, part]
            path = "/".join(parts)
            assert path in files, f"{here} links to {target}"
            if path not in reached:
                reached.add(path)
                todo += [path] if path.endswith(".md") else []
    assert reached == set(files)


@ALL
def test_there_is_a_page_for_each_part_and_each_disruption(name: str) -> None:
    plan, files = plan_of(name), documents(name)
    assert {f"components/{choice.component}.md" for choice in plan.choices} <= set(files)
    assert {f"runbooks/{one}.md" for one in ("instance", "zone", "region", "corruption", "README")} <= set(files)
    for part in (*plan.system.services, *plan.system.stores):
        assert f"`{part.place.short}`" in files[f"components/{part.name}.md"]
    for choice in plan.choices:
        for line in choice.lines:
            assert line.what.split("|")[0] in Page(files["cost.md"]).words


@ALL
def test_the_same_plan_gives_the_same_bytes(name: str) -> None:
    plan = plan_of(name)
    explained = () if name == "everything" else explain(plan, load_catalog(plan.cloud))
    assert {file.path: file.text for file in write_docs(plan, make_blueprints(plan), explained)} == documents(name)


@pytest.mark.real
def test_a_linter_of_markdown_finds_nothing(tmp_path: Path) -> None:
    for name in ("production", "everything"):
        write_files(write_docs(plan_of(name), make_blueprints(plan_of(name))), tmp_path / name)
    rules = "line-length,no-inline-html"  # tables are long; the head of a page is a comment
    words = [linter("pymarkdown"), "--disable-rules", rules, "scan", "-r", str(tmp_path)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def blocks(name: str) -> list[tuple[str, str]]:
    return [
        (path, block) for path, text in documents(name).items() for block in re.findall(r"```sh\n(.*?)```", text, re.S)
    ]


@pytest.mark.real
@ALL
def test_shellcheck_finds_nothing_in_the_commands(name: str, tmp_path: Path) -> None:
    paths = []
    for number, (_, block) in enumerate(blocks(name)):
        paths.append(tmp_path / f"{number}.sh")
        paths[-1].write_text(f"#!/usr/bin/env bash\n{block}")
    assert paths
    # set elsewhere on the page; words of a list; a value for the reader to set
    skipped = "--exclude=SC2154,SC2086,SC2034"
    done = subprocess.run([linter("shellcheck"), skipped, *paths], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@ALL
def test_every_command_of_ours_is_parsed(name: str) -> None:
    found = 0
    for text in documents(name).values():
        for words in re.findall(r"(?:^|`)standfast ([a-z]+(?: [^`\n]*)?)", text, re.M):
            verb, *rest = words.split()
            assert verb in VERBS
            parser = argparse.ArgumentParser(exit_on_error=False)
            verb_module(verb).arguments(parser)
            parsed = parser.parse_intermixed_args(rest)
            environment = plan_of(name).system.environment
            assert getattr(parsed, "environment", "") == ("" if environment == "production" else environment)
            found += 1
    assert found > 4


# The words of the AWS command line that are its own, not of the API.
OWN = {"--region", "--query", "--output", "--max-items"}
CALLS = sorted({
    line
    for situations in commands_by_kind().values() for lines in situations.values() for line in lines
} | set(commands_of_alarms().values()))  # fmt: skip


@pytest.mark.parametrize("line", [line for line in CALLS if "aws " in line])
def test_a_command_of_aws_is_one_that_its_api_knows(line: str) -> None:
    from botocore import xform_name

    for service, operation, rest in re.findall(r"\baws ([a-z0-9]+) ((?:wait )?[a-z0-9-]+)((?:(?!\baws ).)*)", line):
        client = botocore.session.get_session().create_client(
            {"s3api": "s3"}.get(service, service), region_name="eu-west-1",
            aws_access_key_id="x", aws_secret_access_key="x",
        )  # fmt: skip
        known = {xform_name(name, "-"): name for name in client.meta.service_model.operation_names}
        if operation.startswith("wait "):
            assert operation.removeprefix("wait ").replace("-", "_") in client.waiter_names
            name = client.waiter_names and "DescribeDBInstances"
        else:
            assert operation in known, operation
            name = known[operation]
        shape = client.meta.service_model.operation_model(name).input_shape
        members = {f"--{xform_name(member, '-')}" for member in shape.members}
        members |= {f"--no-{member[2:]}" for member in members}
        said = set(re.findall(r"(?<= )--[a-z][a-z0-9-]*", re.sub(r"'[^']*'|\"[^\"]*\"", "''", rest)))
        assert said <= members | OWN, said - members - OWN


def test_a_kind_that_commands_are_known_for_is_one_of_a_provider() -> None:
    assert all(re.match("(aws|google|azurerm)_", kind) for kind in commands_by_kind())
    assert {situation for one in commands_by_kind().values() for situation in one} == {
        "look", "takeover", "restore", "restore_seen", "swap", "swap_seen", "back", "identity", "room", "room_seen",
        "empty", "empty_seen", "lead",
    }  # fmt: skip


def test_a_runbook_has_the_names_the_times_and_the_way_back() -> None:
    page = documents("production")["runbooks/corruption.md"]
    assert "--source-db-instance-identifier shop-orders --target-db-instance-identifier shop-orders-restored" in page
    assert "terraform -chdir=code/terraform import aws_db_instance.orders shop-orders" in page
    assert "Promised: back within 4 h (`shop.yaml:12`; planned: 90 min), losing at most 5 min" in page
    assert page.index("## Is it this?") < page.index("## What needs you") < page.index("## How to know that it worked")
    assert "shop-orders-damaged" in page[page.index("## How to go back") :]
    zone = documents("production")["runbooks/zone.md"]
    assert "--force-failover" in zone and "standfast drill lose_zone shop.yaml" in zone
    assert "shop-sessions" not in zone[zone.index("### When it does not") :], (
        "a single cache has nothing to fail over to"
    )
    assert "Nothing is promised for it." in documents("production")["runbooks/region.md"]
    assert (
        "--environment dev" in documents("dev")["runbooks/corruption.md"]
        and "shop-dev-orders" in documents("dev")["runbooks/corruption.md"]
    )


def test_what_runs_on_kubernetes_is_acted_on_by_its_deployment() -> None:
    plan = make_plan(read_spec(EXAMPLES / "gallery.yaml"))
    assert plan.shape == "kubernetes"
    files = {
        file.path: file.text
        for file in write_docs(plan, make_blueprints(plan), explain(plan, load_catalog(plan.cloud)))
    }
    assert "kubectl --namespace gallery rollout undo deployment/api" in files["runbooks/deploy.md"]
    assert "kubectl --namespace gallery get pods --selector app.kubernetes.io/name=api" in files["runbooks/instance.md"]


def test_a_standby_is_brought_up_as_its_own_code_says() -> None:
    text = (
        (EXAMPLES / "shop.yaml")
        .read_text()
        .replace("      corruption:", "      region: {rto: 4 h, rpo: 1 h}\n      corruption:")
    )
    text = text.replace("budget: 7000", "budget: 20000").replace("availability: 99.9%\n", "availability: 99%\n")
    plan = make_plan(parse_spec(text, "shop.yaml"))
    assert plan.standby
    files = {
        file.path: file.text
        for file in write_docs(plan, make_blueprints(plan), explain(plan, load_catalog(plan.cloud)))
    }
    assert f". let {plan.standby.cloud} {plan.standby.region} take over" in files["runbooks/region.md"]
    assert "restore-db-instance-to-point-in-time" in files["runbooks/region.md"]


def test_containers_are_acted_on_by_cluster_and_service() -> None:
    page = documents("boxes")["runbooks/instance.md"]
    assert re.search(r"aws ecs describe-services --region \S+ --cluster boxes --services web ", page)
    assert "--family-prefix boxes-web " in documents("boxes")["runbooks/deploy.md"]


def test_the_map_is_a_picture_with_every_part() -> None:
    for name in ("production", "everything"):
        root = ElementTree.fromstring(documents(name)["architecture.svg"])
        words = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
        assert {part.name for part in (*plan_of(name).system.services, *plan_of(name).system.stores)} <= words


def test_what_each_promise_costs_is_there_where_it_was_solved_for() -> None:
    assert (
        "| `scalability.peak` | 1,500 rps -\\> 2,250 rps |".replace("\\>", "&gt;") in documents("production")["cost.md"]
    )
    assert "`standfast build shop.yaml --environment dev --margins`" in documents("dev")["cost.md"]


def test_user_text_stays_text() -> None:
    plan = plan_of("production")
    system = replace(plan.system, owner=EVIL, place=Place(f"{EVIL}.yaml"), services=tuple(
        replace(one, image=EVIL, health="/`|<b>", secrets=(EVIL,)) for one in plan.system.services
    ))  # fmt: skip
    choices = tuple(replace(one, because=EVIL, binds=EVIL, offer=EVIL) for one in plan.choices)
    assumed = tuple(replace(one, what=EVIL, value=EVIL, ground=EVIL) for one in plan.assumptions)
    files = write_docs(replace(plan, system=system, choices=choices, assumptions=assumed), ())
    allowed = {"h1", "h2", "h3", "p", "a", "code", "pre", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "em",
               "strong", "blockquote", "img"}  # fmt: skip
    for file in files:
        if file.path.endswith(".md"):
            page = Page(file.text)
            assert page.tags <= allowed, (file.path, page.tags - allowed)
            assert not [link for link in page.links if "://" in link or "(" in link or link in ("f", "x")], file.path
            assert "img" not in page.tags or file.path == "architecture.md"
        else:
            ElementTree.fromstring(file.text)
    words = {file.path: Page(file.text).words for file in files if file.path.endswith(".md")}
    assert EVIL in words["README.md"] and EVIL in words["decisions.md"] and EVIL in words["runbooks/README.md"]


def test_personal_data_has_a_page_and_nothing_else_has() -> None:
    plan = plan_of("production")
    page = documents("production")["privacy.md"]
    assert "backup for 35 d" in page and page.count("☐ …") > 10, "what only people know stays open"
    assert "[Personal data](privacy.md)" in documents("production")["README.md"]
    security = plan.system.promises.security
    for data, grave in ((("health",), 2), (("secret",), None), ((), None)):
        promises = replace(plan.system.promises, security=replace(security, data=data))
        one = replace(plan, system=replace(plan.system, promises=promises))
        files = {file.path: file.text for file in write_docs(one, make_blueprints(one))}
        assert ("privacy.md" in files) == (grave is not None)
        if grave is not None:
            assert files["privacy.md"].count("yes, by the spec") == grave
            assert "2 are met by the spec alone" in files["privacy.md"] and "articles 6 and 9" in files["privacy.md"]
    page = documents("production")["privacy.md"]
    hipaa = replace(security, frameworks=("hipaa",))
    one = replace(plan, system=replace(plan.system, promises=replace(plan.system.promises, security=hipaa)))
    assert "164.404" in privacy.page(Told(one, (), {})) and "164.404" not in page


@given(st.text(max_size=60))
def test_any_text_stays_one_line_of_text(text: str) -> None:
    printable = "".join(one if one.isprintable() else " " for one in text)
    page = Page(f"# {markdown.text(text)}\n\n{markdown.table(('a',), [(markdown.text(text),)])}\n")
    assert page.tags <= {"h1", "table", "thead", "tbody", "tr", "th", "td"}
    assert page.words.split() == [*printable.split(), "a", *printable.split()]


@given(st.text(min_size=1, max_size=60))
def test_any_code_stays_code(text: str) -> None:
    page = Page(markdown.table(("a",), [(markdown.code(text),)]))
    assert page.tags <= {"table", "thead", "tbody", "tr", "th", "td", "code"}
