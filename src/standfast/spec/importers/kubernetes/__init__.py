"""Kubernetes: manifests as people apply them, and what `kustomize build` and `helm template` print."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from standfast.problem import Place, Problem, Problems
from standfast.spec.document import shown_name
from standfast.spec.draft import Imported, Remarks, draft
from standfast.spec.importers.kubernetes.manifests import Manifests, read_manifests
from standfast.spec.importers.kubernetes.workload import read_workload

_OBJECT = re.compile(r"^\s*[\"']?apiVersion[\"']?\s*:", re.MULTILINE)
_KIND = re.compile(r"^\s*[\"']?kind[\"']?\s*:", re.MULTILINE)
# What the plan sees to by itself, or what holds nothing a spec could say.
_QUIET = {"ServiceAccount", "ConfigMap", "Secret", "Service", "Ingress", "HorizontalPodAutoscaler", "Namespace",
          "PersistentVolumeClaim", "HTTPRoute", "Gateway", "TargetGroupBinding"}  # fmt: skip


def recognises(path: Path, text: str) -> bool:
    return bool(_OBJECT.search(text) and _KIND.search(text))


def read(paths: Sequence[Path]) -> Imported:
    """The spec of the workloads in these files, taken together. Raises Problems."""
    remarks = Remarks()
    manifests = read_manifests(paths, remarks)
    source = ", ".join(shown_name(path) for path in paths)
    if not manifests.workloads:
        what = "the file has no Deployment, StatefulSet or other workload to import"
        fix = "name the files that hold them, or the output of helm template or kustomize build"
        raise Problems([Problem(what, "", fix, Place(shown_name(paths[0])))])
    workloads = [read_workload(one, manifests, remarks) for one in manifests.workloads]
    _left(manifests, remarks)
    return draft(workloads, manifests.title or _name_of(paths[0]), source, remarks)


def _left(manifests: Manifests, remarks: Remarks) -> None:
    lost = sorted({one.kind for one in manifests.others} - _QUIET)
    if lost:
        first = next(one for one in manifests.others if one.kind == lost[0])
        what = f"not carried over: {', '.join(lost)}"
        why = "a spec has no word for them: the plan opens the ways that the calls name, and no others"
        remarks.say(what, first.place, why, "check whether the system needs what they do")


def _name_of(path: Path) -> str:
    """online-boutique.kubernetes.yaml is called online-boutique; deployment.yaml as the folder it lies in."""
    stem = re.sub(r"[._-](?:kubernetes|k8s|manifests?)$", "", path.name.removesuffix(path.suffix), flags=re.IGNORECASE)
    usual = {"deployment", "deployments", "all", "manifest", "manifests", "kubernetes", "k8s", "base", "app"}
    return path.resolve().parent.name if stem.lower() in usual else stem
