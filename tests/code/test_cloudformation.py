"""CloudFormation of whole plans: accounted for, clean for cfn-lint, and refused where a template cannot say it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

from standfast.blueprint import Block, Blueprint, Output, Ref, Resource, Var, Variable, make_blueprint, make_blueprints
from standfast.code import LANGUAGES, write_all, write_code
from standfast.code.cloudformation import CLOUDS, unsaid, write
from standfast.code.cloudformation.kinds import table
from standfast.code.cloudformation.parts import parts_of
from standfast.code.cloudformation.stacks import MOST_RESOURCES, needed, stacks_of
from standfast.files import File, write_files
from standfast.plan import make_plan
from standfast.problem import Place, Problems
from standfast.spec import read_spec
from tests.blueprint.shapes import contained, everything, standing_by
from tests.shop import EXAMPLES, shop_plan

HOSTILE = "'%{if} ${x} ${!y} $${z} ${ \"quoted\" \\ ☃ !Ref VPC %n'"
PLANS = {
    "shop": shop_plan(),
    "everything": everything(motto=HOSTILE, owner="'${owner} \"x\" !Sub ${!y}'"),
    "private": everything(exposure="private", system="a-system-with-a-very-long-name-x"),
    "contained": contained(motto=HOSTILE),
}


def blueprints() -> dict[str, Blueprint]:
    """Every shape that is at hand: the hand-made plans, and the examples on AWS as the planner plans them."""
    found = {name: make_blueprint(plan) for name, plan in PLANS.items()}
    found |= {f"together{one.site}": one for one in make_blueprints(standing_by("active-active"))}
    for path in sorted(EXAMPLES.glob("*.yaml")):
        plan = make_plan(read_spec(path), margins=False)
        if plan.cloud in CLOUDS:
            found |= {f"{path.stem}-example{one.site}": one for one in make_blueprints(plan) if one.cloud in CLOUDS}
    return found


@pytest.fixture(scope="module")
def written() -> dict[str, tuple[Blueprint, list[File]]]:
    return {name: (blueprint, write(blueprint)) for name, blueprint in blueprints().items()}


def templates(files: list[File]) -> dict[str, str]:
    return {file.path: file.text for file in files if file.path.endswith(".yaml")}


def read(text: str) -> Mapping[str, Any]:
    """A template as cfn-lint's own loader reads it: functions in their long form."""
    return cfn_yaml.loads(text)


@pytest.mark.real
@pytest.mark.slow
def test_cfn_lint_has_nothing_to_say(written: Mapping[str, tuple[Blueprint, list[File]]], tmp_path: Path) -> None:
    """Not an error, not a warning, and nothing to inform of; each template in the region it is for."""
    for name, (_, files) in written.items():
        if name != "shop":  # the example is the same system
            write_files(files, tmp_path / name)
    paths = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.yaml"))
    regions = sorted({path.rsplit("/", 1)[-1].split("-", 1)[1].removesuffix(".yaml") for path in paths})
    assert cfn_lint(tmp_path, "--include-checks", "I", "--regions", *regions, "--", *paths) == ""


def cfn_lint(folder: Path, *words: str) -> str:
    """What the real cfn-lint says of files in a folder."""
    program = [sys.executable, "-c", "from cfnlint.runner import main; main()", "--format", "parseable"]
    told = subprocess.run([*program, *words], cwd=folder, capture_output=True, text=True)
    return told.stdout + told.stderr


@pytest.mark.real
def test_cfn_lint_finds_what_is_wrong(tmp_path: Path) -> None:
    """The judge is awake: a wrong name, and a missing property."""
    text = templates(write(make_blueprint(PLANS["shop"])))["3-eu-west-1.yaml"]
    spoilt = text.replace("PolicyDocument:", "PolicyDocumen:")
    (tmp_path / "spoilt.yaml").write_text(spoilt)
    told = cfn_lint(tmp_path, "spoilt.yaml")
    assert all(rule in told for rule in ("E3002", "E3003"))


