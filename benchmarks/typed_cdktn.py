"""Resources as a program in CDKTN for Python, as people write one: typed classes, and references as attributes.

    python benchmarks/typed_cdktn.py resources.json program.py

Runs in an environment that has cdktn and cdktn-provider-aws, whose own type hints say which class an argument takes.
`resources.json` is what `writing.py` makes of a blueprint: {"variables": [[name, kind, default]], "resources":
[{"kind", "name", "data", "settings", "lifecycle", "depends_on"}]}, its values marked by their type (`marked` there).
The program takes the folder to write to, and says its phases on standard output as JSON: phase -> seconds of the
processor, of all its processes (Node does the work).
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
import typing
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

import cdktn

HEAD = """\
import json
import os
import sys
from pathlib import Path

from cdktn import App, Fn, TerraformResourceLifecycle, TerraformStack, TerraformVariable, Token
from cdktn_provider_aws.provider import AwsProvider
"""
SPENT = '''

def spent():
    """Seconds of the processor: of this process and of all below it, those that run and those that ended."""
    seconds, known = 0, {os.getpid()}
    texts = {int(one.parent.name): one.read_text() for one in Path("/proc").glob("[0-9]*/stat")}
    rows = {process: text.rpartition(")")[2].split() for process, text in texts.items()}
    while more := {process for process, row in rows.items() if int(row[1]) in known} - known:
        known |= more
    return sum(int(one) for process in known for one in rows[process][11:15]) / os.sysconf("SC_CLK_TCK")


warm = App(outdir=sys.argv[1] + "-empty")
AwsProvider(TerraformStack(warm, "empty"), "aws", region="eu-west-1")
warm.synth()
loaded = spent()
app = App(outdir=sys.argv[1])
stack = TerraformStack(app, "made")
AwsProvider(stack, "aws", region="eu-west-1")
'''
TAIL = """\
made = spent()
app.synth()
print(json.dumps({"load": loaded, "make": made - loaded, "synth": spent() - made}))
"""
KINDS = {"list(string)": "list_value", "number": "number_value", "bool": "boolean_value"}


def class_of(kind: str, data: bool) -> type:
    """The class of a type of resource, or of one that is looked up: each has a module of its own."""
    module = f"data_{kind}" if data else kind.removeprefix("aws_")
    found = importlib.import_module(f"cdktn_provider_aws.{module}")
    wanted = cdktn.TerraformDataSource if data else cdktn.TerraformResource
    return next(one for _, one in inspect.getmembers(found, inspect.isclass) if issubclass(one, wanted))


def module_of(made: type) -> str:
    return made.__module__.rpartition(".")[2]


def members(hint: Any) -> Iterator[Any]:
    """The types that a hint allows, one by one."""
    if typing.get_origin(hint) is typing.Union:
        for one in typing.get_args(hint):
            yield from members(one)
    else:
        yield hint


def inside(hint: Any) -> tuple[type | None, bool]:
    """The class of the blocks that an argument takes, None where it takes no block; and whether it takes several."""
    for one in members(hint):
        if inspect.isclass(one) and one.__module__.startswith("cdktn_provider_aws."):
            return one, False
    for one in members(hint):
        if typing.get_args(one) and "Sequence" in str(one):
            return inside(typing.get_args(one)[0])[0], True
    return None, False


class Program:
    def __init__(self, given: dict[str, Any]):
        self.kinds = {name: kind for name, kind, _ in given["variables"]}
        self.variables = given["variables"]
        self.resources = {address(one): one for one in given["resources"]}
        self.classes = {key: class_of(one["kind"], one["data"]) for key, one in self.resources.items()}
        self.imports: dict[str, set[str]] = {}

    def text(self) -> str:
        lines = []
        for name, kind, default in self.variables:
            said = "" if default is None else f", default={default!r}"
            lines.append(f'var_{name} = TerraformVariable(stack, "{name}", type={kind!r}{said})')
        lines += [self.resource(key) for key in self.ordered()]
        used = sorted((module, ", ".join(sorted(names))) for module, names in self.imports.items())
        imports = [f"from cdktn_provider_aws.{module} import {names}" for module, names in used]
        return "\n".join([HEAD + "\n".join(imports), SPENT + "\n".join(lines), TAIL])

    def ordered(self) -> list[str]:
        """Addresses, each after those it refers to."""
        found: dict[str, None] = {}

        def put(key: str) -> None:
            if key not in found:
                one = self.resources[key]
                for other in [*referred(one["settings"]), *one["depends_on"]]:
                    put(other)
                found[key] = None

        for key in self.resources:
            put(key)
        return list(found)

    def resource(self, key: str) -> str:
        one, made = self.resources[key], self.classes[key]
        words = self.arguments(one["settings"]["map"], made)
        if one["lifecycle"]:
            life = ", ".join(f"{rule}={value!r}" for rule, value in one["lifecycle"].items())
            words.append(f"lifecycle=TerraformResourceLifecycle({life})")
        if one["depends_on"]:
            words.append(f"depends_on=[{', '.join(map(variable, one['depends_on']))}]")
        name = variable(key)
        return f"{name} = {self.named(made)}({', '.join(['stack', repr(name), *words])})"

    def named(self, made: type) -> str:
        self.imports.setdefault(module_of(made), set()).add(made.__name__)
        return made.__name__

    def arguments(self, settings: dict[str, Any], made: type) -> list[str]:
        words, hints = [], typing.get_type_hints(made.__init__)
        for key, value in settings.items():
            name = key if key in hints else f"{key}_"
            if value is not None:
                words.append(f"{name}={self.argument(value, hints[name])}")
        return words

    def argument(self, value: Any, hint: Any) -> str:
        made, several = inside(hint)
        if made is None:
            return self.value(value, set(members(hint)))
        blocks = value if isinstance(value, list) else [value]
        said = [self.nested(one.get("block", one.get("map")), made) for one in blocks]
        return f"[{', '.join(said)}]" if several else said[0]

    def nested(self, settings: dict[str, Any], made: type) -> str:
        return f"{self.named(made)}({', '.join(self.arguments(settings, made))})"

    def value(self, value: Any, asked: Container[Any] = ()) -> str:
        if isinstance(value, list):
            return f"[{', '.join(map(self.value, value))}]"
        if not isinstance(value, dict):
            return literal(value, asked)
        ((mark, one),) = value.items()
        said = getattr(self, mark)(one)
        return f"Token.as_string({said})" if str in asked and mark == "ref" and self.number(one) else said

    def map(self, value: dict[str, Any]) -> str:
        return "{" + ", ".join(f"{key!r}: {self.value(one)}" for key, one in value.items()) + "}"

    block = map  # where the provider types nothing, it takes Terraform's own JSON

    def ref(self, value: list[str]) -> str:
        target, attribute, inner = value
        if inner:
            return f'f"${{{{one({{{variable(target)}.fqn}}.{attribute}).{inner}}}}}"'
        steps = re.sub(r"\[(\d+)\]", r".get(\1)", attribute)
        return f"{variable(target)}.{steps}"

    def number(self, value: list[str]) -> bool:
        """Whether an attribute is a number."""
        found = getattr(self.classes[value[0]], value[1], None)
        return isinstance(found, property) and float in members(typing.get_type_hints(found.fget)["return"])

    def var(self, value: list[Any]) -> str:
        name, index = value
        said = f"var_{name}.{KINDS.get(self.kinds[name], 'string_value')}"
        return said if index is None else f"Token.as_string(Fn.element({said}, {index}))"

    def join(self, value: list[Any]) -> str:
        return "(" + " + ".join(map(self.value, value)) + ")"

    def json(self, value: Any) -> str:
        return f"json.dumps({self.value(value)})"

    def base64(self, value: Any) -> str:
        return f"Fn.base64encode(Fn.raw_string({self.value(value)}))"


def literal(value: Any, asked: Container[Any]) -> str:
    if isinstance(value, str) and str not in asked and bool in asked:
        return repr(value == "true")
    if isinstance(value, str) and str not in asked and int in asked:
        return repr(json.loads(value))
    if not isinstance(value, str) and str in asked:
        return repr(json.dumps(value))
    return repr(value.replace("${", "$${") if isinstance(value, str) else value)


def address(one: dict[str, Any]) -> str:
    return f"{'data.' if one['data'] else ''}{one['kind']}.{one['name']}"


def variable(key: str) -> str:
    return re.sub(r"\W", "_", key.replace("aws_", ""))


def referred(value: Any) -> Iterator[str]:
    if isinstance(value, dict) and list(value) == ["ref"]:
        yield value["ref"][0]
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from referred(one)


def main() -> int:
    given, program = sys.argv[1:]
    text = Program(json.loads(Path(given).read_text(encoding="utf-8"))).text()
    Path(program).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
