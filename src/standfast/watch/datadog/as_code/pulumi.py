"""Pulumi in Python: a module for each folder of documents, every resource a literal that can be read and reviewed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.python import Code, formatted, quoted
from standfast.watch.datadog.as_code.resources import (
    VARIABLES,
    Id,
    Resource,
    Text,
    Word,
    parts,
    resources,
    texts,
    words,
)

SDK = "pulumi-datadog==5.17.0"
PULUMI = "pulumi==3.272.0"
CLASSES = {
    "datadog_dashboard_json": "DashboardJson",
    "datadog_logs_custom_pipeline": "LogsCustomPipeline",
    "datadog_monitor": "Monitor",
    "datadog_sensitive_data_scanner_group": "SensitiveDataScannerGroup",
    "datadog_sensitive_data_scanner_rule": "SensitiveDataScannerRule",
    "datadog_service_level_objective": "ServiceLevelObjective",
    "datadog_synthetics_test": "SyntheticsTest",
}
# what repeats is in the plural there, but for words that end in s
MANY = {"assertion": "assertions", "filter": "filters", "processor": "processors", "product_list": "product_lists"}
RUFF = "line-length = 120\n"
HEAD = '"""{means}. Written by Standfast; change the spec, not this file."""'
MEANS = {
    "slos": "Objectives",
    "monitors": "Monitors",
    "dashboards": "What was promised beside what is",
    "synthetics": "The public address, asked from outside",
    "pipelines": "What fields of logs mean",
    "scanner": "A second net for what is private",
}
README = """\
# Datadog for {system}, as Pulumi

    pip install -r requirements.txt
    pulumi stack init production
    pulumi config set datadog:apiUrl https://api.datadoghq.eu
    {config}
    DD_API_KEY=… DD_APP_KEY=… pulumi up
"""


def pulumi(plan: Plan, documents: Mapping[str, Mapping[str, Any]]) -> Iterator[File]:
    """A program below `pulumi/`."""
    found = resources(documents)
    project = {"name": f"{plan.system.name}-datadog", "runtime": "python", "description": "Written by Standfast."}
    yield File("pulumi/Pulumi.yaml", "".join(f"{key}: {value}\n" for key, value in project.items()))
    yield File("pulumi/requirements.txt", f"{PULUMI}\n{SDK}\n")
    yield File("pulumi/ruff.toml", RUFF)
    yield File("pulumi/config.py", _config(words(found)))
    modules = {folder: many for folder, many in found.items() if many}
    for folder, many in modules.items():
        yield File(f"pulumi/{folder}.py", _module(folder, many))
    used = "".join(f"import {folder}  # noqa: F401\n" for folder in sorted(modules))
    yield File("pulumi/__main__.py", f"{HEAD.format(means=f'Datadog for {plan.system.name}')}\n\n{used}")
    asked = "\n    ".join(f"pulumi config set {name} …   # {VARIABLES[name][0]}" for name in words(found))
    yield File("pulumi/README.md", README.format(system=plan.system.name, config=asked))


def _config(names: list[str]) -> str:
    lines = [HEAD.format(means="What you say"), "", "import pulumi", "", "_given = pulumi.Config()"]
    for name in names:
        default = VARIABLES[name][1]
        said = f'_given.require("{name}")' if default is None else f'_given.get("{name}") or "{default}"'
        lines.append(f"{name} = {said}")
    return "\n".join(lines) + "\n"


def _module(folder: str, many: list[Resource]) -> str:
    body = "\n\n".join(map(_resource, many))
    used = [part for one in many for part in parts(one.settings)]
    ids = [one for one in used if isinstance(one, Id)]
    own = ["config"] * any(isinstance(one, Word) for one in used) + ["slos"] * any(map(_apart, ids))
    outputs = any(len(text.parts) > 1 for one in many for text in texts(one.settings) if _id_in(text))
    imports = ["import pulumi"] * outputs + ["import pulumi_datadog as datadog"]
    paragraphs = ["\n".join(one) for one in (imports, [f"import {name}" for name in own]) if one]
    return "\n\n".join([HEAD.format(means=MEANS[folder]), *paragraphs, body]) + "\n"


def _apart(part: Id) -> bool:
    """An objective stands in a module of its own, a group of the scanner beside its rules."""
    return part.kind == "datadog_service_level_objective"


def _id_in(text: Text) -> bool:
    return any(isinstance(part, Id) for part in text.parts)


def _resource(one: Resource) -> str:
    settings = "".join(f"    {_argument(key, value)}={_python(value, 1)},\n" for key, value in one.settings.items())
    name = quoted(one.name.replace("_", "-"))
    return f"{_variable(one.name)} = datadog.{CLASSES[one.kind]}(\n    {name},\n{settings})"


def _argument(key: str, value: Any) -> str:
    return MANY.get(key, key) if isinstance(value, list) else key


def _variable(name: str) -> str:
    return f"n{name}" if name[0].isdigit() else name


def _python(value: Any, depth: int) -> str:
    """A setting as Python, one entry a line, as a formatter leaves it."""
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, dict):
        rows = [f"{inner}{quoted(_argument(k, v))}: {_python(v, depth + 1)},\n" for k, v in value.items()]
        return "{\n" + "".join(rows) + outer + "}" if rows else "{}"
    if isinstance(value, list):
        rows = [f"{inner}{_python(one, depth + 1)},\n" for one in value]
        return "[\n" + "".join(rows) + outer + "]" if rows else "[]"
    if isinstance(value, Text):
        return _joined(value, depth)
    return quoted(value) if isinstance(value, str) else repr(value)


def _joined(value: Text, depth: int) -> str:
    """What is known while the program runs stands in one text; what Datadog gives later is an output."""
    said = [quoted(one) if isinstance(one, str) else _spoken(one) for one in value.parts]
    if len(said) == 1:
        return said[0]
    if not _id_in(value):
        return formatted(one if isinstance(one, str) else Code(_spoken(one)) for one in value.parts)
    inner, outer = "    " * (depth + 1), "    " * depth
    return "pulumi.Output.concat(\n" + "".join(f"{inner}{one},\n" for one in said) + f"{outer})"


def _spoken(part: Id | Word) -> str:
    if isinstance(part, Word):
        return f"config.{part.name}"
    return f"{'slos.' if _apart(part) else ''}{_variable(part.name)}.id"