def test_every_resource_is_accounted_for(written: Mapping[str, tuple[Blueprint, list[File]]]) -> None:
    """Each is a resource of a template, part of one, looked up, or told as left out."""
    for blueprint, files in written.values():
        parts = parts_of(blueprint)
        standing = {one for text in templates(files).values() for one in read(text)["Resources"]}
        told = {problem.what.split()[0] for problem in unsaid(blueprint)}
        for one in blueprint.resources:
            if one.address in told:
                assert one.address not in parts.where
            elif not one.data:
                assert parts.where[one.address] in standing, one.address
        assert standing == set(parts.by_id)
        kinds = {one.partition(".")[0] for one in told}
        assert kinds <= {"aws_default_security_group", "aws_s3_bucket_replication_configuration"}


def test_all_stacks_of_the_shop_find_what_they_need(written: Mapping[str, tuple[Blueprint, list[File]]]) -> None:
    """Exports and outputs that are asked for are there, in a stack that comes before; each stands in its region."""
    for blueprint, files in written.values():
        parts = parts_of(blueprint)
        stacks = stacks_of(parts)
        number = {one: stack.number for stack in stacks for one in stack.ids}
        for one, part in parts.by_id.items():
            assert all(number[other] <= number[one] for other in needed(parts, part))
            region = part.resource.provider.replace("_", "-") or blueprint.region
            assert part.kind.everywhere or stacks[number[one] - 1].region == region
        outputs = {name for text in templates(files).values() for name in read(text).get("Outputs", {})}
        variables = {one.name.lower().replace("_", "") for one in blueprint.variables}
        for text in templates(files).values():
            for name, said in read(text).get("Parameters", {}).items():
                assert name in outputs or name.lower().removesuffix("parameter") in variables or "Default" in said, name


