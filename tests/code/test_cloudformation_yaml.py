"""A template means what was put into it, whatever that holds: read back by PyYAML, and by cfn-lint's own loader."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from cfnlint.decode import cfn_yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.blueprint import Base64, Blueprint, Join, Json, Resource, Var, Variable
from standfast.code.cloudformation import write
from standfast.code.cloudformation.yaml import Call, lines
from standfast.problem import Problems

ODD = [
    "${",
    "${!",
    "$${",
    "$",
    "{",
    "}",
    "${x}",
    "${!x}",
    "!Ref VPC",
    "!Sub",
    "Fn::Sub",
    '"',
    "'",
    "\\",
    "\n",
    "\r\n",
    "\t",
]
ODD += [
    "\0",
    "é",
    "☃",
    "𝄞",
    "\u2028",
    "\x85",
    "\ufeff",
    ": ",
    " #",
    "- ",
    "? ",
    "&a",
    "*a",
    "%",
    "@",
    "`",
    "|",
    ">",
    "~",
]
ODD += ["yes", "No", "null", "1e3", "0x1f", "12:30", "2024-01-01", "<<", "=", "---", "...", " ", "x", "x" * 200]
odd_text = st.lists(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=40).map("".join)
scalars = st.one_of(odd_text, st.booleans(), st.integers(-(2**53), 2**53))
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(odd_text, inner, max_size=4),
        st.fixed_dictionaries({"Key": odd_text, "Value": inner}),
    ),
    max_leaves=10,
)


def plain(value: Any) -> Any:
    """cfn-lint's nodes as what they hold."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return str(value) if isinstance(value, str) else value


@given(values)
@settings(max_examples=150, deadline=None)
def test_any_value_comes_back_as_it_was(value: Any) -> None:
    text = "\n".join(lines({"a": value, "list": [value, [value]]})) + "\n"
    assert yaml.safe_load(text) == {"a": value, "list": [value, [value]]}


@given(odd_text, odd_text)
@settings(max_examples=50, deadline=None)
def test_cfn_lint_reads_it_as_we_wrote_it(one: str, other: str) -> None:
    said = {
        "A": Call("Sub", one),
        "B": [Call("Join", [other, [one, Call("Ref", "X")]])],
        "C": {"Key": one, "Value": other},
    }
    found = plain(cfn_yaml.loads("\n".join(lines(said)) + "\n"))
    assert found["A"] == {"Fn::Sub": one}
    assert found["B"] == [{"Fn::Join": [other, [one, {"Ref": "X"}]]}]
    assert found["C"] == {"Key": one, "Value": other}


def resolved(value: Any) -> str:
    """What CloudFormation makes of a function: `${!x}` is `${x}`, the rest is looked up and not read again."""
    if isinstance(value, str):
        return value
    ((function, said),) = value.items()
    if function == "Ref":
        return f"<{said}>"
    if function == "Fn::Base64":
        return resolved(said)
    assert function == "Fn::Sub"
    text, given = said if isinstance(said, list) else (said, {})

    def put(found: re.Match[str]) -> str:
        name = found[1]
        return f"${{{name[1:]}}}" if name.startswith("!") else resolved(given[name]) if name in given else f"<{name}>"

    return re.sub(r"\$\{([^}]*)\}", put, text)


def made(settings_: dict[str, Any]) -> dict[str, Any]:
    topic = Resource("aws_sns_topic", "a", settings_, "watch")
    known = Variable("known", "string", "known")
    files = write(Blueprint("aws", "eu-west-1", "small", (topic,), (known,), ()))
    return plain(cfn_yaml.loads(files[0].text))["Resources"]["ATopic"]["Properties"]


@given(odd_text, odd_text)
@settings(max_examples=100, deadline=None)
def test_texts_with_references_mean_what_they_say(one: str, other: str) -> None:
    """Nothing of the user's text is a reference, an escape or a function; what is a reference stays one."""
    name, script = Join((one, other, Var("known"), other)), Base64(Join((one, Var("known"))))
    told = made({"name": name, "display_name": one, "kms_master_key_id": script})
    assert resolved(told["TopicName"]) == f"{one}{other}<Known>{other}"
    assert told["DisplayName"] == one
    assert resolved(told["KmsMasterKeyId"]) == f"{one}<Known>"


@given(st.lists(odd_text, max_size=5))
@settings(max_examples=50, deadline=None)
def test_documents_in_text_stay_json(texts: list[str]) -> None:
    import json

    document = {"list": texts, "known": Join(("x", Var("known"))), "more": {"deep": [1, True, None]}}
    told = resolved(made({"name": Json(document)})["TopicName"])
    assert json.loads(told) == {"list": texts, "known": "x<Known>", "more": {"deep": [1, True, None]}}


@pytest.mark.parametrize("text", ["{{resolve:ssm:/x}}", "a {{resolve:secretsmanager:b}} c"])
def test_what_cloudformation_would_replace_is_refused(text: str) -> None:
    for value in (text, Join((text[:5], text[5:], Var("known"))), Base64(text), Json({"a": [text]})):
        with pytest.raises(Problems, match="which CloudFormation replaces"):
            made({"name": value})


@given(st.text(alphabet="ab1-_", min_size=1, max_size=8), st.text(alphabet="ab1-_", min_size=1, max_size=8))
@settings(max_examples=100, deadline=None)
def test_names_are_told_apart_or_refused(one: str, other: str) -> None:
    """Logical ids are letters and digits, the same each time; two that would be one are a Problem."""
    topics = tuple(Resource("aws_sns_topic", name, {}, "watch", name) for name in dict.fromkeys((one, other)))
    try:
        files = write(Blueprint("aws", "eu-west-1", "small", topics, (), ()))
    except Problems as told:
        assert "would both be" in str(told)
        return
    ids = list(cfn_yaml.loads(files[0].text)["Resources"])
    assert len(ids) == len(topics) and all(re.fullmatch(r"[A-Za-z0-9]+", each) for each in ids)
