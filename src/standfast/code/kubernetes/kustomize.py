"""kustomization.yaml: which files belong together, and where the values of platform.env go."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby
from typing import Any

from standfast.code.kubernetes.text import Replacement, dumped
from standfast.files import File

NAME = "platform"
ENV, EXAMPLE = "platform.env", "platform.env.example"
HEAD = """\
# Apply with: kubectl apply -k .
# platform.env is written by the code of the cloud (see README.md); its name carries a hash of what it holds, so that
# pods are replaced when it changes.
"""


def kustomization(space: str, paths: Sequence[str], replacements: Sequence[Replacement], told: Collection[str]) -> File:
    found: dict[str, Any] = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": space,
        "resources": list(paths),
    }
    if told:
        found["configMapGenerator"] = [{"name": NAME, "envs": [ENV]}]
    if replacements:
        ordered = sorted(replacements, key=lambda one: (one.value, one.kind, one.name, one.path))
        found["replacements"] = [
            _replacement(value, list(same)) for value, same in groupby(ordered, key=lambda one: one.value)
        ]
    return File("kustomization.yaml", HEAD + dumped(found))


def _replacement(value: str, same: Sequence[Replacement]) -> dict[str, Any]:
    targets = [
        {"select": {"kind": kind, "name": name}, "fieldPaths": [one.path for one in fields]}
        for (kind, name), fields in groupby(same, key=lambda one: (one.kind, one.name))
    ]
    source = {"kind": "ConfigMap", "name": NAME, "fieldPath": f"data.{value}"}
    return {"source": source, "targets": targets}


def platform_example(told: Collection[str]) -> str:
    """What platform.env looks like, with values that no system answers to."""
    lines = [f"{name}={_sample(name)}" for name in sorted(told)]
    return "\n".join(["# An example. The code of the cloud tells the true values: see README.md.", *lines, ""])


def _sample(name: str) -> str:
    return f"{name.lower().replace('_', '-')}.example.com"
