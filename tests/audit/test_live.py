"""An account read through its API, on moto in this process: what stands, and what may not be asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

boto3 = pytest.importorskip("boto3")
moto = pytest.importorskip("moto")

from botocore.client import BaseClient  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

from standfast.audit.reading import UNKNOWN, raw  # noqa: E402
from standfast.audit.sources.live import ROWS, read_live  # noqa: E402
from standfast.cli import run  # noqa: E402
from standfast.operate.audits import audit_live  # noqa: E402
from standfast.problem import Place  # noqa: E402

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
TRUST = '{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}'


@pytest.fixture(scope="module")
def account() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch, moto.mock_aws():
        for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("DEFAULT_REGION", "eu-west-1")):
            patch.setenv(f"AWS_{name}", value)
        s3, rds, ec2, iam = (boto3.client(name) for name in ("s3", "rds", "ec2", "iam"))
        s3.create_bucket(Bucket="one-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_bucket_versioning(Bucket="one-bucket", VersioningConfiguration={"Status": "Enabled"})
        tags = [{"Key": "spec", "Value": "shop.yaml:14"}, {"Key": "component", "Value": "orders"}]
        rds.create_db_instance(
            DBInstanceIdentifier="orders", DBInstanceClass="db.t4g.small", Engine="postgres", AllocatedStorage=20,
            PubliclyAccessible=True, MasterUsername="u", MasterUserPassword="hunter222", Tags=tags,
        )  # fmt: skip
        network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        group = ec2.create_security_group(GroupName="g", Description="d", VpcId=network)["GroupId"]
        anyone = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=anyone)
        iam.create_role(RoleName="r7", AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName="r7", PolicyName="p", PolicyDocument=POLICY)
        logs = boto3.client("logs")
        for number in range(60):  # more than one page of a list
            logs.create_log_group(logGroupName=f"/app/{number}")
        yield


ROWS_HERE = tuple(row for row in ROWS if row.call.partition(".")[0] in ("s3", "rds", "ec2"))


def test_what_stands_becomes_the_resources_that_checks_read(account: None) -> None:
    audit = audit_live().audits["live"]
    broken = {(one.check, one.resource) for one in audit.of("broken")}
    assert {
        ("database-private", "aws_db_instance.orders"),
        ("database-encrypted", "aws_db_instance.orders"),
        ("bucket-private", "aws_s3_bucket.one-bucket"),
        ("no-open-policies", "aws_iam_role.r7"),
        ("no-wildcards", "aws_iam_role_policy.p"),
    } <= broken
    assert any(check == "firewall-world" for check, _ in broken)
    assert ("bucket-versioned", "aws_s3_bucket.one-bucket") not in broken
    (orders,) = {(one.place, one.component) for one in audit.findings if one.resource == "aws_db_instance.orders"}
    assert orders == (Place("shop.yaml", 14), "orders")
    groups = {one.resource for one in audit.findings if one.resource.startswith("aws_cloudwatch_log_group.")}
    assert len(groups) == 60


def refuse(monkeypatch: pytest.MonkeyPatch, codes: dict[str, str]) -> list[str]:
    """These operations are refused, by their names; returns all that were asked."""
    asked, original = [], BaseClient._make_api_call

    def call(self: Any, operation: str, given: Any) -> Any:
        asked.append(operation)
        if operation in codes:
            said = f"User: arn:aws:iam::1:user/a is not authorized to perform: x:{operation} on resource: *"
            raise ClientError({"Error": {"Code": codes[operation], "Message": said}}, operation)
        return original(self, operation, given)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return asked


def test_what_may_not_be_asked_is_unknown_and_named(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, {
        "DescribeDBInstances": "AccessDenied", "GetBucketVersioning": "AccessDenied",
        "DescribeFlowLogs": "ThrottlingException",
    })  # fmt: skip
    live = read_live(rows=ROWS_HERE)
    said = {one.what for one in live.problems}
    assert said == {
        "not allowed: x:DescribeDBInstances", "not allowed: x:GetBucketVersioning",
        "x:DescribeFlowLogs told nothing: ThrottlingException",
    }  # fmt: skip
    assert all(one.warning for one in live.problems)
    versioning = next(one for one in live.resources if one.kind == "aws_s3_bucket_versioning")
    assert raw(versioning, "versioning_configuration") is UNKNOWN and raw(versioning, "bucket") == "one-bucket"
    from standfast.audit import run_audit

    (found,) = run_audit(None, live.resources, planned=False, checks=["bucket-versioned"]).findings
    assert found.verdict == "unknown"


def test_nothing_but_reading_is_asked(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = refuse(monkeypatch, {})
    read_live(rows=ROWS_HERE)
    assert len(set(asked)) > 15
    assert all(one.startswith(("Describe", "List", "Get")) for one in asked)
    calls = {one.call for row in ROWS for one in (row, *row.more, *([row.whole] if row.whole else []))}
    methods = {one.partition(".")[2] for one in calls}
    assert all(one.startswith(("describe_", "list_", "get_")) for one in methods)


def test_every_row_asks_for_what_the_api_has(account: None) -> None:
    """Operations, parameters and the members named first in an answer, held against botocore's descriptions."""
    for row in ROWS:
        for one in (row, *row.more, *([row.whole] if row.whole else [])):
            service, _, method = one.call.partition(".")
            client = boto3.client(service)
            model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method])
            assert set(one.given) <= set(model.input_shape.members), one.call
            first = one.over.partition("[")[0].partition(".")[0]
            assert not first or first in model.output_shape.members, (one.call, one.over)


def test_the_verb(account: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["audit", "--live", "aws"]) == 1
    told = capsys.readouterr()
    assert "as it stands in the account: broken" in told.out and "hunter222" not in told.out + told.err
    assert "not read from an account" in told.err
    assert run(["audit"]) == 1 and "what is to be audited?" in capsys.readouterr().err
