"""What is typed: from what stands to commands, each with the names, the region and the group it is called by."""

from __future__ import annotations

import math
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

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

COPIES = ("replicate_source_db", "global_replication_group_id", "master_instance_name", "source_server_id")
MORE = 1.2  # a disk that was full becomes a fifth larger


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
    return [f"# {component}", *_told(known, found), *found]


def _told(known: Known, lines: list[str]) -> Iterator[str]:
    """How words that only the account, or Terraform's variables, tell come to be known."""
    words = {word for line in lines for word in re.findall(r"\$([A-Z]+)\b", line)}
    if "ACCOUNT" in words:
        yield ACCOUNT
    for blueprint in known.blueprints[:1]:
        variables = {one.name for one in blueprint.variables}
        folder = "code/terraform/standby" if blueprint.site else "code/terraform"
        for name in sorted(one.lower() for one in words):
            if name in variables:
                yield f"{name.upper()}=$(echo var.{name} | terraform -chdir={folder} console | tr -d '\"')"


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
            local = one.address.partition(".")[2]
            override = f'resource "{one.kind}" "{local}" {{\\n  name = "%s"\\n}}\\n'
            file = f"code/terraform/restored_{local}_override.tf"
            found += [
                f"printf {shlex.quote(override)} {_word(f'{one.name}-restored')} > {file}",
                f"{state} state rm {one.address}",
                f"{state} import {one.address} {known_as}",
                f"{state} apply",
            ]
    return [f"# {component}", *_told(known, found), *found] if found else []


def leading(known: Known) -> Iterator[str]:
    """What makes each copy at the standby the one that is written to, by its own name there."""
    for there in known.blueprints:
        site = replace(known, blueprints=(there,))
        if not there.site:
            continue
        found = [one for one in standing(site) if any(mark in one.settings for mark in COPIES)]
        lines = [
            _filled(line, one, site) for one in found for line in commands_by_kind().get(one.kind, {}).get("lead", ())
        ]
        yield from ("# by their names here", *_told(site, lines), *lines) if lines else ()


def certificates(known: Known) -> Iterator[str]:
    yield from _of_cloud(known, commands_of_certificates())


def _alarms(known: Known) -> Iterator[str]:
    yield from _of_cloud(known, commands_of_alarms())


def _of_cloud(known: Known, lines: Mapping[str, str]) -> Iterator[str]:
    for blueprint in known.blueprints[:1]:
        if line := lines.get(blueprint.cloud):
            gateway = _named(known, "azurerm_application_gateway", "GATEWAY")
            yield line.format(
                region=blueprint.region, name=_word(blueprint.system), group=_group(known), gateway=_word(gateway)
            )


def looked(known: Known, names: Iterable[str]) -> list[str]:
    return [line for name in names for line in commands(known, name, "look")]


def _of(known: Known, component: str) -> list[Named]:
    """What a person acts on: the resources that commands are known for, of the first site, by the component's own."""
    first = replace(known, blueprints=known.blueprints[:1])
    return [one for one in standing(first, component) if one.kind in commands_by_kind()]


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
        "address": one.address,
        "local": one.address.partition(".")[2],
        "kind": one.kind,
        "secret": _secret(known, one.component),
        "gib": _larger(known, one.component),
        "vault": _named(known, "azurerm_key_vault", "VAULT"),
    }
    return re.sub(r"\{([a-z]+)\}((?:-[a-z]+)?)", lambda match: _word(words[match[1]] + match[2]), line)


def _secret(known: Known, component: str) -> str:
    """What the first site keeps the address of a store under, password and all."""
    secrets = [one for one in _first(known) if one.component == component and "secret" in one.kind and not one.data]
    names = [spelt(one.settings, known.blueprints[0], ("secret_id", "name")) for one in secrets]
    return next((name for name in names if name and not name.endswith("-password")), "SECRET")


def _larger(known: Known, component: str) -> str:
    """GiB of a disk a fifth larger than planned."""
    choice = known.plan.choice(component)
    planned = choice.size.get("storage_gib", 0) if choice else 0
    return str(math.ceil(float(planned) * MORE)) if planned else "$GIB"


def _group(known: Known) -> str:
    """Azure's resource group."""
    return _named(known, "azurerm_resource_group", "GROUP")


def _named(known: Known, kind: str, else_: str) -> str:
    """The name of the first site's resource of a kind."""
    found = [one for one in _first(known) if one.kind == kind]
    return spelt(found[0].settings, known.blueprints[0]) if found else else_


def _first(known: Known) -> tuple[Resource, ...]:
    """The resources of the first site."""
    return known.blueprints[0].resources if known.blueprints else ()


def _word(text: str) -> str:
    """A word of a shell; one that holds a variable stands in double quotes."""
    return f'"{text}"' if re.fullmatch(r"[\w./$-]*\$[\w./$-]*", text) else shlex.quote(text)
