"""The pipelines that run all this: GitHub Actions and GitLab CI, over one script that people can run by hand as well.

They belong to the system, with a job for each of its environments; so they are written beside production's code.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from typing import Any

from standfast import VERSION
from standfast.blueprint import Blueprint
from standfast.files import File
from standfast.plan import Plan
from standfast.problem import Problem, Problems, quoted
from standfast.spec.model import DATABASES, PRODUCTION, System

# Pinned by commit: a tag can be moved. The version is what Dependabot and people read.
ACTIONS = {
    "actions/checkout": ("11bd71901bbe5b1630ceea73d27597364c9af683", "v4.2.2"),
    "actions/setup-python": ("a26af69be951a213d495a4c3e4e4022e16d87065", "v5.6.0"),
    "actions/upload-artifact": ("ea165f8d65b6e75b540449e92b4886f43607fa02", "v4.6.2"),
    "aws-actions/configure-aws-credentials": ("b47578312673ae6fa5b5096b330d9fbac3d116df", "v4.2.1"),
    "github/codeql-action/upload-sarif": ("ff0a06e83cb2de871e5a09832bc6a81e7276941f", "v3.28.18"),
    "google-github-actions/auth": ("ba79af03959ebeac9769e648f473a284504d9193", "v2.1.10"),
    "hashicorp/setup-terraform": ("b9cd54a3c349d3f38e8881555d616ced269862dd", "v3.1.2"),
}
TERRAFORM = "1.11.4"
DRILLS = ("corruption", "lose_primary")
FILES = {  # template -> where its file stands in the user's repository
    "README.md.j2": "README.md",
    "standfast.sh.j2": "ci/standfast.sh",
    "standfast-plan.yaml.j2": ".github/workflows/standfast-plan.yaml",
    "standfast-apply.yaml.j2": ".github/workflows/standfast-apply.yaml",
    "standfast-watch.yaml.j2": ".github/workflows/standfast-watch.yaml",
    "gitlab-ci.yml.j2": ".gitlab-ci.yml",
}


def write_plan(plan: Plan, blueprints: Sequence[Blueprint]) -> list[File]:
    """Nothing for an environment other than production.

    Raises Problems where names of environments collide, and for a file whose name would mean something to a pipeline.
    """
    if plan.system.environment != PRODUCTION:
        return []
    if not re.fullmatch(r"[A-Za-z0-9_.@+-]+", plan.system.place.file):
        what = f"pipelines cannot name the spec {quoted(plan.system.place.file)}"
        fix = "rename it, with letters, digits and . _ - alone, or leave pipelines out of --languages"
        raise Problems([Problem(what, "a workflow would read parts of the name as its own words", fix)])
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("standfast.code.pipelines", "templates")
    writing = Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
        block_start_string="[%", block_end_string="%]", variable_start_string="[[", variable_end_string="]]",
        comment_start_string="[#", comment_end_string="#]",
    )  # fmt: skip
    writing.filters |= {"yaml": _yaml, "shell": shlex.quote, "cell": _cell}
    said = _said(plan, blueprints)
    return [File(path, _tidy(writing.get_template(name).render(said))) for name, path in FILES.items()]


def _said(plan: Plan, blueprints: Sequence[Blueprint]) -> dict[str, Any]:
    system = plan.system
    clouds = {*system.rules.clouds, plan.cloud, *(cloud for one in system.environments for cloud in one.rules.clouds)}
    return {
        "system": system.name,
        "spec": system.place.file,
        "folder": f"out/{system.name}/code/pipelines",
        "environments": _environments(system),
        "clouds": sorted(clouds | {blueprint.cloud for blueprint in blueprints}),
        "secrets": {one.name: one.means for blueprint in blueprints for one in blueprint.variables if one.secret},
        "drills": DRILLS if any(store.kind == DATABASES[0] for store in system.stores) else (),
        "actions": {name: f"{name}@{commit} # {version}" for name, (commit, version) in ACTIONS.items()},
        "terraform": TERRAFORM,
        "package": f"standfast=={VERSION}",
        "lab": f"standfast[lab]=={VERSION}",
    }


def _environments(system: System) -> list[dict[str, str]]:
    """In the order in which a change reaches them: the smallest first, production last."""
    smaller = sorted(system.environments, key=lambda one: (one.scale, one.name))
    names = {one.name for one in smaller} | {PRODUCTION}
    for one in smaller:
        if one.name.removesuffix("-plan") in names - {one.name}:
            why = "the pipelines plan an environment under its name with -plan behind it"
            raise Problems([Problem(f"the environment {quoted(one.name)} cannot be told", why, "rename it", one.place)])
    found = [{"name": one.name, "words": f"{100 * one.scale:g} % of production's traffic"} for one in smaller]
    return [*found, {"name": PRODUCTION, "words": "what the spec promises"}]


def _yaml(value: Any) -> str:
    """JSON is YAML: any text is safe inside. A plain word of ours stays plain."""
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    return value if re.fullmatch(r"[A-Za-z][\w./=-]*", value, re.ASCII) else json.dumps(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _tidy(text: str) -> str:
    """One blank line where parts of a template left several, none inside a job, one end of line at the end."""
    text = re.sub(r"[ \t]+\n", "\n", text)
    return re.sub(r"\n{2,}(?=      )", "\n", re.sub(r"\n{3,}", "\n\n", text)).strip("\n") + "\n"
