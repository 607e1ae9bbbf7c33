"""Terraform in its JSON syntax, which needs no writer of HCL: what is written is data from end to end."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from standfast.files import File
from standfast.plan import Plan
from standfast.watch.datadog.as_code.resources import VARIABLES, Id, Resource, Text, Word, resources, words

SOURCE, VERSION = "DataDog/datadog", "~> 4.25"
HEAD = "Written by Standfast; change the spec, not this file."
README = """\
# Datadog for {system}, as Terraform

    export DD_API_KEY=… DD_APP_KEY=… DD_HOST=https://api.datadoghq.eu
    terraform init && terraform apply{variables}

A root of its own with its own state: monitoring must change when the infrastructure does not. OpenTofu reads it too.
What `push.py` has sent already is made a second time, unless it is imported first.
"""


def terraform(plan: Plan, documents: Mapping[str, Mapping[str, Any]]) -> Iterator[File]:
    """A root module below `terraform/`, a file for each folder of documents."""
    found = resources(documents)
    provider = {"datadog": {"source": SOURCE, "version": VERSION}}
    yield _file("versions", {"terraform": {"required_version": ">= 1.6.0", "required_providers": provider}})
    yield _file("variables", {"variable": {name: _variable(*VARIABLES[name]) for name in words(found)}})
    for folder, many in found.items():
        yield _file(folder, {"resource": _by_kind(many)})
    asked = "".join(f" -var {name}=…" for name in words(found))
    yield File("terraform/README.md", README.format(system=plan.system.name, variables=asked))


def _file(name: str, body: dict[str, Any]) -> File:
    text = json.dumps({"//": HEAD, **body}, indent=2, ensure_ascii=False)
    return File(f"terraform/{name}.tf.json", text + "\n")


def _variable(means: str, default: str | None) -> dict[str, str]:
    return {"type": "string", "description": means, **({} if default is None else {"default": default})}


def _by_kind(many: list[Resource]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in many:
        found.setdefault(one.kind, {})[one.name] = _value(one.settings)
    return found


def _value(value: Any) -> Any:
    """A setting as Terraform reads JSON, where every string is a template."""
    if isinstance(value, dict):
        return {name: _value(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_value(one) for one in value]
    if isinstance(value, Text):
        return "".join(_literal(one) if isinstance(one, str) else f"${{{_reference(one)}}}" for one in value.parts)
    return _literal(value) if isinstance(value, str) else value


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def _reference(part: Id | Word) -> str:
    return f"{part.kind}.{part.name}.id" if isinstance(part, Id) else f"var.{part.name}"
