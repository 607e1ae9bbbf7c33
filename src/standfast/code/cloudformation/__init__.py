"""CloudFormation: one template per stack, for AWS alone, as an expert would write and keep it."""

from __future__ import annotations

from standfast.blueprint.model import Blueprint
from standfast.code.cloudformation.parts import Parts, parts_of, unsaid_of
from standfast.code.cloudformation.readme import readme
from standfast.code.cloudformation.stacks import stacks_of
from standfast.code.cloudformation.template import Template, templates_of, text_of
from standfast.files import File
from standfast.problem import Problem, Problems

CLOUDS = ("aws",)
LARGEST = 1_000_000  # bytes of a template that is read from S3 (CloudFormation user guide, "quotas": 1 MB)


def write(blueprint: Blueprint) -> list[File]:
    """A template per stack and a README, paths relative to their folder. Raises Problems for what they cannot say."""
    parts, templates = _templates(blueprint)
    files = [File(one.stack.file, text_of(one, blueprint, parts)) for one in templates]
    large = [one.path for one in files if len(one.text.encode()) > LARGEST]
    if large:
        what = f"{' and '.join(large)} would be larger than {LARGEST:,} bytes"
        raise Problems([Problem(what, "CloudFormation takes no larger template", "split the system in two")])
    return [*files, readme(blueprint, parts, templates)]


def unsaid(blueprint: Blueprint) -> list[Problem]:
    """What stands in the blueprint and in no template, each a warning that says what to do instead."""
    return unsaid_of(blueprint) if blueprint.cloud in CLOUDS else []


def _templates(blueprint: Blueprint) -> tuple[Parts, list[Template]]:
    if blueprint.cloud not in CLOUDS:
        what = f"CloudFormation builds on AWS only, and this plan is for {blueprint.cloud}"
        raise Problems([Problem(what, "", "write it as Terraform, or allow only aws under rules: clouds")])
    parts = parts_of(blueprint)
    templates, problems = templates_of(parts, stacks_of(parts))
    if parts.problems or problems:
        raise Problems([*parts.problems, *problems])
    return parts, templates
