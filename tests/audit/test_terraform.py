"""Terraform's code as resources: modules, loops, references; what is not known; what is wrong, with its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from standfast.audit import run_audit
from standfast.audit.reading import UNKNOWN, Written, document, known, raw
from standfast.audit.sources.folder import read_path
from standfast.audit.sources.terraform import Code, read_terraform
from standfast.blueprint import Ref, Resource, Var
from standfast.cli import run
from standfast.problem import Place


def read(folder: Path, **files: str) -> Code:
    """Files by name, `__` for a folder; `.tf` is added."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.tf"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read_terraform(folder, "infra")


def of(code: Code) -> dict[str, Resource]:
    return {one.address: one for one in code.resources}


def test_modules_loops_and_references(tmp_path: Path) -> None:
    found = of(
        read(
            tmp_path,
            main="""
provider "aws" {
  region = "eu-west-1"
}
provider "aws" {
  alias  = "far"
  region = "us-east-1"
}
module "part" {
  source    = "./part"
  for_each  = { a = 1, b = 2 }
  name      = each.key
  many      = each.value
  providers = { aws = aws.far }
}
resource "aws_s3_bucket_policy" "p" {
  bucket = module.part["b"].buckets[1]
  policy = data.aws_iam_policy_document.p.json
}
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:GetObject"]
    resources = ["${module.part["b"].buckets[1]}/*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
""",
            part__main="""
variable "name" {}
variable "many" { type = number }
resource "aws_s3_bucket" "b" {
  count  = var.many
  bucket = "${var.name}-${count.index}"
}
output "buckets" { value = aws_s3_bucket.b[*].id }
""",
        )
    )
    assert [one for one in found if "bucket.b" in one] == [
        'module.part["a"].aws_s3_bucket.b[0]', 'module.part["b"].aws_s3_bucket.b[0]',
        'module.part["b"].aws_s3_bucket.b[1]',
    ]  # fmt: skip
    last = found['module.part["b"].aws_s3_bucket.b[1]']
    assert (raw(last, "bucket"), last.provider) == ("b-1", "us-east-1")
    assert last.places == (Place("infra/part/main.tf", 4), Place("infra/main.tf", 9)), "and the call that leads there"
    policy = found["aws_s3_bucket_policy.p"]
    assert raw(policy, "bucket") == Ref(last.address, "id")
    assert document(policy, "policy")["Statement"][0]["Principal"] == "*"
    broken = {one.what for one in run_audit(None, list(found.values())).of("broken") if one.check == "bucket-private"}
    assert "its policy lets anybody in (statement 1)" in broken


def test_what_the_code_says_is_known_and_what_the_cloud_says_is_a_reference(tmp_path: Path) -> None:
    found = of(
        read(
            tmp_path,
            main="""
variable "given" {}
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_kms_key" "k" { description = "k" }
resource "aws_db_instance" "d" {
  identifier        = "orders"
  kms_key_id        = aws_kms_key.k.arn
  storage_encrypted = var.given
  multi_az          = data.aws_region.here.name == "x"
  cidr              = cidrsubnet(aws_vpc.v.cidr_block, 8, 1)
  password          = "hunter2"
}
resource "aws_x" "x" { name = upper(aws_db_instance.d.identifier) }
data "aws_region" "here" {}
""",
        )
    )
    database = found["aws_db_instance.d"]
    assert raw(database, "kms_key_id") == Ref("aws_kms_key.k", "arn")
    assert raw(database, "storage_encrypted") == Var("given") and known(database, "storage_encrypted") is UNKNOWN
    assert raw(database, "multi_az") is UNKNOWN
    assert raw(database, "cidr") == "10.0.1.0/24"
    assert raw(found["aws_x.x"], "name") == "ORDERS"
    assert "hunter2" not in repr(found), "and it is known that one is written there"
    checks = {one.check: one.verdict for one in run_audit(None, list(found.values())).findings}
    assert (checks["database-encrypted"], checks["no-secrets-in-code"]) == ("unknown", "broken")


