"""Whatever a value or a name holds, the program says it back: parsed by Python itself, and laid out as ruff would."""

from __future__ import annotations

import ast
import keyword
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.blueprint import Block, Blueprint, Join, Output, Ref, Resource, Var, Variable
from standfast.code import write_code
from standfast.problem import Problems
from standfast.python import (
    Code,
    assigned,
    docstring,
    formatted,
    identifier,
    layout,
    lines_of_text,
    literal,
    quoted,
    raw,
)

ODD = ["${", "$${", "%{", "%%{", "{", "}", "{{", "{x}", '"', "'", '"""', "'''", "\\", "\n", "\r\n", "\r", "\t", "\0"]
ODD += ["é", "☃", "𝄞", "\u2028", "\x85", "\x0c", "\x7f", "\x1b[0m", "#", "\\n", "\\u0041", " ", "x" * 200]
odd_text = st.lists(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=60).map("".join)
values = st.recursive(
    st.one_of(odd_text, st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(odd_text, inner, max_size=4)),
    max_leaves=12,
)


@given(odd_text)
@settings(max_examples=200, deadline=None)
def test_a_text_comes_back_as_it_was(text: str) -> None:
    assert "\n" not in quoted(text) and ast.literal_eval(quoted(text)) == text
    assert ast.literal_eval(lines_of_text(text)) == text
    assert ast.literal_eval(lines_of_text(text, first=False)) == text
    assert ast.literal_eval(raw(text)) == text
    assert ast.literal_eval(docstring(text)) == " ".join(text.split())


@given(odd_text, odd_text)
@settings(max_examples=100, deadline=None)
def test_a_text_with_a_value_inside_comes_back(before: str, after: str) -> None:
    config = type("config", (), {"domain": "{a}'\""})
    assert eval(formatted([before, Code("config.domain"), after]), {"config": config}) == f"{before}{{a}}'\"{after}"  # noqa: S307


@given(values)
@settings(max_examples=150, deadline=None)
def test_any_value_comes_back_as_it_was(value: Any) -> None:
    assert ast.literal_eval(layout(literal(value))) == value


@given(odd_text)
@settings(max_examples=100, deadline=None)
def test_any_name_becomes_one_that_python_takes(name: str) -> None:
    assert identifier(name).isidentifier() and not keyword.iskeyword(identifier(name))


def test_what_was_laid_out_is_as_ruff_leaves_it() -> None:
    """One module of odd values, formatted by the real ruff: nothing changes."""
    texts = [*ODD, "".join(ODD), "".join(reversed(ODD)), "it's", 'say "it\'s"', 'x"', "x'", "a\nb\nc\nd\n"]
    nested = {"deep": {"list": [1, {"x": True, "longer": None}], "y": 0.5}, "third": ["w" * 70, "v" * 70], "": []}
    lines = [assigned(f"v{number}", literal(one)) for number, one in enumerate([*texts, texts, nested, [nested], {}])]
    lines += [f"t{number} = {lines_of_text(one)}" for number, one in enumerate(texts)]
    text = "\n".join(lines) + "\n"
    words = ["format", "--line-length", "110", "--stdin-filename", "odd.py", "-"]
    done = subprocess.run([_ruff(), *words], input=text.encode(), capture_output=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == text


def _ruff() -> str:
    from pathlib import Path

    return str(Path(sys.executable).parent / "ruff")


# Whole programs of a blueprint by hand


def blueprint(
    *resources: Resource, variables: tuple[Variable, ...] = (), outputs: tuple[Output, ...] = ()
) -> Blueprint:
    return Blueprint("aws", "eu-west-1", "odd", resources, variables, outputs, {"system": "odd"})


def vpc(name: str, **more: Any) -> Resource:
    return Resource("aws_vpc", name, {"cidr_block": "10.0.0.0/16", **more}, "network")


def calls(source: Blueprint, module: str) -> dict[str, ast.Call]:
    """Each assignment of a module of the program."""
    text = next(file.text for file in write_code(source, "pulumi") if file.path == f"{module}.py")
    return {
        one.targets[0].id: one.value
        for one in ast.parse(text).body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name) and isinstance(one.value, ast.Call)
    }


@given(st.dictionaries(odd_text, odd_text, max_size=4))
@settings(max_examples=60, deadline=None)
def test_tags_come_back_from_a_whole_program(tags: dict[str, str]) -> None:
    made = calls(blueprint(vpc("main", tags=tags)), "network")["main_vpc"]
    said = {one.arg: one.value for one in made.keywords}
    assert ast.literal_eval(said["tags"]) == tags


@pytest.mark.parametrize("name", ["class", "None", "print", "_", "9lives", "API_KEY", "pulumi", "x" * 200, "network"])
def test_names_that_mean_something_to_python(name: str) -> None:
    made = calls(blueprint(vpc(name)), "network")
    assert len(made) == 1 and ast.literal_eval(next(iter(made.values())).args[0]) == name
    variable = next(iter(made))
    assert variable not in ("network", "pulumi", "aws", "config", "providers") and variable.isidentifier()


