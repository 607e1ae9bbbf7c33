"""The files around the resources: versions, providers, remote state, inputs, outputs."""

from __future__ import annotations

from standfast.blueprint.model import Block, Blueprint, Variable
from standfast.code.terraform.clouds import CLOUDS
from standfast.code.terraform.hcl import block, body, expression, quoted
from standfast.code.terraform.layout import comment, joined, output_lines, variable_lines
from standfast.files import File

REQUIRED_VERSION = ">= 1.6.0"  # also OpenTofu 1.6

BACKEND = """\
# Where the state is kept: {place}. It holds secrets: give few people access.
# The block is partial, so that no account's names stand in this code. Write them into backend.hcl:
#
{state}
#
# and begin with: terraform init -backend-config=backend.hcl
terraform {{
  backend "{backend}" {{}}
}}
"""
IGNORED = ".terraform/\n*.tfstate\n*.tfstate.*\n*.tfplan\nterraform.tfvars\nbackend.hcl\n*_override.tf\n"


def settings_files(blueprint: Blueprint) -> list[File]:
    return [
        File("versions.tf", _versions(blueprint)),
        File("providers.tf", _providers(blueprint)),
        File("backend.tf", _backend(blueprint)),
        File("variables.tf", joined(map(variable_lines, blueprint.variables))),
        File("outputs.tf", joined(map(output_lines, blueprint.outputs))),
        File("terraform.tfvars.example", _example(blueprint.variables)),
        File(".gitignore", IGNORED),
    ]


def _versions(blueprint: Blueprint) -> str:
    cloud = CLOUDS[blueprint.cloud]
    needed = {cloud.provider: {"source": cloud.source, "version": cloud.version}}
    return joined([block("terraform", {"required_version": REQUIRED_VERSION, "required_providers": Block(needed)})])


def _providers(blueprint: Blueprint) -> str:
    """The default provider, and one for each other region that a resource asks for by its alias."""
    cloud = CLOUDS[blueprint.cloud]
    said = "What every resource is tagged with, beside its own tags."
    parts = [[*comment(said), *block("locals", {"tags": blueprint.tags})]]
    word = f"provider {quoted(cloud.provider)}"
    parts.append(block(word, cloud.settings(blueprint.region)))
    for alias in sorted({resource.provider for resource in blueprint.resources if resource.provider}):
        parts.append(block(word, {"alias": alias, **cloud.settings(alias.replace("_", "-"))}))
    return joined(parts)


def _backend(blueprint: Blueprint) -> str:
    cloud, system = CLOUDS[blueprint.cloud], "-".join(filter(None, (blueprint.system, blueprint.site)))
    told = {
        key: value.format(system=system, region=blueprint.region) if isinstance(value, str) else value
        for key, value in cloud.state.items()
    }
    state = "\n".join(f"# {line}" for line in body(told))
    return BACKEND.format(place=cloud.place, backend=cloud.backend, state=state)


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
