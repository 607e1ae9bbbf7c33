"""The files around the resources: the project, its packages, what the user decides, what the program tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from standfast.blueprint.model import Blueprint, Variable
from standfast.code.pulumi.concerns import imports, modules_used
from standfast.code.pulumi.places import Site
from standfast.code.pulumi.providers import HEAD, provider_lines
from standfast.code.pulumi.values import KINDS, Speaker
from standfast.code.pulumi.words import Words
from standfast.code.terraform.layout import comment, joined
from standfast.files import File
from standfast.problem import Problem
from standfast.python import (
    WIDTH,
    Code,
    Node,
    assigned,
    call,
    docstring,
    identifier,
    layout,
    literal,
    quoted,
    raw,
)

PULUMI = "3.272.0"  # the SDK that the programs are tested with
IGNORED = "__pycache__/\n.venv/\n"
RUFF = f"line-length = {WIDTH}\n"
TEXT = '''\
"""What a cloud wants in another form than people write it."""

import base64

import pulumi


def in_base64(text: pulumi.Input[str]) -> pulumi.Output[str]:
    """Text in base64, as the user data of a server has to be."""
    return pulumi.Output.from_input(text).apply(lambda plain: base64.b64encode(plain.encode()).decode())
'''
MATCHING = '''\
def _matching(name: str, pattern: str, value: str) -> str:
    """The value, if it looks as it must. The message does not show it: it may be a secret."""
    if not re.fullmatch(pattern, value):
        raise pulumi.RunError(f"The value of {name} must match {pattern}.")
    return value
'''
READERS = {"s": "", "f": "_float", "b": "_bool", "[s": "_object", "{s": "_object"}


def project_name(blueprint: Blueprint) -> str:
    """A name as Pulumi takes it: letters, digits, `-`, `_`, `.`, at most 100. A standby is a project of its own."""
    name = "-".join(one for one in (blueprint.system, blueprint.site) if one)
    return re.sub(r"[^A-Za-z0-9_.-]", "-", name)[:100] or "system"


def project_files(blueprint: Blueprint, words: Words, site: Site) -> tuple[list[File], list[Problem]]:
    """Everything but the modules of the concerns and the README."""
    resources = {one.address: one for one in blueprint.resources}
    variables = {one.name: one for one in blueprint.variables}

    def speaker() -> Speaker:
        return Speaker(blueprint.cloud, words, site, resources, variables, "")

    providers, outputs = speaker(), speaker()
    said = list(provider_lines(blueprint, providers))
    package, version = words.sdk.split()
    files = [
        File("Pulumi.yaml", _project(blueprint)),
        File("Pulumi.example.yaml", _example(blueprint)),
        File("requirements.txt", f"pulumi=={PULUMI}\n{package}=={version}\n"),
        File("ruff.toml", RUFF),
        File(".gitignore", IGNORED),
        File("__main__.py", _main(blueprint, outputs, site)),
        File("providers.py", joined([[HEAD], *imports(blueprint.cloud, providers.imports), *said])),
    ]
    problems = [*providers.problems, *outputs.problems]
    if blueprint.variables:
        files.append(File("config.py", _config(blueprint, problems)))
    return files, problems


def _project(blueprint: Blueprint) -> str:
    return (
        f"name: {_yaml(project_name(blueprint))}\n"
        f"description: {_yaml(f'{blueprint.system} in {blueprint.cloud} {blueprint.region}')}\n"
        "runtime:\n  name: python\n  options:\n    toolchain: pip\n    virtualenv: .venv\n"
    )


def _yaml(text: str) -> str:
    """Text in YAML: as it is where it is plain, else in double quotes, escaped as JSON escapes."""
    return text if re.fullmatch(r"[A-Za-z][A-Za-z0-9_. -]*[A-Za-z0-9]", text) else json.dumps(text)


def _example(blueprint: Blueprint) -> str:
    """A template for the settings of a stack. A secret is set by the command, which encrypts it."""
    project = project_name(blueprint)
    lines = ["config:", "  # A resource that names no provider is a mistake, not one without our tags.",
             '  pulumi:disable-default-providers: ["*"]']  # fmt: skip
    for variable in blueprint.variables:
        lines += [f"  {line}" for line in comment(variable.means)]
        if variable.secret:
            lines.append(f"  # a secret: pulumi config set --secret {variable.name}")
            continue
        given = variable.example if variable.default is None else variable.default
        lines.append(f"  {'' if variable.default is None else '# '}{project}:{variable.name}: {json.dumps(given)}")
    return "\n".join(lines) + "\n"


def _config(blueprint: Blueprint, problems: list[Problem]) -> str:
    """`config.py`: each value that the user decides, read once and checked."""
    lines = []
    for variable in blueprint.variables:
        lines.append([*comment(variable.means), *_setting(variable).split("\n")])
        problems += _patterns(variable)
    patterns = any(variable.pattern for variable in blueprint.variables)
    used = ["re", "pulumi"] if patterns else ["pulumi"]
    head = '"""What you decide, each set with: pulumi config set NAME VALUE"""'
    parts = [[head], *imports("", used), ["_config = pulumi.Config()"]]
    text = joined(parts)
    if patterns:
        text += f"\n\n{MATCHING}\n"
    return text + "\n" + joined(lines)


def _setting(variable: Variable) -> str:
    name, kind = Code(quoted(variable.name)), KINDS[variable.kind]
    word = f"{'require' if variable.default is None else 'get'}{'_secret' if variable.secret else ''}{READERS[kind]}"
    given = () if variable.default is None else (literal(variable.default),)
    read: Node = call(f"_config.{word}", name, *given)
    if variable.pattern and variable.secret:
        read = call(f"{read.flat}.apply", Code(f"lambda text: _matching({name.text}, {raw(variable.pattern)}, text)"))
    elif variable.pattern:
        read = call("_matching", name, Code(raw(variable.pattern)), read)
    return assigned(identifier(variable.name), read)


def _patterns(variable: Variable) -> Iterator[Problem]:
    try:
        re.compile(variable.pattern)
    except re.error as wrong:
        yield Problem(f"the pattern of {variable.name} is not one of Python's", str(wrong))


def _main(blueprint: Blueprint, speaker: Speaker, site: Site) -> str:
    speaker.imports.add("pulumi")
    exports: list[list[str]] = []
    for output in blueprint.outputs:
        value = speaker.anything(output.value, output.name, None)
        if output.secret:
            value = call("pulumi.Output.secret", value)
        lines = [assigned(name, text) for name, text in speaker.texts]
        lines.append(layout(call("pulumi.export", Code(quoted(output.name)), value)))
        speaker.texts.clear()
        exports.append([*comment(output.means), *"\n".join(lines).split("\n")])
    used = sorted(speaker.imports - {"pulumi", "json", *(one.name for one in site.modules)})
    local = sorted([*(f"import {name}" for name in used), *modules_used(speaker, site.modules)])
    where = f"{blueprint.system} in {blueprint.cloud} {blueprint.region}"
    head = [docstring(f"{where}: each module makes its part when it is imported.")]
    standard = ["import json"] if "json" in speaker.imports else []
    return joined([head, standard, ["import pulumi"], local, *exports])
