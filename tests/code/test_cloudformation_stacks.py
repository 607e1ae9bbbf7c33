"""The shop's stacks made, changed and deleted on moto, and held against what Terraform made of the same resources."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from standfast.blueprint import make_blueprint
from standfast.code.cloudformation import write
from tests.audit.recorded import document
from tests.code.stacks import emulated
from tests.shop import shop_plan

pytestmark = [
    pytest.mark.real,
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Tried to parse"),
]

DOMAIN = "shop.example.com"
# What moto's CloudFormation does not make. It says nothing of it: the test that lists what stands finds them.
# One that moto learns shows there too.
UNMADE = {
    "AWS::AutoScaling::ScalingPolicy", "AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection",
    "AWS::Backup::BackupVault", "AWS::CloudFront::Distribution", "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudTrail::Trail", "AWS::CloudWatch::Alarm", "AWS::EC2::SecurityGroupEgress",
    "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::SubnetGroup", "AWS::Logs::Delivery",
    "AWS::Logs::DeliveryDestination", "AWS::Logs::DeliverySource", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy", "AWS::SecretsManager::Secret", "AWS::WAFv2::LoggingConfiguration", "AWS::WAFv2::WebACL",
    "AWS::WAFv2::WebACLAssociation",
}  # fmt: skip
# moto makes these and gives them no id: they are looked for themselves below.
UNNAMED = {"AWS::EC2::SecurityGroupIngress", "AWS::RDS::DBSubnetGroup"}
CALLS = {"Capabilities": ["CAPABILITY_NAMED_IAM"], "Tags": [{"Key": "system", "Value": "shop"}]}


@dataclass
class Made:
    client: Callable[[str, str], Any]
    texts: Mapping[str, str]
    templates: dict[str, Any] = field(default_factory=dict)  # by stack name
    regions: dict[str, str] = field(default_factory=dict)
    given: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    outputs: dict[str, str] = field(default_factory=dict)

    def standing(self, name: str) -> set[str]:
        pages = self.client("cloudformation", self.regions[name]).get_paginator("list_stack_resources")
        found = (one for page in pages.paginate(StackName=name) for one in page["StackResourceSummaries"])
        return {
            one["LogicalResourceId"]
            for one in found
            if one.get("PhysicalResourceId") or one.get("ResourceType") in UNNAMED
        }


@pytest.fixture(scope="module")
def made() -> Iterator[Made]:
    """All stacks, in the order of their numbers, each given what those before it told."""
    files = [file for file in write(make_blueprint(shop_plan())) if file.path.endswith(".yaml")]
    with emulated() as client, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of moto, for each type it does not know
        found = Made(client, {file.path: file.text for file in files})
        for file in sorted(files, key=lambda one: one.path):
            number, region = file.path.removesuffix(".yaml").split("-", 1)
            name = f"shop-{number}"
            template = cfn_yaml.loads(file.text)
            known = {**found.outputs, "Domain": DOMAIN}
            known["Zones"] = template["Parameters"].get("Zones", {}).get("Default", "")  # moto splits no default
            asked = [key for key in template["Parameters"] if known.get(key)]
            given = [{"ParameterKey": key, "ParameterValue": known[key]} for key in asked]
            stacks = client("cloudformation", region)
            stacks.create_stack(StackName=name, TemplateBody=file.text, Parameters=given, **CALLS)
            stack = stacks.describe_stacks(StackName=name)["Stacks"][0]
            assert stack["StackStatus"] == "CREATE_COMPLETE"
            found.outputs |= {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
            found.templates[name], found.regions[name], found.given[name] = template, region, given
        yield found


def terraform(kind: str) -> dict[str, Mapping[str, Any]]:
    """What Terraform made of the same shop on the same emulator, by name in the code."""
    found = document("deployed")["values"]["root_module"]["resources"]
    return {one["name"]: one["values"] for one in found if one["type"] == kind}


def test_what_does_not_stand_is_known_by_name(made: Made) -> None:
    missing = {
        (one, said["Type"])
        for name, template in made.templates.items()
        for one, said in template["Resources"].items()
        if one not in made.standing(name)
    }
    assert {type_ for _, type_ in missing} == UNMADE
    all_of_them = [said["Type"] for template in made.templates.values() for said in template["Resources"].values()]
    assert len(missing) == sum(type_ in UNMADE for type_ in all_of_them), "of a type either all stand, or none"
    assert len(all_of_them) - len(missing) > 90


def test_what_stands_is_there_when_the_service_is_asked(made: Made) -> None:
    ec2 = made.client("ec2", "eu-west-1")
    assert len(ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["shop"]}])["Vpcs"]) == 1
    database = made.client("rds", "eu-west-1").describe_db_instances()["DBInstances"][0]
    assert database["DBInstanceIdentifier"] == "shop-orders" and database["MultiAZ"]
    assert len(database["DBSubnetGroup"]["Subnets"]) == 3
    assert {one["Name"] for one in made.client("s3", "eu-west-1").list_buckets()["Buckets"]} == {
        "shop-images-123456789012", "shop-logs-123456789012", "shop-trail-123456789012",
    }  # fmt: skip
    assert not made.client("elasticache", "eu-west-1").describe_replication_groups()["ReplicationGroups"]
    assert made.outputs["WebUrl"] == f"https://{DOMAIN}" and made.outputs["NameServers"].count(",") == 3


def test_the_network_is_the_one_terraform_makes(made: Made) -> None:
    ec2 = made.client("ec2", "eu-west-1")
    vpc = ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["shop"]}])["Vpcs"][0]
    assert vpc["CidrBlock"] == terraform("aws_vpc")["main"]["cidr_block"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    named = {
        next(tag["Value"] for tag in one["Tags"] if tag["Key"] == "Name"): (
            one["CidrBlock"],
            one["MapPublicIpOnLaunch"],
        )
        for one in subnets
    }
    told = {
        one["tags"]["Name"]: (one["cidr_block"], one["map_public_ip_on_launch"])
        for one in terraform("aws_subnet").values()
    }
    assert named == told


def test_the_firewall_is_the_one_terraform_makes(made: Made) -> None:
    """Who is let in where. moto makes no rule of a stack that leads out; `test_cloudformation` reads those."""
    groups = made.client("ec2", "eu-west-1").describe_security_groups()["SecurityGroups"]
    name_of = {one["GroupId"]: one["GroupName"] for one in groups}
    ours, theirs = set(), set()
    for one in groups:
        if one["GroupName"].startswith("shop-"):
            for rule in one["IpPermissions"]:
                peers = [name_of[peer["GroupId"]] for peer in rule["UserIdGroupPairs"]]
                peers += [peer["CidrIp"] for peer in rule["IpRanges"]]
                ours |= {
                    (one["GroupName"], rule["IpProtocol"], rule["FromPort"], rule["ToPort"], peer) for peer in peers
                }
    names = {one["id"]: one["name"] for one in terraform("aws_security_group").values()}
    for rule in terraform("aws_vpc_security_group_ingress_rule").values():
        peer = rule["cidr_ipv4"] or names[rule["referenced_security_group_id"].split("/")[-1]]
        of = names[rule["security_group_id"]]
        theirs.add((of, rule["ip_protocol"], rule["from_port"], rule["to_port"], peer))
    assert ours == theirs


def test_balancers_ask_and_answer_as_terraform_has_them(made: Made) -> None:
    elb = made.client("elbv2", "eu-west-1")
    groups = {one["TargetGroupName"]: one for one in elb.describe_target_groups()["TargetGroups"]}
    told = {one["name"]: one for one in terraform("aws_lb_target_group").values()}
    assert set(groups) == set(told)
    for name, one in groups.items():
        health = told[name]["health_check"][0]
        assert (one["Port"], one["Protocol"]) == (told[name]["port"], told[name]["protocol"])
        assert (one["HealthCheckPath"], one["Matcher"]["HttpCode"]) == (health["path"], health["matcher"])
        assert one["HealthCheckIntervalSeconds"] == health["interval"]
        assert (one["HealthyThresholdCount"], one["UnhealthyThresholdCount"]) == (2, 2)
    balancers = {one["LoadBalancerName"]: one for one in elb.describe_load_balancers()["LoadBalancers"]}
    for one in terraform("aws_lb").values():
        found = balancers[one["name"]]
        assert found["Scheme"] == ("internal" if one["internal"] else "internet-facing")
        ports = {(each["Port"], each["Protocol"]) for each in elb.describe_listeners(
            LoadBalancerArn=found["LoadBalancerArn"])["Listeners"]}  # fmt: skip
        listeners = terraform("aws_lb_listener").values()
        assert ports == {
            (each["port"], each["protocol"]) for each in listeners if each["load_balancer_arn"] == one["arn"]
        }


def test_buckets_are_encrypted_as_terraform_has_them(made: Made) -> None:
    """Of a bucket's settings moto's CloudFormation makes this one."""
    s3 = made.client("s3", "eu-west-1")
    names = {one["id"]: one["bucket"] for one in terraform("aws_s3_bucket").values()}
    for one in terraform("aws_s3_bucket_server_side_encryption_configuration").values():
        wanted = one["rule"][0]["apply_server_side_encryption_by_default"][0]["sse_algorithm"]
        rules = s3.get_bucket_encryption(Bucket=names[one["bucket"]])["ServerSideEncryptionConfiguration"]["Rules"]
        assert rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == wanted


def test_servers_are_made_as_terraform_makes_them(made: Made) -> None:
    ec2 = made.client("ec2", "eu-west-1")
    versions = ec2.describe_launch_template_versions(LaunchTemplateName="shop-api")["LaunchTemplateVersions"]
    data, told = versions[-1]["LaunchTemplateData"], terraform("aws_launch_template")["api"]
    assert data["MetadataOptions"]["HttpTokens"] == told["metadata_options"][0]["http_tokens"] == "required"
    assert data["BlockDeviceMappings"][0]["Ebs"]["Encrypted"] in (True, "true")
    group = made.client("autoscaling", "eu-west-1").describe_auto_scaling_groups(
        AutoScalingGroupNames=["shop-api"]
    )["AutoScalingGroups"][0]  # fmt: skip
    assert group["HealthCheckType"] == terraform("aws_autoscaling_group")["api"]["health_check_type"] == "ELB"
    assert group["MinSize"] == 6 and len(group["TargetGroupARNs"]) == 1


def test_a_change_is_shown_made_and_deleted(made: Made) -> None:
    """Last, as nothing is left after it."""
    stacks = made.client("cloudformation", "eu-west-1")
    changed = made.texts["1-eu-west-1.yaml"].replace('MaxSize: "12"', 'MaxSize: "14"')
    assert changed != made.texts["1-eu-west-1.yaml"]
    call = {"StackName": "shop-1", "TemplateBody": changed, "Parameters": made.given["shop-1"], **CALLS}
    stacks.create_change_set(ChangeSetName="more", ChangeSetType="UPDATE", **call)
    shown = stacks.describe_change_set(StackName="shop-1", ChangeSetName="more")["Changes"]
    modified = [one["ResourceChange"] for one in shown if one["ResourceChange"]["Action"] == "Modify"]
    assert [one["LogicalResourceId"] for one in modified] == ["ApiAutoScalingGroup"]
    stacks.update_stack(**call)
    assert stacks.describe_stacks(StackName="shop-1")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    scaling = made.client("autoscaling", "eu-west-1")
    group = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["shop-api"])["AutoScalingGroups"][0]
    assert group["MaxSize"] == 14
    for name in ("shop-3", "shop-2", "shop-1"):
        made.client("cloudformation", made.regions[name]).delete_stack(StackName=name)
    assert not scaling.describe_auto_scaling_groups()["AutoScalingGroups"]
    assert not made.client("elbv2", "eu-west-1").describe_load_balancers()["LoadBalancers"]
    left = stacks.describe_stacks()["Stacks"]
    assert not [one for one in left if one["StackStatus"] != "DELETE_COMPLETE"]
