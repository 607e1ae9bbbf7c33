"""The language: what is parsed is what python-hcl2 parses; what is worth what is what Terraform's console says."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.audit.sources.hcl import Broken, parse_body, parse_expression
from standfast.audit.sources.hcl.tree import Body, Listing, Literal, Mapped, Unary
from standfast.audit.sources.terraform import read_terraform
from tests.programs import need

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in ("true", "false", "null", "for", "if", "in", "else", "endif", "endfor")
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters='"\\$%\n\r', exclude_categories=["C", "Z"]), max_size=8)
VALUES = st.recursive(
    st.booleans() | st.integers(0, 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def written(value: object, wide: bool) -> str:
    """A value as HCL, on one line or on many, with comments between."""
    if isinstance(value, list):
        return f"[{', '.join(written(one, wide) for one in value)}]"
    if isinstance(value, dict):
        end = " # a comment\n" if wide else ", "
        inside = end.join(f"{key} = {written(one, wide)}" for key, one in value.items())
        return f"{{\n{inside}\n}}" if wide else f"{{ {inside} }}"
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)


def data(node: object) -> object:
    """What we parsed, as plain data."""
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Listing):
        return [data(one) for one in node.members]
    if isinstance(node, Mapped):
        return {data(key): data(one) for key, one in node.pairs}
    raise AssertionError(node)


def theirs(value: object) -> object:
    """What python-hcl2 parsed, as plain data."""
    if isinstance(value, list):
        return [theirs(one) for one in value]
    if isinstance(value, dict):
        return {key.strip('"'): theirs(one) for key, one in value.items() if not key.startswith("__")}
    return value[1:-1] if isinstance(value, str) and value[:1] == '"' else value


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_attributes_are_those_of_python_hcl2(values: dict[str, object], wide: bool) -> None:
    text = "".join(f"{name} = {written(value, wide)}\n" for name, value in values.items())
    ours = {name: data(one.value) for name, one in parse_body(text).sets.items()}
    assert ours == theirs(hcl2.loads(text)) == values


@given(st.text(st.sampled_from('ab={}[]()"$%<>-.,:?!|&*/\n #\\_1~'), max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        assert isinstance(parse_body(text), Body)
    except Broken as caught:
        assert 0 <= caught.at <= len(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('a = "x', "not closed"), ("a = [1", "expected"), ("a = 1\na = 2", "twice"), ("a = <<E\nx", "does not end"),
        ('a = "${x"', "not closed"), ("a = " + "(" * 500, "too deep"), ("/* x", "comment"), ('a = "\\q"', "escape"),
        ("resource {", "expected"), ('a = "%{ if x }y"', "endif"), ("a = @", "character"),
        ("a = " + '"${' * 200, "too deep"),
    ],
)  # fmt: skip
def test_what_is_not_hcl_is_refused(text: str, said: str) -> None:
    with pytest.raises(Broken, match=said):
        parse_body(text)


def test_a_refusal_never_tells_a_text() -> None:
    with pytest.raises(Broken) as raised:
        parse_expression('[1 "hunter2"]')
    assert "hunter2" not in str(raised.value)


def test_signs_bind_as_in_the_specification() -> None:
    node = parse_expression("!a || b && c == 1 + 2 * -3 ? x : y")
    assert type(node).__name__ == "Condition"
    assert isinstance(parse_expression("- 3"), Unary)


# Each is worth the same to Terraform. No resources, so that every value is known.
EXPRESSIONS = """
1 + 2 * 3 - 4 / 2
7 % 3
10 / 4
-7 % 3
"a${1 + 1}b${true}"
1 == "1"
[1, 2] == [1, 2]
var.names["a"].open ? "yes" : "no"
[for k, v in var.names : "${k}=${v.size}" if v.size > 1]
{ for k, v in var.names : upper(k) => v.size }
{ for k, v in var.names : v.kind => k... }
var.list[*].id
var.list.*.id
values(var.names)[*].size
try(var.list[5].id, "none")
can(var.names.zzz)
merge({ a = 1, b = 2 }, { b = 3 })
flatten([[1, [2]], [], [3]])
distinct(["b", "a", "b"])
toset(["b", "a", "b"])
setproduct(["a", "b"], [1, 2])
setsubtract(["a", "b", "c"], ["b"])
setintersection(["a", "b"], ["b", "c"])
sort(["b", "a", "10", "9"])
lookup({ a = 1 }, "b", 2)
coalesce("", "x")
coalescelist([], [1])
compact(["a", "", "b"])
concat([1], ["a"])
contains(["a"], "a")
element(["a", "b"], 3)
index(["a", "b"], "b")
keys({ b = 1, a = 2 })
zipmap(["a", "b"], [1, 2])
chunklist([1, 2, 3], 2)
range(5)
range(1, 10, 4)
reverse([1, 2])
slice([1, 2, 3], 1, 2)
sum([1, 2.5])
transpose({ a = ["x", "y"], b = ["y"] })
matchkeys(["i1", "i2"], ["a", "b"], ["a"])
alltrue([true, "true"])
anytrue([])
one([1])
length("héé")
format("%s-%03d-%5.2f-%t-%q|%-4s|%4s|%%", "a", 7, 3.14159, true, "x\\"y", "b", "c")
formatlist("%s!", ["a", "b"])
join("-", ["a", "b"])
split(",", "a,b,,c")
replace("hello", "l", "L")
replace("a1b22", "/[0-9]+/", "<$0>")
regex("([a-z]+)-(\\\\d+)", "abc-12")
regex("(?P<k>[a-z]+)", "abc")
regexall("[a-z]", "a1b2")
substr("hello", 1, 3)
substr("hello", -3, -1)
title("hello big world")
trim("xxhixx", "x")
trimprefix("ab", "a")
trimsuffix("ab", "b")
trimspace("  a ")
chomp("a\\n")
indent(2, "a\\nb")
startswith("ab", "a")
endswith("ab", "b")
strcontains("ab", "b")
strrev("abc")
jsonencode({ b = [1, 2.5, null, true], a = "<x&y>" })
jsondecode("{\\"a\\": [1, \\"x\\", null]}")
yamldecode("a: [1, x]")
base64encode("hi")
base64decode("aGk=")
urlencode("a b&c/d")
md5("a")
sha1("a")
sha256("a")
sha512("a")
base64sha256("a")
uuidv5("dns", "example.com")
csvdecode("a,b\\n1,2")
cidrsubnet("10.0.0.0/16", 8, 2)
cidrsubnets("10.0.0.0/16", 4, 8, 4)
cidrhost("10.0.0.0/16", 5)
cidrhost("10.0.0.0/16", -2)
cidrnetmask("10.0.0.0/12")
ceil(1.2)
floor(-1.2)
abs(-3)
max(1, 5, 3)
min(4, 2)
pow(2, 10)
log(16, 2)
signum(-3)
parseint("ff", 16)
tostring(5)
tonumber("5.5")
tobool("true")
tolist(["a", 1])
dirname("a/b/c")
basename("a/b/c")
timeadd("2026-01-01T00:00:00Z", "1h30m")
timecmp("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z")
formatdate("YYYY-MM-DD'T'hh:mm", "2026-03-04T05:06:07Z")
"%{ for k in ["a", "b"] }${k},%{ endfor }"
"%{ if true }y%{ else }n%{ endif }"
local.doc
local.config
""".strip().splitlines()

MODULE = """
variable "names" {
  type = map(object({ size = number, open = optional(bool, true), kind = optional(string, "k") }))
  default = { a = { size = 1 }, b = { size = "2", open = false } }
}
variable "list" {
  default = [{ id = "x" }, { id = "y" }]
}
locals {
  doc = <<-EOT
    hello
      ${var.list[0].id} there
    %{ for one in ["p", "q"] ~}
    - ${one}
    %{ endfor ~}
    end $${not}
  EOT
  config = templatefile("${path.module}/a.tftpl", { who = "you", many = [1, 2] })
"""
TEMPLATE = "Hi ${who}%{ for one in many } ${one * 2}%{ endfor }\n"


def ordered(value: object) -> object:
    """The same with the keys of maps in order, and 2.0 as 2."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [ordered(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@pytest.mark.real
def test_terraform_says_the_same(tmp_path: Path) -> None:
    terraform = need("terraform", "Terraform 1.5 or newer")
    lines = [f"  e{number} = {said}" for number, said in enumerate(EXPRESSIONS)]
    (tmp_path / "main.tf").write_text("\n".join([MODULE, *lines, "}"]))
    (tmp_path / "a.tftpl").write_text(TEMPLATE)
    outputs = "\n".join(f'output "e{number}" {{ value = local.e{number} }}' for number in range(len(EXPRESSIONS)))
    (tmp_path / "outputs.tf").write_text(outputs)
    subprocess.run([terraform, "init", "-input=false"], cwd=tmp_path, check=True, capture_output=True, timeout=120)
    subprocess.run(
        [terraform, "apply", "-auto-approve"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        timeout=120,
    )
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    theirs = {name: ordered(one["value"]) for name, one in state["outputs"].items()}
    (tmp_path / "probe.tf").write_text(
        "\n".join(f'resource "probe" "e{number}" {{ value = local.e{number} }}' for number in range(len(EXPRESSIONS)))
    )
    read = read_terraform(tmp_path, "here")
    assert not read.problems, "\n".join(map(str, read.problems))
    ours = {one.name: ordered(one.settings.get("value")) for one in read.resources}
    wrong = {
        said: (ours[f"e{number}"], theirs.get(f"e{number}"))
        for number, said in enumerate(EXPRESSIONS)
        if json.dumps(ours[f"e{number}"]) != json.dumps(theirs.get(f"e{number}"))
    }
    assert not wrong
    assert len(theirs) == len(EXPRESSIONS)
