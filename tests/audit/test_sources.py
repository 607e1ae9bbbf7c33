"""What Terraform tells, read as resources: states, plans, state files, modules, counted resources, secrets."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from standfast.audit import run_audit
from standfast.audit.reading import HIDDEN, UNKNOWN, raw
from standfast.audit.sources.folder import read_folder
from standfast.audit.sources.state import is_plan, resources_of
from standfast.blueprint import Ref, Resource
from standfast.problem import Place, Problems
from tests.audit.recorded import document, recorded


def by_address(resources: list[Resource] | tuple[Resource, ...]) -> dict[str, Resource]:
    return {one.address: one for one in resources}


def test_a_state_names_components_places_and_lookups() -> None:
    found = by_address(recorded("deployed"))
    database = found["aws_db_instance.orders"]
    assert (database.component, database.places) == ("orders", (Place("shop.yaml", 26),))
    assert found["aws_autoscaling_group.web"].component == "web", "from its tag blocks"
    assert found["data.aws_caller_identity.current"].data
    assert len(found) == len(recorded("deployed"))


def test_secrets_are_dropped_while_reading() -> None:
    told = json.dumps(document("deployed"))
    assert "only-in-the-emulator" in told, "the recorded state holds one"
    for name in ("deployed", "planned"):
        assert "only-in-the-emulator" not in repr(recorded(name))
    found = by_address(recorded("deployed"))
    assert raw(found["aws_elasticache_replication_group.sessions"], "auth_token") is HIDDEN


def test_a_plan_says_where_what_it_does_not_know_comes_from() -> None:
    assert is_plan(document("planned")) and not is_plan(document("deployed"))
    found = by_address(recorded("planned"))
    database = found["aws_db_instance.orders"]
    assert raw(database, "kms_key_id") == Ref("aws_kms_key.data", "arn")
    assert raw(database, "multi_az") is True
    assert raw(database, "arn") is UNKNOWN
    template = found["aws_launch_template.api"]
    assert raw(template, "network_interfaces.security_groups") == Ref("aws_security_group.api", "id")
    assert raw(found["aws_iam_role_policy.api"], "policy") != "", "a document made of several references"
    assert found["aws_acm_certificate.images"].provider == "us_east_1"


def test_planned_and_deployed_resources_are_the_same_ones() -> None:
    assert {one for one in by_address(recorded("planned")) if not one.startswith("data.")} == {
        one for one in by_address(recorded("deployed")) if not one.startswith("data.")
    }


def show(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"format_version": "1.0", "values": {"root_module": {"resources": list(resources), **more}}}


def one(
    kind: str, name: str, values: dict[str, Any], index: Any = None, inside: str = "", **more: Any
) -> dict[str, Any]:
    number = "" if index is None else f"[{json.dumps(index)}]"
    address = f"{inside + '.' if inside else ''}{kind}.{name}{number}"
    said = {"address": address, "mode": "managed", "type": kind, "name": name, "values": values, **more}
    return said if index is None else {**said, "index": index}


def test_modules_and_counted_resources_keep_their_addresses() -> None:
    child = {
        "address": "module.network",
        "resources": [one("aws_vpc", "main", {"id": "vpc-1"}, inside="module.network")],
        "child_modules": [
            {
                "address": 'module.network.module.zone["a"]',
                "resources": [one("aws_subnet", "s", {"vpc_id": "vpc-1"}, 0, 'module.network.module.zone["a"]')],
            }
        ],
    }
    read = resources_of(show(one("aws_eip", "nat", {}, "b"), child_modules=[child]))
    assert [each.address for each in read] == [
        'aws_eip.nat["b"]', "module.network.aws_vpc.main", 'module.network.module.zone["a"].aws_subnet.s[0]',
    ]  # fmt: skip


def test_a_state_file_reads_like_the_state_it_holds() -> None:
    """terraform.tfstate and `terraform show -json` of it say the same."""
    resources = []
    for each in document("deployed")["values"]["root_module"]["resources"]:
        secret = [
            [{"type": "get_attr", "value": key}] for key, mark in each["sensitive_values"].items() if mark is True
        ]
        instance = {"attributes": each["values"], "sensitive_attributes": secret}
        resources.append({"mode": each["mode"], "type": each["type"], "name": each["name"], "instances": [instance]})
    file = {"version": 4, "terraform_version": "1.11.4", "resources": resources}
    assert resources_of(file) == list(recorded("deployed"))


def counted_plan() -> dict[str, Any]:
    """Two buckets and their versioning, by count; a queue whose key is an output of a module."""

    def change(kind: str, name: str, index: Any, unknown: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        made = one(kind, name, after, index)
        return {**made, "change": {"actions": ["create"], "after": after, "after_unknown": unknown}}

    unknown, status = {"id": True, "bucket": True}, {"versioning_configuration": [{"status": "Enabled"}]}
    changes = [
        change("aws_sqs_queue", "q", None, {"kms_master_key_id": True}, {"sqs_managed_sse_enabled": False}),
        *(change("aws_s3_bucket", "b", number, {"id": True, "arn": True}, {}) for number in (0, 1)),
        *(change("aws_s3_bucket_versioning", "b", number, unknown, status) for number in (0, 1)),
    ]
    indexed = {"bucket": {"references": ["aws_s3_bucket.b[0].id", "aws_s3_bucket.b[0]", "aws_s3_bucket.b"]}}
    written = [
        {"address": "aws_s3_bucket.b", "type": "aws_s3_bucket", "expressions": {}},
        {"address": "aws_s3_bucket_versioning.b", "type": "aws_s3_bucket_versioning", "expressions": indexed},
        {"address": "aws_sqs_queue.q", "expressions": {"kms_master_key_id": {"references": ["module.keys.id"]}}},
    ]
    planned = [{key: value for key, value in each.items() if key != "change"} for each in changes]
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"expressions": {"region": {"references": ["var.region"]}}}},
            "root_module": {"resources": written},
        },
        "variables": {"region": {"value": "eu-west-3"}},
    }


def test_references_between_counted_resources_are_resolved() -> None:
    read = by_address(resources_of(counted_plan()))
    assert raw(read["aws_s3_bucket_versioning.b[0]"], "bucket") == Ref("aws_s3_bucket.b[0]", "id")
    assert raw(read["aws_sqs_queue.q"], "kms_master_key_id") is UNKNOWN, "what a module hands out is not resolved"
    found = run_audit(None, list(read.values()))
    versioned = {each.resource: each.verdict for each in found.findings if each.check == "bucket-versioned"}
    assert versioned == {"aws_s3_bucket.b[0]": "kept", "aws_s3_bucket.b[1]": "broken"}, "the second one has none"


@pytest.mark.parametrize("text", ["[]", "{}", '"x"', '{"values": 1}', '{"planned_values": []}', "null"])
def test_other_json_is_a_problem(text: str) -> None:
    with pytest.raises(Problems, match="terraform show -json"):
        resources_of(json.loads(text), "x.json")


def test_an_empty_state_has_no_resources() -> None:
    assert resources_of({"format_version": "1.0"}) == []


def test_a_folder_prefers_what_is_to_what_will_be(tmp_path: Path) -> None:
    (tmp_path / "a-plan.json").write_text(json.dumps(document("planned")))
    found = read_folder(tmp_path)
    assert (found.planned, found.region, len(found.resources) > 160) == (True, "eu-north-1", True)
    (tmp_path / "state.json").write_text(json.dumps(document("deployed")))
    found = read_folder(tmp_path)
    assert (found.planned, found.region, found.file.name) == (False, "eu-north-1", "state.json")


def test_the_region_of_a_plan_may_be_a_variable(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text(json.dumps(counted_plan()))
    assert read_folder(tmp_path).region == "eu-west-3"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("notes.txt", b"hello", "nothing to audit"),
        ("package.json", b'{"name": "x", "version": "1"}', "nothing to audit"),
        ("state.json", b"\xff\xfe\x00", "nothing to audit"),
        ("state.json", b"[" * 100_000, "nothing to audit"),
        ("state.json.gz", gzip.compress(b"{}", mtime=0), "nothing to audit"),
    ],
)
def test_a_folder_with_nothing_to_read_is_a_problem(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(Problems, match=said) as raised:
        read_folder(tmp_path)
    assert "terraform show -json" in raised.value.problems[0].fix
