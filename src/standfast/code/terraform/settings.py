"""The files around the resources: versions, providers, remote state, inputs, outputs."""

from __future__ import annotations

from dataclasses import dataclass

from standfast.blueprint.model import Block, Blueprint, Variable
from standfast.code.terraform.hcl import Name, block, expression
from standfast.code.terraform.layout import comment, joined, output_lines, variable_lines
from standfast.files import File


@dataclass(frozen=True)
class Provider:
    """A provider: its source and the versions this code is tested with."""

    source: str
    version: str


PROVIDERS = {"aws": Provider("hashicorp/aws", "~> 5.100")}
REQUIRED_VERSION = ">= 1.6.0"  # also OpenTofu 1.6

BACKEND = """\
# Where the state is kept: an S3 bucket, encrypted and locked. It holds secrets: give few people access.
# The block is partial, so that no account's names stand in this code. Write them into backend.hcl:
#
#   bucket       = "your-state-bucket"
#   key          = "{system}/terraform.tfstate"
#   region       = "{region}"
#   encrypt      = true
#   use_lockfile = true
#
# and begin with: terraform init -backend-config=backend.hcl
terraform {{
  backend "s3" {{}}
}}
"""
IGNORED = ".terraform/\n*.tfstate\n*.tfstate.*\n*.tfplan\nterraform.tfvars\nbackend.hcl\n*_override.tf\n"


def settings_files(blueprint: Blueprint) -> list[File]:
    return [
        File("versions.tf", _versions(blueprint)),
        File("providers.tf", _providers(blueprint)),
        File("backend.tf", BACKEND.format(system=blueprint.system, region=blueprint.region)),
        File("variables.tf", joined(map(variable_lines, blueprint.variables))),
        File("outputs.tf", joined(map(output_lines, blueprint.outputs))),
        File("terraform.tfvars.example", _example(blueprint.variables)),
        File(".gitignore", IGNORED),
    ]


def _versions(blueprint: Blueprint) -> str:
    provider = PROVIDERS[blueprint.cloud]
    needed = {blueprint.cloud: {"source": provider.source, "version": provider.version}}
    return joined([block("terraform", {"required_version": REQUIRED_VERSION, "required_providers": Block(needed)})])


def _providers(blueprint: Blueprint) -> str:
    """The default provider, and one for each other region that a resource asks for by its alias."""
    tags = Block({"tags": Name("local.tags")})
    said = "What every resource is tagged with, beside its own tags."
    parts = [[*comment(said), *block("locals", {"tags": blueprint.tags})]]
    parts.append(block('provider "aws"', {"region": blueprint.region, "default_tags": tags}))
    for alias in sorted({resource.provider for resource in blueprint.resources if resource.provider}):
        region = alias.replace("_", "-")
        parts.append(block('provider "aws"', {"alias": alias, "region": region, "default_tags": tags}))
    return joined(parts)


def _example(variables: tuple[Variable, ...]) -> str:
    """A template for the user's own values. A secret is not for a file: it goes through the environment."""
    parts = []
    for variable in variables:
        if variable.secret:
            value = [f"# export TF_VAR_{variable.name}=…   a secret: keep it out of files"]
        else:
            given = variable.example if variable.default is None else variable.default
            value = [f"{'' if variable.default is None else '# '}{variable.name} = {expression(given)}"]
        parts.append([*comment(variable.means), *value])
    return joined(parts)
