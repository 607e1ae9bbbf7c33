"""What is typed: from what stands to commands, each with the names, the region and the group it is called by."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping

from standfast.blueprint import Ref, Resource
from standfast.plan.reasons.explanation import Recovering
from standfast.runbook.commands import (
    ACCOUNT,
    commands_by_kind,
    commands_of_alarms,
    commands_of_certificates,
    commands_of_pods,
)
from standfast.runbook.known import Known
from standfast.runbook.names import Named, spelt, standing
from standfast.spec.model import STORE_KINDS


def by_hand(back: Recovering) -> bool:
    """Whether a person has to decide or act: the steps say so, or there is no way back by itself."""
    return back.rto is None or any(step.name.startswith(("decide", "build", "restore")) for step in back.steps)


def commands(known: Known, component: str, situation: str) -> list[str]:
    """The commands for what stands of a component on the first site; a comment names the part."""
    choice, found = known.plan.choice(component), []
    if situation == "takeover" and choice and choice.design == "single" and choice.kind in STORE_KINDS:
        return []  # there is nothing to fail over to
    if choice and choice.kind == "pod":
        space = _word(known.system.name)
        found += [line.format(name=_word(component), space=space) for line in commands_of_pods().get(situation, ())]
    for one in _of(known, component):
        lines = commands_by_kind().get(one.kind, {}).get(situation, ())
        found += [_filled(line, one, known) for line in lines]
    if not found:
        return []
    account = [ACCOUNT] if any("$ACCOUNT" in line for line in found) else []
    return [f"# {component}", *account, *found]


def first_look(known: Known) -> list[str]:
    return [*_alarms(known), *worked_url(known), *looked(known, [one.name for one in known.system.services])]


def look(known: Known, disruption: str) -> list[str]:
    names = list(known.parts)
    if disruption == "region":
        return [*_alarms(known), *worked_url(known), "# and what the provider says of its region, on its status page"]
    return [*_alarms(known), *looked(known, names)]


def worked(known: Known) -> list[str]:
    return [*worked_url(known), *_alarms(known)]


def worked_url(known: Known) -> Iterator[str]:
    """Ask each public service for its health, at the address that Terraform tells."""
    outputs = {output.name for blueprint in known.blueprints for output in blueprint.outputs}
    for service in known.system.services:
        output = f"{re.sub(r'[^a-z0-9]', '_', service.name)}_url"
        if service.public and output in outputs:
            yield 'curl -sS -o /dev/null -w "%{http_code} in %{time_total} s\\n" ' + (
                f'"$(terraform -chdir=code/terraform output -raw {output})"{shlex.quote(service.health)}'
                f"   # {service.name}"
            )


def public_address(known: Known) -> Iterator[str]:
    """Where the balancer of each public service is, as Terraform tells."""
    outputs = {output.name for blueprint in known.blueprints for output in blueprint.outputs}
    for service in known.system.services:
        output = f"{re.sub(r'[^a-z0-9]', '_', service.name)}_url"
        if service.public and output in outputs:
            yield f"terraform -chdir=code/terraform output -raw {output}   # {service.name}"


def address_of(known: Known, component: str, kind: str) -> list[tuple[str, str]]:
    """The address in Terraform, and the name as a word of the shell, of each resource of that kind."""
    return [(one.address, _word(one.name)) for one in _of(known, component) if one.kind == kind]


def moved(known: Known, component: str) -> list[str]:
    """Where the cloud lets no database take another's name: the restored one takes its address in Terraform."""
    state, found = "terraform -chdir=code/terraform", []
    for one in _of(known, component):
        words = commands_by_kind().get(one.kind, {}).get("identity", ())
        for line in words:
            known_as = _filled(line, one, known)
            override = f'resource "{one.kind}" "{one.address.partition(".")[2]}" {{ name = "{one.name}-restored" }}'
            found += [
                f"# in code/terraform/restored_override.tf: {override}",
                f"{state} state rm {one.address}",
                f"{state} import {one.address} {known_as}",
                f"{state} apply",
            ]
    return [f"# {component}", *found] if found else []


def certificates(known: Known) -> Iterator[str]:
    yield from _of_cloud(known, commands_of_certificates())


def _alarms(known: Known) -> Iterator[str]:
    yield from _of_cloud(known, commands_of_alarms())


def _of_cloud(known: Known, lines: Mapping[str, str]) -> Iterator[str]:
    for blueprint in known.blueprints[:1]:
        if line := lines.get(blueprint.cloud):
            yield line.format(region=blueprint.region, name=_word(blueprint.system), group=_group(known))


def looked(known: Known, names: Iterable[str]) -> list[str]:
    return [line for name in names for line in commands(known, name, "look")]


def _of(known: Known, component: str) -> list[Named]:
    """What a person acts on: the resources that commands are known for, of the first site, by the component's own."""
    first = {one.address for one in _first(known)}
    return [one for one in standing(known, component) if one.kind in commands_by_kind() and one.address in first]


def _filled(line: str, one: Named, known: Known) -> str:
    cluster = one.settings.get("cluster")
    owner = next(
        (found for found in standing(known) if isinstance(cluster, Ref) and found.address == cluster.address), None
    )
    tasks = [
        other for other in _first(known) if (other.kind, other.component) == ("aws_ecs_task_definition", one.component)
    ]
    family = tasks[0].settings.get("family") if tasks else one.name
    words = {
        "name": one.name,
        "region": one.region,
        "cluster": owner.name if owner else "default",
        "family": str(family),
        "group": _group(known),
    }
    return re.sub(r"\{([a-z]+)\}((?:-[a-z]+)?)", lambda match: _word(words[match[1]] + match[2]), line)


def _group(known: Known) -> str:
    """Azure's resource group."""
    groups = [one for one in _first(known) if one.kind == "azurerm_resource_group"]
    return spelt(groups[0].settings, known.blueprints[0]) if groups else "GROUP"


def _first(known: Known) -> tuple[Resource, ...]:
    """The resources of the first site."""
    return known.blueprints[0].resources if known.blueprints else ()


def _word(text: str) -> str:
    """A word of a shell; one that holds a variable stands in double quotes."""
    return f'"{text}"' if re.fullmatch(r"[\w./$-]*\$[\w./$-]*", text) else shlex.quote(text)
