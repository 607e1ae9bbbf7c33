"""Terraform's code of others: what reading it taught. `benchmarks/foreign.py` compares whole packages of it."""

from __future__ import annotations

from pathlib import Path

from standfast.audit import run_audit
from standfast.audit.reading import UNKNOWN, document, raw
from standfast.audit.sources.folder import read_path
from tests.audit.test_terraform import BUCKET, of, read

FOREIGN = """
variable "subnets" { type = list(string) }
locals { own = var.subnets != null }
module "network" {
  source = "./net"
  count  = local.own ? 0 : 1
}
resource "kubernetes_service" "s" {
  spec { type = "ClusterIP" }
}
resource "aws_instance" "i" {
  private_ip = kubernetes_service.s.spec.0.cluster_ip
}
resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRoleWithWebIdentity"
      Principal = { Federated = aws_iam_openid_connect_provider.p.arn }
      Condition = { StringEquals = { "${aws_iam_openid_connect_provider.p.url}:sub" = "x" } }
    }]
  })
}
resource "aws_iam_openid_connect_provider" "p" {}
"""


def test_what_code_of_others_taught(tmp_path: Path) -> None:
    """A variable that nobody gave may be null; the cloud adds to a block; the name of a condition may be unknown."""
    code = read(tmp_path, main=FOREIGN, net__main='resource "aws_vpc" "v" {}')
    found = of(code)
    assert found["module.network.aws_vpc.v"].settings["count"] is UNKNOWN
    assert raw(found["aws_instance.i"], "private_ip") is UNKNOWN and not code.problems
    assert document(found["aws_iam_role.r"], "assume_role_policy") is UNKNOWN
    (said,) = run_audit(None, code.resources, checks=["outsiders-named"]).findings
    assert said.verdict == "unknown"


def test_of_folders_that_call_one_another_one_is_the_root(tmp_path: Path) -> None:
    read(tmp_path, a__main='module "b" { source = "../b" }\n' + BUCKET, b__main='module "a" { source = "../a" }')
    (found,) = read_path(tmp_path)
    assert [one.address for one in found.resources] == ["aws_s3_bucket.b"]
    assert any("calls itself" in one.what for one in found.problems)


CIRCLE = """
resource "aws_security_group" "a" {
  ingress { security_groups = [aws_security_group.b.id] }
}
resource "aws_security_group" "b" {
  description = local.called
}
locals { called = "beside ${aws_security_group.a.name}" }
resource "aws_vpc" "own" { cidr_block = aws_vpc.own.id }
resource "aws_instance" "i" { depends_on = [aws_ebs_volume.v] }
resource "aws_ebs_volume" "v" { availability_zone = aws_instance.i.availability_zone }
resource "aws_subnet" "fine" { vpc_id = aws_vpc.own.id }
"""


def test_a_circle_of_resources_is_named_and_the_rest_is_audited(tmp_path: Path) -> None:
    code = read(tmp_path, main=CIRCLE + BUCKET)
    said = {(one.place.line, one.what) for one in code.problems}
    assert said == {
        (2, "aws_security_group.a rests on itself, through aws_security_group.b, local.called"),
        (9, "aws_vpc.own rests on itself"),
        (10, "aws_instance.i rests on itself, through aws_ebs_volume.v"),
    }
    assert len(code.resources) == 7