def test_data_outlives_the_stack() -> None:
    found = read(templates(write(make_blueprint(PLANS["everything"])))["1-eu-north-1.yaml"])["Resources"]
    kept = {one["Type"]: (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy")) for one in found.values()}
    for type_ in ("AWS::RDS::DBInstance", "AWS::ElastiCache::ReplicationGroup", "AWS::EC2::Volume"):
        assert kept[type_] == ("Snapshot", "Snapshot")
    for type_ in ("AWS::S3::Bucket", "AWS::KMS::Key", "AWS::Backup::BackupVault", "AWS::SecretsManager::Secret"):
        assert kept[type_] == ("RetainExceptOnCreate", "Retain")
    assert kept["AWS::EC2::Subnet"] == (None, None)


def test_a_group_that_may_reach_nothing_says_so() -> None:
    """Without a rule that leads out AWS would let a group reach everything."""
    blueprint = make_blueprint(PLANS["everything"])
    found = read(templates(write(blueprint))["1-eu-north-1.yaml"])["Resources"]
    groups = {one: said["Properties"] for one, said in found.items() if said["Type"] == "AWS::EC2::SecurityGroup"}
    out = {
        one
        for one, said in groups.items()
        if any(rule["CidrIp"] == "0.0.0.0/0" for rule in said["SecurityGroupEgress"])
    }
    servers = {f"{name.capitalize()}SecurityGroup" for name in ("front", "admin", "cart", "mail", "worker")}
    assert out == servers < set(groups)
    for one in set(groups) - servers:
        assert [rule["CidrIp"] for rule in groups[one]["SecurityGroupEgress"]] == ["127.0.0.1/32"]


def test_no_secret_is_asked_for_or_shown() -> None:
    """The token of a cache is made by Secrets Manager, and read by CloudFormation from there."""
    template = read(templates(write(make_blueprint(PLANS["everything"])))["1-eu-north-1.yaml"])
    assert "FastToken" not in template["Parameters"]
    secret = template["Resources"]["FastSecret"]["Properties"]
    assert secret["GenerateSecretString"] == {"PasswordLength": 64, "ExcludePunctuation": True}
    token = template["Resources"]["FastReplicationGroup"]["Properties"]["AuthToken"]
    assert token == {"Fn::Sub": "{{resolve:secretsmanager:${FastSecret}}}"}


def test_another_cloud_is_a_problem_and_hides_no_other_language() -> None:
    azure = replace(make_blueprint(PLANS["shop"]), cloud="azure", site="standby")
    with pytest.raises(Problems, match="CloudFormation builds on AWS only"):
        write(azure)
    plan = PLANS["shop"]
    done = write_all(plan, (make_blueprint(plan), azure), ("cloudformation",))
    assert done.languages == ("cloudformation",)
    assert not [file for file in done.files if "/standby/" in file.path]
    assert any(one.warning and "does not say the standby on azure" in one.what for one in done.problems)
    assert "cloudformation" in LANGUAGES


def small(*resources: Resource, variables: tuple[Variable, ...] = (), outputs: tuple[Output, ...] = ()) -> Blueprint:
    return Blueprint("aws", "eu-west-1", "small", resources, variables, outputs)


def topic(label: str = "a", **settings: Any) -> Resource:
    return Resource("aws_sns_topic", label, settings, "watch", label, (Place("s.yaml", 3, 1),))


@pytest.mark.parametrize(
    ("resources", "told"),
    [
        ([Resource("aws_moon", "a", {}, "data")], "aws_moon.a cannot be said .*\n.*no table"),
        ([topic(colour="red")], "aws_sns_topic.a: colour cannot be said"),
        ([topic(name=Ref("aws_sns_topic.b", "arn"))], "there is no aws_sns_topic.b"),
        ([topic("a"), topic("b", name=Ref("aws_sns_topic.a", "weight"))], "does not tell weight of aws_sns_topic.a"),
        ([topic("a1"), topic("a-1")], "aws_sns_topic.a-1 and aws_sns_topic.a1 would both be A1Topic"),
        ([topic("a" * 255)], "would have 260 characters"),
        ([topic(display_name="{{resolve:ssm:/x}}")], "which CloudFormation replaces"),
        ([topic(tags={"Ref": "VPC"}), topic("b", name=Var("nowhere"))], "there is no variable nowhere"),
        ([topic(name=Block({}))], "no table says what is inside"),
        ([replace(topic(), lifecycle={"replace_triggered_by": []})], "no word for lifecycle"),
        ([Resource("aws_s3_bucket", "a", {"force_destroy": True}, "data")], "only False can be said"),
        ([Resource("aws_s3_bucket_versioning", "a", {"bucket": "x"}, "data")], "which is not in this code"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_a_problem_that_names_it(resources: list[Resource], told: str) -> None:
    with pytest.raises(Problems, match=told):
        write(small(*resources))


def test_a_parameter_and_a_resource_share_no_name() -> None:
    variable = Variable("a_topic", "string", "the same name")
    text = templates(write(small(topic(display_name=Var("a_topic")), variables=(variable,))))["1-eu-west-1.yaml"]
    found = read(text)
    assert set(found["Parameters"]) == {"ATopicParameter"} and set(found["Resources"]) == {"ATopic"}
    assert found["Resources"]["ATopic"]["Properties"]["DisplayName"] == {"Ref": "ATopicParameter"}


def test_a_system_too_large_for_one_template_is_split_in_order() -> None:
    """Each stack holds no more than a template may, and needs only those before it."""
    topics = [topic(f"t{n}", display_name="x") for n in range(MOST_RESOURCES + 100)]
    late = [replace(topic("first", display_name=Ref(f"aws_sns_topic.t{MOST_RESOURCES + 50}", "name")))]
    files = templates(write(small(*late, *topics)))
    assert sorted(files) == ["1-eu-west-1.yaml", "2-eu-west-1.yaml"]
    one, two = (read(files[path])["Resources"] for path in sorted(files))
    assert len(one) == MOST_RESOURCES and len(two) == 101
    assert {"FirstTopic", f"T{MOST_RESOURCES + 50}Topic"} <= set(one)


def test_the_same_blueprint_gives_the_same_bytes() -> None:
    assert write(make_blueprint(PLANS["everything"])) == write(make_blueprint(PLANS["everything"]))
    assert write_code(make_blueprint(PLANS["shop"]), "cloudformation") == write(make_blueprint(PLANS["shop"]))


def test_a_type_stands_in_one_table_only() -> None:
    from pkgutil import iter_modules

    from standfast.code.cloudformation import kinds

    modules = [__import__(f"{kinds.__name__}.{one.name}", fromlist=["KINDS"]) for one in iter_modules(kinds.__path__)]
    assert sum(len(one.KINDS) for one in modules) == len(table())
