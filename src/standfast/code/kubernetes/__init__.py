"""Kubernetes: plain manifests for the workloads of a blueprint, put together by kustomize (`kubectl apply -k`)."""

from __future__ import annotations

from standfast.blueprint.model import Blueprint
from standfast.blueprint.workloads import namespace as namespace_name
from standfast.code.kubernetes.clouds import CLOUDS
from standfast.code.kubernetes.kustomize import EXAMPLE, kustomization, platform_example
from standfast.code.kubernetes.network import closed, policy
from standfast.code.kubernetes.readme import readme
from standfast.code.kubernetes.secrets import secret, store
from standfast.code.kubernetes.text import Document, Resolved, comment, manifest
from standfast.code.kubernetes.workload import account, budget, deployment, namespace, scaler, service
from standfast.files import File
from standfast.problem import Problem, Problems

SHAPES = ("kubernetes",)


def write(blueprint: Blueprint) -> list[File]:
    """All manifests of the blueprint's workloads; nothing where it has none, as a standby on servers.

    Raises Problems for what the platform does not say.
    """
    if not blueprint.workloads:
        return []
    resolved = Resolved(blueprint.platform)
    files = [
        File(path, manifest([resolved.document(one) for one in objects], head))
        for path, objects, head in _files(blueprint)
        if objects
    ]
    if resolved.absent:
        raise Problems([Problem(f"the platform does not say {', '.join(sorted(resolved.absent))}")])
    paths = [file.path for file in files]
    files.append(kustomization(namespace_name(blueprint.system), paths, resolved.replacements, resolved.told))
    if resolved.told:
        files.append(File(EXAMPLE, platform_example(resolved.told)))
    return [*files, readme(blueprint, resolved.told)]


def _files(blueprint: Blueprint) -> list[tuple[str, list[Document], str]]:
    cloud, space = CLOUDS[blueprint.cloud], namespace_name(blueprint.system)
    sealed = [one for one in blueprint.workloads if one.sealed]
    files: list[tuple[str, list[Document], str]] = [
        (
            "namespace.yaml",
            [namespace(blueprint, cloud), closed(space)],
            "The room of the system: pods without rights, and no traffic but what a policy beside its service allows.",
        ),
        (
            "secret-store.yaml",
            [store(blueprint, cloud)] if sealed else [],
            "Where External Secrets reads what the workloads may know; each copies only the entries it uses.",
        ),
        (
            "public.yaml",
            cloud.entrance(blueprint, space),
            "How users come in: the balancer stands in the cloud's own code, this joins the pods to it.",
        ),
    ]
    for one in blueprint.workloads:
        objects = [account(one, blueprint, cloud), deployment(one, blueprint, cloud), service(one, blueprint, cloud)]
        objects += [scaler(one, space)] if one.most > one.least else []
        objects += [budget(one, space)] if one.least > 1 else []
        objects += [secret(one, space)] if one.sealed else []
        objects += [policy(one, blueprint, cloud)]
        files.append((f"services/{one.name}.yaml", objects, comment(one)))
    return files