def test_a_reference_is_worth_what_is_written_there() -> None:
    assert known({"a": Written("x.y", "z", told=lambda: 3)}, "a") == 3
    assert known({"a": Ref("x.y", "z")}, "a") is UNKNOWN


def test_what_may_not_be_there_keeps_nothing(tmp_path: Path) -> None:
    code = """
variable "closed" {}
resource "aws_s3_bucket" "b" {}
resource "aws_s3_bucket_public_access_block" "b" {
  COUNT
  bucket                  = aws_s3_bucket.b.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}
"""
    for count, verdict in (("", "kept"), ("count = var.closed ? 1 : 0", "unknown"), ("count = 0", "broken")):
        resources = read(tmp_path, main=code.replace("COUNT", count)).resources
        found = [one.verdict for one in run_audit(None, resources).findings if one.check == "bucket-private"]
        assert found == [verdict], count


def test_values_come_from_files_in_the_order_of_terraform(tmp_path: Path) -> None:
    text = """
variable "a" { default = 1 }
variable "b" { default = 1 }
variable "c" { default = 1 }
resource "aws_x" "x" {
  all = [var.a, var.b, var.c]
}
"""
    (tmp_path / "terraform.tfvars").write_text("a = 2\nb = 2\nc = 2\n")
    (tmp_path / "z.auto.tfvars").write_text("b = 3\nc = 3\n")
    (tmp_path / "more.tfvars").write_text("c = 4\n")
    read(tmp_path, main=text)
    (found,) = read_terraform(tmp_path, "infra", [tmp_path / "more.tfvars"]).resources
    assert raw(found, "all") == [2, 3, 4]


def test_json_and_overrides(tmp_path: Path) -> None:
    (tmp_path / "a.tf.json").write_text(
        json.dumps({"locals": {"n": "b"}, "resource": {"aws_s3_bucket": {"b": {"bucket": "${local.n}-1"}}}})
    )
    code = read(tmp_path, a_override='resource "aws_s3_bucket" "b" {\n  force_destroy = true\n}')
    assert of(code)["aws_s3_bucket.b"].settings == {"bucket": "b-1", "force_destroy": True}


BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "here"\n}\n'
X = 'resource "aws_x" "x" {\n  a = '
CALL = 'module "m" {\n  source = '
WRONG = {
    "broken HCL": ({"bad": "resource {"}, "infra/bad.tf:1", "this is not HCL"),
    "a cycle of values": ({"bad": "locals {\n  a = local.b\n  b = local.a\n}\n" + X + "local.a\n}"},
                          "infra/bad.tf:3", "local.a rests on itself"),
    "a cycle of modules": ({"bad": CALL + '"./m"\n}', "m__main": CALL + '"../m"\n}'},
                           "infra/m/main.tf:2", "calls itself"),
    "no such module": ({"bad": CALL + '"./nowhere"\n}'}, "infra/bad.tf:2", "module 'm' is not there"),
    "a module elsewhere": ({"bad": CALL + '"acme/vpc/aws"\n}'}, "infra/bad.tf:2", "was not fetched"),
    "an unknown function": ({"bad": 'resource "aws_x" "x" {\n\n  a = nosuch(1)\n}'}, "infra/bad.tf:3", "nosuch()"),
    "no such name": ({"bad": X + 'var.nosuch\n}'}, "infra/bad.tf:2", "'var.nosuch' is not"),
    "twice": ({"bad": BUCKET}, "infra/main.tf:1", "declared twice"),
    "too many": ({"bad": 'resource "aws_x" "x" {\n  count = 10000000\n}'}, "infra/bad.tf:2", "more than"),
    "text without end": ({"bad": "locals {\n" + "\n".join(
        f'  t{k} = "${{local.t{k + 1}}}${{local.t{k + 1}}}"' for k in range(40)) + '\n  t40 = "xxxxxxxx"\n}\n'
        + X + 'local.t0\n}'}, "infra/bad.tf:", "grows over"),
    "a list without end": ({"bad": "locals {\n" + "\n".join(
        f"  t{k} = [local.t{k + 1}, local.t{k + 1}]" for k in range(40)) + '\n  t40 = [1]\n}\n'
        + X + 'local.t39\n  b = local.t0\n}'}, "infra/bad.tf:", "members"),
    "a file elsewhere": ({"bad": X + 'file("/etc/passwd")\n}'}, "infra/bad.tf:2", "outside"),
    "a pattern without end": ({"bad": X + 'regex("(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaa!")\n}'},
                              "infra/bad.tf:2", "for ever"),
    "a bad type": ({"bad": X + '"hunter2" + 1\n}'}, "infra/bad.tf:2", "is no number"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_has_a_place_and_the_rest_is_read(tmp_path: Path, case: str) -> None:
    files, place, said = WRONG[case]
    code = read(tmp_path, main=BUCKET, **files)
    told = [str(one) for one in code.problems if said in one.what]
    assert told and place in told[0]
    assert "hunter2" not in "".join(map(str, code.problems))
    assert raw(of(code)["aws_s3_bucket.b"], "bucket") == "here"
    assert len(repr(code)) < 100_000
    values = [known(one, "a") for one in code.resources if one.kind == "aws_x" and "a" in one.settings]
    assert all(one is UNKNOWN or one == [[1], [1]] for one in values)


def test_names_from_outside_are_only_names(tmp_path: Path) -> None:
    code = read(tmp_path, main='resource "aws_s3_bucket" "\\u001b[2J../x" {\n  bucket = "\\u0007"\n}')
    (one,) = code.resources
    assert one.address == "aws_s3_bucket.\x1b[2J../x"


def test_the_verb_tells_of_both_and_ends_with_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path, main=BUCKET, bad="resource {", sub__main='resource "aws_s3_bucket" "c" {}')
    assert run(["audit", str(tmp_path)]) == 1
    told = capsys.readouterr()
    assert "bad.tf:1  this is not HCL" in told.err
    assert "as written in the code: broken" in told.out and "sub/aws_s3_bucket.c" in told.out


def test_a_problem_keeps_the_verdict_from_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read(tmp_path, main=CALL + '"acme/vpc/aws"\n}\n')
    assert run(["audit", str(tmp_path)]) == 2


TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: live}
Conditions:
  Live: !Equals [!Ref Stage, live]
Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "${Stage}-files"
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true}
  Door:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0}]
  Store:
    Type: AWS::RDS::DBInstance
    Properties:
      StorageEncrypted: !If [Live, false, true]
      MasterUserPassword: hunter2
      VPCSecurityGroups: [!GetAtt Door.GroupId]
  Other: {Type: "AWS::Nobody::Knows"}
"""


def test_a_template_of_cloudformation(tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(TEMPLATE)
    (found,) = read_path(path)
    resources = {one.address: one for one in found.resources}
    assert raw(resources["aws_s3_bucket.Files"], "bucket") == "live-files"
    assert resources["aws_db_instance.Store"].places == (Place(str(path), 16),)
    assert raw(resources["aws_db_instance.Store"], "vpc_security_group_ids") == [Ref("aws_security_group.Door", "id")]
    assert "hunter2" not in repr(found)
    assert [one.what for one in found.problems] == ["'AWS::Nobody::Knows' is not seen"]
    broken = {one.check for one in run_audit(None, found.resources).of("broken")}
    assert {"database-encrypted", "firewall-world", "bucket-private", "no-secrets-in-code"} <= broken


def test_a_template_that_unfolds_without_end(tmp_path: Path) -> None:
    lines = ["Resources:", "  a: {Type: 'AWS::S3::Bucket'}", "x0: &x0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    lines += [f"x{k + 1}: &x{k + 1} [{', '.join([f'*x{k}'] * 10)}]" for k in range(9)]
    path = tmp_path / "stack.yaml"
    path.write_text("\n".join(lines))
    (found,) = read_path(path)
    assert found.problems and not found.resources
