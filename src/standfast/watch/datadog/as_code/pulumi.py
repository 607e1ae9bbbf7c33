"""Pulumi in Python: a module for each folder of documents, every resource a literal that can be read and reviewed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.datadog.as_code.resources import VARIABLES, Id, Resource, Text, resources, words

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
MANY = {"assertion": "assertions", "filter": "filters", "processor": "processors"}  # blocks that repeat, in the plural
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
    body = "\n\n".join(_resource(folder, one) for one in many)
    own = sorted(name for name in ("config", "slos") if f"{name}." in body and name != folder)
    imports = [*(["import pulumi"] if "pulumi." in body else []), "import pulumi_datadog as datadog"]
    apart = "".join(f"import {name}\n" for name in own)
    text = "\n".join(imports) + "\n" + (f"\n{apart}" if apart else "")
    return f"{HEAD.format(means=MEANS[folder])}\n\n{text}\n{body}\n"


def _resource(folder: str, one: Resource) -> str:
    name = _python(one.name.replace("_", "-"), 0, folder)
    settings = "".join(
        f"    {_argument(key, value)}={_python(value, 1, folder)},\n" for key, value in one.settings.items()
    )
    return f"{_variable(one.name)} = datadog.{CLASSES[one.kind]}(\n    {name},\n{settings})"


def _argument(key: str, value: Any) -> str:
    repeated = isinstance(value, list) and value and isinstance(value[0], Mapping)
    return MANY.get(key, key) if repeated else key


def _variable(name: str) -> str:
    return f"n{name}" if name[0].isdigit() else name


def _python(value: Any, depth: int, folder: str) -> str:
    """A setting as Python, one entry a line, as a formatter leaves it."""
    inner, outer = "    " * (depth + 1), "    " * depth
    if isinstance(value, Mapping):
        rows = [f"{inner}{_quoted(_argument(k, v))}: {_python(v, depth + 1, folder)},\n" for k, v in value.items()]
        return "{\n" + "".join(rows) + outer + "}" if rows else "{}"
    if isinstance(value, list):
        rows = [f"{inner}{_python(one, depth + 1, folder)},\n" for one in value]
        return "[\n" + "".join(rows) + outer + "]" if rows else "[]"
    if isinstance(value, Text):
        return _joined(value, folder)
    return _quoted(value) if isinstance(value, str) else repr(value)


def _joined(value: Text, folder: str) -> str:
    """What is known while the program runs is added; what Datadog gives later is an output."""
    said = []
    for part in value.parts:
        if isinstance(part, str):
            said.append(_quoted(part))
        elif isinstance(part, Id):
            said.append(f"{'' if part.kind.endswith('_group') else 'slos.'}{_variable(part.name)}.id")
        else:
            said.append(f"config.{part.name}")
    if len(said) == 1:
        return said[0]
    if any(isinstance(part, Id) for part in value.parts):
        return f"pulumi.Output.concat({', '.join(said)})"
    return " + ".join(said)


def _quoted(text: str) -> str:
    """A string literal in the quotes that need fewer escapes; nothing in it ends the line."""
    escaped = json.dumps(text, ensure_ascii=True)
    if text.count('"') > text.count("'"):
        inner = escaped[1:-1].replace('\\"', '"').replace("'", "\\'")
        return f"'{inner}'"
    return escaped