def test_names_that_differ_in_case_alone_stay_two() -> None:
    assert set(calls(blueprint(vpc("KEY"), vpc("key")), "network")) == {"KEY_vpc", "key_vpc"}


def test_names_that_python_cannot_tell_apart_are_a_problem() -> None:
    with pytest.raises(Problems, match=r"aws_vpc.a-b and aws_vpc.a_b would both be a_b_vpc in Python"):
        write_code(blueprint(vpc("a_b"), vpc("a-b")), "pulumi")


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (vpc("main", cidr="x"), "pulumi-aws 7.51.1 has no argument cidr in ec2.Vpc"),
        (vpc("main", enable_dns_support="maybe"), "enable_dns_support is str, and Pulumi asks for true or false"),
        (vpc("main", tags="x"), "tags is str, and Pulumi asks for a map"),
        (Resource("aws_teapot", "x", {}, "network"), "pulumi-aws 7.51.1 has no such resource"),
        (Resource("aws_subnet", "x", {}, "network"), "cannot be made without vpc_id"),
        (vpc("main", cidr_block=Ref("aws_vpc.no", "id")), "aws_vpc.main speaks of aws_vpc.no, which is not there"),
        (vpc("main", cidr_block=Ref("aws_vpc.main", "id")), "resources need one another in a circle"),
        (
            Resource("aws_vpc", "main", {}, "network", lifecycle={"replace_triggered_by": ["x"]}),
            "Pulumi has no word for the lifecycle rule replace_triggered_by",
        ),
        (
            Resource("aws_vpc", "main", {}, "network", lifecycle={"ignore_changes": ["nothing"]}),
            "has no argument nothing whose changes to ignore",
        ),
        (
            Resource("aws_autoscaling_group", "x", {"max_size": 1, "min_size": 1, "enabled_metrics": ["No"]}, "data"),
            "enabled_metrics is 'No', and autoscaling.Metric of pulumi-aws 7.51.1 has no such value",
        ),
    ],
)  # fmt: skip
def test_what_pulumi_cannot_say_is_a_problem(resource: Resource, said: str) -> None:
    with pytest.raises(Problems) as raised:
        write_code(blueprint(resource), "pulumi")
    assert said in str(raised.value)


def test_life_is_governed_in_pulumis_words() -> None:
    life = {"create_before_destroy": False, "prevent_destroy": True, "ignore_changes": ["cidr_block", "tags"]}
    first, second = vpc("first"), vpc("second")
    second = Resource(**{**vars(second), "lifecycle": life, "depends_on": ("aws_vpc.first",)})
    options = {one.arg: one.value for one in calls(blueprint(first, second), "network")["second_vpc"].keywords}["opts"]
    assert isinstance(options, ast.Call)
    said = {one.arg: ast.unparse(one.value) for one in options.keywords}
    assert said == {
        "provider": "providers.main",
        "depends_on": "[first_vpc]",
        "delete_before_replace": "True",
        "protect": "True",
        "ignore_changes": "['cidr_block', 'tags']",
    }


def test_modules_never_need_each_other() -> None:
    """A bucket policy that names what reads the bucket: the bucket is set apart, and comes first."""
    bucket = Resource("aws_s3_bucket", "b", {"bucket": "b"}, "data")
    key = Resource("aws_kms_key", "k", {"description": Ref("aws_s3_bucket.b", "arn")}, "keys")
    policy = Resource("aws_s3_bucket_policy", "b", {"bucket": "b", "policy": Ref("aws_kms_key.k", "arn")}, "data")
    paths = {file.path for file in write_code(blueprint(bucket, key, policy), "pulumi")}
    assert {"data_first.py", "keys.py", "data.py"} <= paths


def test_settings_are_read_by_their_kind() -> None:
    variables = (
        Variable("class", "string", "odd", "x"), Variable("many", "list(string)", "odd", ["a"]),
        Variable("count", "number", "odd"), Variable("on", "bool", "odd", True),
        Variable("token", "string", "odd", secret=True, pattern="^[a-z]{3}$"),
    )  # fmt: skip
    outputs = (Output("o", "odd", Join((Var("class"), "-", Var("token"))), secret=True),)
    files = {file.path: file.text for file in write_code(blueprint(variables=variables, outputs=outputs), "pulumi")}
    for line in (
        'class_ = _config.get("class", "x")', 'many = _config.get_object("many", ["a"])',
        'count = _config.require_float("count")', 'on = _config.get_bool("on", True)',
        'token = _config.require_secret("token").apply(lambda text: _matching("token", "^[a-z]{3}$", text))',
    ):  # fmt: skip
        assert line in files["config.py"]
    assert 'pulumi.Output.secret(pulumi.Output.concat(f"{config.class_}-", config.token))' in files["__main__.py"]


def test_a_block_that_is_taken_once_is_given_once() -> None:
    twice = Resource("aws_launch_template", "t", {"metadata_options": [Block({}), Block({})]}, "compute")
    with pytest.raises(Problems, match="metadata_options holds a list of 2, and Pulumi takes one object there"):
        write_code(blueprint(twice), "pulumi")
