"""Who may read which data: policies on both sides, keys, boundaries, roles that lead to roles; other clouds."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.audit import run_audit
from standfast.audit.estate import Estate
from standfast.audit.reach import read_graph
from standfast.audit.rights import Access, needs, read_access
from standfast.audit.rights.globs import UNSEEN, covers, meets
from standfast.audit.sources.folder import read_path
from standfast.blueprint import Block, Join, Json, Ref, Resource, Var, make_blueprint
from standfast.code import write_all
from standfast.files import write_files
from tests.audit.clouds import HAND, OURS, planned

SECRET = Ref("aws_secretsmanager_secret.s", "arn")
BUCKET = Ref("aws_s3_bucket.b", "arn")
OBJECTS = Join((BUCKET, "/*"))

letters = st.text(alphabet="ab*?", max_size=4)
WORDS = ["".join(word) for length in range(7) for word in product("ab", repeat=length)]  # enough for two such patterns


def fits(pattern: str, word: str) -> bool:
    return re.fullmatch(pattern.replace("*", ".*").replace("?", "."), word) is not None


@settings(max_examples=300, deadline=None, database=None)
@given(letters, letters)
def test_patterns_meet_as_their_words_do(one: str, other: str) -> None:
    shared = any(fits(one, word) and fits(other, word) for word in WORDS)
    assert meets(one, other) is shared
    if covers(one, other):
        assert all(fits(one, word) for word in WORDS if fits(other, word))


def test_what_is_decided_later_is_neither_met_nor_missed() -> None:
    assert meets(f"arn:{UNSEEN}/*", "arn:a/b") is None and meets("x", f"y{UNSEEN}") is False
    assert covers(f"{UNSEEN}", "a") is None and covers("*", f"{UNSEEN}") is True


def policy(*said: dict[str, Any], on: str = "r") -> Resource:
    document = Json({"Statement": [{"Effect": "Allow", "Resource": "*", **one} for one in said]})
    return Resource("aws_iam_role_policy", on, {"role": Ref(f"aws_iam_role.{on}", "id"), "policy": document}, "")


def role(name: str = "r", *trusted: Any, **said: Any) -> Resource:
    trust = Json({"Statement": [{"Effect": "Allow", "Principal": {"AWS": list(trusted)}, "Action": "sts:AssumeRole"}]})
    return Resource("aws_iam_role", name, {"name": name, "assume_role_policy": trust, **said}, "", name)


def secret(**said: Any) -> Resource:
    return Resource("aws_secretsmanager_secret", "s", {"name": "app/s", **said}, "", "s")


def bucket(*said: dict[str, Any]) -> list[Resource]:
    document = Json({"Statement": list(said)})
    on = Resource("aws_s3_bucket_policy", "b", {"bucket": Ref("aws_s3_bucket.b", "id"), "policy": document}, "")
    return [Resource("aws_s3_bucket", "b", {"bucket": "things"}, "", "b"), *([on] if said else [])]


def found(*resources: Resource, way: str = "read") -> dict[tuple[str, str], bool]:
    """(principal, data) -> whether it is certain."""
    rows = read_access(Estate(None, list(resources)))
    return {(one.principal.name, one.data.name.partition(".")[2]): one.certain for one in rows if one.way == way}


READ = {"Action": "secretsmanager:GetSecretValue"}


@pytest.mark.parametrize(
    ("said", "certain"),
    [
        ([{**READ, "Resource": SECRET}], True),
        ([{"Action": "secretsmanager:Get*", "Resource": "arn:aws:secretsmanager:*:*:secret:app/*"}], True),
        ([{**READ, "Resource": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:other/*"}], None),
        ([{"Action": "s3:*"}], None),
        ([{"NotAction": "s3:*"}], True),
        ([{"NotAction": "secretsmanager:*"}], None),
        ([{"Action": "*", "NotResource": SECRET, "Resource": None}], None),
        ([{"Action": "*", "NotResource": BUCKET, "Resource": None}], True),
        ([{"Action": "*"}, {**READ, "Effect": "Deny"}], None),
        ([{"Action": "*"}, {**READ, "Effect": "Deny", "Resource": "arn:aws:secretsmanager:*:*:secret:app/t*"}], True),
        ([{"Action": "*"}, {**READ, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}], True),
        ([{"Action": "*"}, {**READ, "Effect": "Deny", "Condition": {"Null": {"aws:SourceVpce": "true"}}}], False),
        ([{**READ, "Condition": {"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}}], False),
        ([{**READ, "Resource": Var("somewhere")}], False),
    ],
)  # fmt: skip
def test_a_policy_allows_refuses_or_cannot_be_told(said: list[dict[str, Any]], certain: bool | None) -> None:
    assert found(role(), policy(*said), secret()).get(("role r", "s")) is certain


def test_a_key_of_our_own_must_open_too() -> None:
    key = Resource("aws_kms_key", "k", {}, "")
    closed = secret(kms_key_id=Ref("aws_kms_key.k", "arn"))
    decrypt = {"Action": "kms:Decrypt", "Resource": Ref("aws_kms_key.k", "arn")}
    through = {**decrypt, "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.eu-west-1.amazonaws.com"}}}
    elsewhere = {**decrypt, "Condition": {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}}
    assert found(role(), policy(READ), closed, key) == {}
    assert found(role(), policy(READ, elsewhere), closed, key) == {}
    assert found(role(), policy(READ, decrypt), closed, key) == {("role r", "s"): True}
    assert found(role(), policy(READ, through), closed, key) == {("role r", "s"): True}
    others = Json({"Statement": [{"Effect": "Allow", "Principal": {"Service": "x.amazonaws.com"}, "Action": "kms:*"}]})
    alone = replace(key, settings={"policy": others})
    assert found(role(), policy(READ, decrypt), closed, alone) == {}, "the key's policy leaves nothing to the account"
    assert found(role(), policy(READ, decrypt), closed) == {("role r", "s"): False}, "a key that is not seen"


def test_what_a_bucket_says_itself_counts() -> None:
    mine = {
        "Effect": "Allow",
        "Principal": {"AWS": Ref("aws_iam_role.r", "arn")},
        "Action": "s3:GetObject",
        "Resource": OBJECTS,
    }
    theirs = {**mine, "Principal": {"AWS": "arn:aws:iam::999999999999:root"}}
    everybody = {**mine, "Principal": "*"}
    never = {**mine, "Effect": "Deny", "Principal": "*"}
    assert found(role(), *bucket(mine)) == {("role r", "b"): True}
    assert found(role(), *bucket(theirs)) == {("account 999999999999", "b"): True}
    assert found(role(), *bucket(everybody))["everybody", "b"] is True
    assert found(role(), policy({"Action": "s3:*"}), *bucket(never)) == {}
    assert found(role(), policy({"Action": "s3:*"}), *bucket(never), way="write") == {("role r", "b"): True}


def test_a_role_that_leads_to_a_role_reads_what_that_one_reads() -> None:
    first, last = role("first"), role("last", Ref("aws_iam_role.middle", "arn"))
    middle = role("middle", "arn:aws:iam::123456789012:root")
    step = policy({"Action": "sts:AssumeRole", "Resource": Ref("aws_iam_role.middle", "arn")}, on="first")
    rows = read_access(Estate(None, [first, middle, last, step, policy(READ, on="last"), secret()]))
    paths = {one.principal.name: one.path for one in rows if one.way == "read"}
    assert set(paths) == {"role first", "role middle", "role last"}
    assert paths["role first"] == (
        "role first → sts:AssumeRole of role middle → sts:AssumeRole of role last"
        " → secretsmanager:GetSecretValue on aws_secretsmanager_secret.s (aws_iam_role_policy.last)"
    )
    assert found(first, middle, last, policy(READ, on="last"), secret()).keys() == {
        ("role middle", "s"),
        ("role last", "s"),
    }


def test_a_boundary_takes_away_and_one_that_is_not_seen_is_unknown() -> None:
    bound = Resource(
        "aws_iam_policy",
        "p",
        {"policy": Json({"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})},
        "",
    )
    within = role(permissions_boundary=Ref("aws_iam_policy.p", "arn"))
    assert found(within, policy({"Action": "*"}), secret(), bound) == {}
    assert found(within, policy({"Action": "*"}), *bucket(), bound) == {("role r", "b"): True}
    away = role(permissions_boundary="arn:aws:iam::123456789012:policy/elsewhere")
    assert found(away, policy({"Action": "*"}), secret()) == {("role r", "s"): False}


def test_policies_of_aws_itself_are_known_and_others_are_unknown() -> None:
    def attached(arn: str) -> Resource:
        return Resource("aws_iam_role_policy_attachment", "a", {"role": "r", "policy_arn": arn}, "")

    assert found(role(), attached("arn:aws:iam::aws:policy/SecretsManagerReadWrite"), secret())["role r", "s"] is True
    assert found(role(), attached("arn:aws:iam::aws:policy/ReadOnlyAccess"), secret()) == {}
    assert found(role(), attached("arn:aws:iam::123456789012:policy/x"), secret())["role r", "s"] is False


def test_the_table_of_policies_of_aws_is_what_the_script_writes() -> None:
    root = Path(__file__).parent.parent.parent
    spec = importlib.util.spec_from_file_location("regen_managed", root / "scripts/regen_managed.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    document = json.loads(module.aws_managed_policies_data)["AmazonS3ReadOnlyAccess"]["Document"]
    assert module._said(document, "s3:getobject") == "s3:getobject" and module._said(document, "s3:putobject") == ""
    names = {line.partition(",")[0] for line in module.TABLE.read_text().splitlines()[1:]}
    assert names == set(json.loads(module.aws_managed_policies_data))


@pytest.mark.parametrize("name", (*OURS, *HAND))
def test_in_our_plans_nobody_reaches_more_than_the_spec_asks(name: str) -> None:
    plan, resources = planned(name)
    rows = [one for one in read_access(Estate(plan.system, resources)) if one.data.holds != "log"]
    assert rows and all(one.certain and needs(plan.system, one).allowed for one in rows)
    for service in plan.system.services:  # and each store of objects is reached by who calls it
        kept = {one.name for one in plan.system.stores if one.kind == "objects"}
        for store in kept & {call.to for call in service.calls}:
            mine = {
                one.way
                for one in rows
                if store == one.data.component and service.name in (one.principal.component, _pod(one))
            }
            assert mine == {"read", "write"}, (service.name, store)


def _pod(one: Access) -> str:
    return one.principal.carriers[0].rpartition("/")[2] if one.principal.carriers else ""


def check(name: str, *more: Resource) -> list[str]:
    plan, resources = planned(name)
    audit = run_audit(plan.system, [*resources, *more], checks=["data-by-need"])
    return [f"{one.verdict}: {one.what}" for one in audit.findings if one.verdict != "kept"]


def test_an_identity_of_azure_that_reads_more_is_named_with_the_way() -> None:
    said = {"scope": Ref("azurerm_resource_group.main", "id"), "role_definition_name": "Key Vault Secrets User"}
    said["principal_id"] = Ref("azurerm_user_assigned_identity.service_mail", "principal_id")
    told = check("servers on Azure", Resource("azurerm_role_assignment", "oops", said, ""))
    assert len(told) == 6 and all(
        one.startswith("broken: identity service_mail may read azurerm_key_vault_secret.") for one in told
    )
    assert any(
        "mail calls no stock (servers of mail → identity service_mail → Key Vault Secrets User on" in one
        for one in told
    )
    unsure = check(
        "servers on Azure", Resource("azurerm_role_assignment", "oops", {**said, "role_definition_name": Var("r")}, "")
    )
    assert len(unsure) == 1 and unsure[0].startswith("unknown: cannot be told whether identity service_mail may")


def test_a_member_of_google_cloud_that_reads_more_is_named_with_the_way() -> None:
    def given(role_: str, **more: Any) -> Resource:
        member = Join(("serviceAccount:", Ref("google_service_account.mail", "email")))
        return Resource(
            "google_project_iam_member",
            "oops",
            {"project": Var("project"), "role": role_, "member": member, **more},
            "",
        )

    told = check("servers on Google Cloud", given("roles/storage.objectViewer"))
    assert told == [
        "broken: account mail may read google_storage_bucket.files, and mail calls no files (servers of mail"
        " → account mail → roles/storage.objectViewer on the project (google_project_iam_member.oops))"
    ]
    (unsure,) = check("servers on Google Cloud", given("roles/storage.objectViewer", condition=Block({"title": "x"})))
    assert unsure.startswith("unknown: ")
    assert check("servers on Google Cloud", given("roles/logging.viewer")) == []


def test_who_acts_as_an_account_reads_what_it_reads() -> None:
    said = {
        "service_account_id": Ref("google_service_account.admin", "name"),
        "role": "roles/iam.serviceAccountTokenCreator",
    }
    told = check(
        "servers on Google Cloud",
        Resource("google_service_account_iam_member", "oops", {**said, "member": "user:eve@example.com"}, ""),
    )
    assert any(
        "user:eve@example.com may read google_storage_bucket.files" in one and "acts as admin" in one for one in told
    )


TERRAFORM = """
variable "apps" { default = ["web", "api"] }
data "aws_caller_identity" "me" {}
resource "aws_s3_bucket" "things" { bucket = "things" }
resource "aws_iam_role" "app" {
  for_each = toset(var.apps)
  name = "app-${each.key}"
  assume_role_policy = jsonencode({Statement = [{
    Effect = "Allow", Action = "sts:AssumeRole", Principal = {Service = "ec2.amazonaws.com"}
  }]})
}
data "aws_iam_policy_document" "read" {
  statement {
    actions = ["s3:GetObject"]
    resources = ["${aws_s3_bucket.things.arn}/public/*"]
  }
}
resource "aws_iam_role_policy" "app" {
  role = aws_iam_role.app["api"].name
  policy = data.aws_iam_policy_document.read.json
}
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_internet_gateway" "i" { vpc_id = aws_vpc.v.id }
resource "aws_route_table" "t" {
  vpc_id = aws_vpc.v.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.i.id
  }
}
resource "aws_subnet" "s" {
  count = 2
  vpc_id = aws_vpc.v.id
  cidr_block = cidrsubnet(aws_vpc.v.cidr_block, 8, count.index)
}
resource "aws_route_table_association" "a" {
  subnet_id = aws_subnet.s[0].id
  route_table_id = aws_route_table.t.id
}
resource "aws_security_group" "g" {
  vpc_id = aws_vpc.v.id
  ingress {
    protocol = "tcp"
    from_port = 22
    to_port = 22
    cidr_blocks = ["203.0.113.0/24"]
  }
}
resource "aws_instance" "one" {
  subnet_id = aws_subnet.s[0].id
  vpc_security_group_ids = [aws_security_group.g.id]
  associate_public_ip_address = true
}
"""


def test_code_of_others_is_followed_the_same_way(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    (read,) = read_path(tmp_path, [])
    estate = Estate(None, read.resources)
    (row,) = [one for one in read_access(estate) if one.way == "read"]
    assert (row.certain, row.data.name) == (True, "aws_s3_bucket.things") and 'app["api"]' in row.principal.name
    (edge,) = [one for one in read_graph(estate).edges if one.source == "internet"]
    assert edge.target == "one" and {box[0] for box in edge.boxes} == {((0xCB007100, 0xCB0071FF),)}


@pytest.mark.parametrize("name", ["shop", "clinic", "servers on Google Cloud", "Kubernetes on Google Cloud"])
def test_our_own_code_read_as_that_of_others_says_the_same(name: str, tmp_path: Path) -> None:
    """Written as Terraform and read back without the plan: nothing is broken, and what is kept is as much."""
    plan, resources = planned(name)
    write_files(write_all(plan, [make_blueprint(plan)], ["terraform"]).files, tmp_path)
    (read,) = read_path(tmp_path, [])
    checks = ["firewall-edges", "data-by-need"]
    ours = run_audit(plan.system, resources, region=plan.region, checks=checks)
    theirs = run_audit(plan.system, read.resources, region=read.region, planned=read.planned, checks=checks)
    assert theirs.of("broken") == ours.of("broken") == []
    assert len(theirs.of("unknown")) <= len(ours.of("unknown")) + 1, "an identity of a vault is known to Azure alone"
    assert len(theirs.of("kept")) >= len(ours.of("kept")) - 1
