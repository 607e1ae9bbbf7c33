"""HCL text means what was put into it, whatever that holds, and lies as `terraform fmt` would lay it."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import hcl2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from standfast.blueprint import Base64, Block, Join, Json, Ref, Var
from standfast.code.terraform.hcl import block, expression, quoted
from tests.programs import need

ODD = [
    "${",
    "$${",
    "$$${",
    "%{",
    "%%{",
    "$",
    "%",
    "{",
    "}",
    '"',
    "\\",
    "\n",
    "\r\n",
    "\t",
    "\0",
    "é",
    "☃",
    "𝄞",
    "\u2028",
]
ODD += ["EOT", "<<EOT", "# ", "//", "/*", "*/", "~}", "${~", "\x7f", "\x1b[0m", " ", "x"]
odd_text = st.lists(st.one_of(st.sampled_from(ODD), st.characters(exclude_categories=["Cs"])), max_size=200).map(
    "".join
)
values = st.recursive(
    st.one_of(
        odd_text,
        st.booleans(),
        st.integers(-(2**53), 2**53),
        st.floats(-1e9, 1e9, allow_nan=False).map(lambda value: round(value, 3)),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(odd_text.filter(bool), inner, max_size=4)),
    max_leaves=12,
)


def decoded(token: str) -> str:
    """A string of HCL as python-hcl2 hands it over, with its escapes taken out: another way than it was written."""
    inner = token[1:-1].replace("$${", "${").replace("%%{", "%{")
    inner = re.sub(r"\\U([0-9a-f]{8})", lambda found: json.dumps(chr(int(found[1], 16)))[1:-1], inner)
    return json.loads(f'"{inner}"', strict=False)


def read(value: Any) -> Any:
    """What python-hcl2 parsed, as plain data."""
    if isinstance(value, str):
        return decoded(value) if value.startswith('"') else float(value)
    if isinstance(value, list):
        return [read(one) for one in value]
    if isinstance(value, dict):
        return {decoded(key) if key.startswith('"') else key: read(one) for key, one in value.items()}
    return value


@given(odd_text)
@settings(max_examples=150, deadline=None)
def test_a_string_comes_back_as_it_was(text: str) -> None:
    assert "\n" not in quoted(text)
    assert read(hcl2.loads(f"a = {quoted(text)}\n")["a"]) == text


@given(values)
@settings(max_examples=100, deadline=None)
def test_any_value_comes_back_as_it_was(value: Any) -> None:
    assert read(hcl2.loads("\n".join(block("x", {"a": [value]}, 0)) + "\n")["x"][0]["a"]) == [value]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Ref("aws_vpc.main", "id"), "aws_vpc.main.id"),
        (Ref("a.b", "options", "name"), "one(a.b.options).name"),
        (Var("zones", 1), "var.zones[1]"),
        (Join((Ref("a.b", "arn"), "/*")), '"${a.b.arn}/*"'),
        (Join((Var("domain"),)), "var.domain"),
        (Join(("cost: 5", "$", Var("x"))), '"cost: 5${"$"}${var.x}"'),
        (Join(("100%", Var("x"), "$", "{y}")), '"100${"%"}${var.x}$\\u007by}"'),
        (1.0, "1"),
        (0.25, "0.25"),
        (None, "null"),
        ({"for": 1}, '{ "for" = 1 }'),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_references_and_plain_values(value: Any, text: str) -> None:
    assert expression(value) == text


def test_numbers_that_hcl_has_not_are_refused() -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="HCL has no number"):
            expression(value)


def test_what_hcl_cannot_say_is_refused() -> None:
    with pytest.raises(TypeError, match="no word for set"):
        expression({1, 2})


# The real Terraform as the oracle: it evaluates what was written, and formats it.

TRICKY = [
    *ODD,
    "".join(ODD),
    "".join(reversed(ODD)),
    'a"${x}"',
    "%%%{if}",
    "$" * 5 + "{x}",
    "\\${x}",
    "\\\\n",
    "x" * 200,
]
SCRIPTS = [
    "#!/bin/sh\necho $HOME ${HOME} %{x} $${y} %%{z} %%%{a}\n\n  indented\n\ttab\n",
    "no newline at the end",
    "  begins indented\n",
    "a\nEOT\nb\n",
    "bell\a\n",
    "a\r\nb\r\n",
    "\n",
    "",
    "x\n   \ny\n",
]


@pytest.mark.real
def test_terraform_reads_and_formats_it_as_we_wrote_it(tmp_path: Path) -> None:
    terraform = need("terraform", "Terraform")
    known = Var("known")
    cases: dict[str, tuple[Any, Any]] = {f"s{n}": (text, text) for n, text in enumerate(TRICKY)}
    cases |= {f"k{n}": ({text: n}, {text: n}) for n, text in enumerate(TRICKY)}
    cases |= {f"l{n}": (Join((text, known, text)), f"{text}<known>{text}") for n, text in enumerate(TRICKY)}
    cases |= {f"u{n}": (Base64(text), text.encode()) for n, text in enumerate(SCRIPTS)}
    cases["script"] = (
        Base64(Join(("#!\n", known, "$", known, "\nx %", known, "\n"))),
        b"#!\n<known>$<known>\nx %<known>\n",
    )
    long = "#!/bin/sh\necho $HOME ${HOME} %{x} $${y}\n\n  indented\n\ttab\nend\n"  # a here document
    for n, text in enumerate([*SCRIPTS, long]):
        cases[f"d{n}"] = (text, text)
        cases[f"m{n}"] = ({"a": 1, "text": text, "behind-it": 2}, {"a": 1, "text": text, "behind-it": 2})
    cases["joined"] = (Join((long, known, "$", known, "\n")), f"{long}<known>$<known>\n")
    document = {"a": [{"b": '"${x}'}, "known"], "c": {}}
    cases["json"] = (Json(document), document)
    nested = {"deep": {"list": [1, {"x": True, "longer": None}], "y": 0.5}, "other": "z", "third": ["w" * 70, "v" * 70]}
    cases["nested"] = (nested, nested)
    lines = block('variable "known"', {"default": "<known>"})
    for name, (value, _) in cases.items():
        lines += ["", *block(f'output "{name}"', {"description": "for the test", "value": value, "sensitive": False})]
    lines += ["", *block("locals", {"short": 1, "a_longer_one": 2, "map": {"a": 1, "bcd": 2}, "list": ["x" * 99, "y"]})]
    (tmp_path / "main.tf").write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}

    def run(*words: str) -> str:
        done = subprocess.run(
            [terraform, *words], cwd=tmp_path, env={**environment, "CHECKPOINT_DISABLE": "1"}, capture_output=True
        )
        assert done.returncode == 0, (done.stdout + done.stderr).decode()
        return done.stdout.decode()

    assert run("fmt", "-check", "-diff", "-no-color") == ""
    run("init", "-no-color")
    run("apply", "-auto-approve", "-no-color")
    told = json.loads(run("output", "-json"))
    for name, (_, wanted) in cases.items():
        got = json.loads(told[name]["value"]) if name == "json" else told[name]["value"]
        assert (base64.b64decode(got) if isinstance(wanted, bytes) else got) == wanted, name


def test_blocks_repeat_and_empty_ones_stay() -> None:
    lines = block("a", {"b": [Block({"c": 1}), Block({})], "none": None})
    assert lines == ["a {", "  b {", "    c = 1", "  }", "", "  b {}", "}"]
