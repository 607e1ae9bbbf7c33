"""From what stands to the commands of a runbook: each with the names, the region and the group it is called by."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from standfast.blueprint import Note, Ref, Resource
from standfast.docs.names import Named, spelt, standing
from standfast.docs.runbooks.commands import (
    ACCOUNT,
    ALARM_KINDS,
    commands_by_kind,
    commands_of_alarms,
    commands_of_pods,
)
from standfast.docs.told import Told
from standfast.markdown import listed, shell, text
from standfast.markdown import page as paged
from standfast.plan.reasons.explanation import Recovering
from standfast.spec.model import DATABASES, STORE_KINDS, Service

__all__ = [
    "ALARM_KINDS",
    "BACK",
    "by_hand",
    "by_hand_steps",
    "commands",
    "first_look",
    "look",
    "said_by",
    "undo",
    "worked",
]
MOMENT = "MOMENT=2026-01-31T03:00:00Z   # UTC, yours"
LOOK_INTO = "Look into it before anyone uses it: the newest record, the count of the largest tables."
BACK = {
    "instance": "Nothing to go back from: a replacement is as good as the one before.",
    "zone": "When the zone is there again, new servers are put into it by themselves. A database stays where it went: "
    "that does no harm, and a second failover would only interrupt it again.",
    "region": "Going back is a move of its own, at a quiet hour: the data has to follow first. Let the standby lead "
    "until copies have caught up in the region that came back, then do the same in the other direction.",
    "corruption": "The damaged one is kept beside until nobody misses anything from it. Swap back if the moment was "
    "wrong, and restore again.",
}  # fmt: skip


def by_hand(back: Recovering) -> bool:
    """Whether a person has to decide or act: the steps say so, or there is no way back by itself."""
    return back.rto is None or any(step.name.startswith(("decide", "build", "restore")) for step in back.steps)


def commands(told: Told, component: str, situation: str) -> list[str]:
    """The commands for what stands of a component on the first site; a comment names the part."""
    choice, found = told.plan.choice(component), []
    if situation == "takeover" and choice and choice.design == "single" and choice.kind in STORE_KINDS:
        return []  # there is nothing to fail over to
    if choice and choice.kind == "pod":
        space = _word(told.system.name)
        found += [line.format(name=_word(component), space=space) for line in commands_of_pods().get(situation, ())]
    for one in _of(told, component):
        lines = commands_by_kind().get(one.kind, {}).get(situation, ())
        found += [_filled(line, one, told) for line in lines]
    if not found:
        return []
    account = [ACCOUNT] if any("$ACCOUNT" in line for line in found) else []
    return [f"# {component}", *account, *found]


def first_look(told: Told) -> list[str]:
    return [*_alarms(told), *worked_url(told), *_looked(told, [one.name for one in told.system.services])]


def look(told: Told, disruption: str) -> list[str]:
    names = list(told.parts)
    if disruption == "region":
        return [*_alarms(told), *worked_url(told), "# and what the provider says of its region, on its status page"]
    return [*_alarms(told), *_looked(told, names)]


def worked(told: Told) -> list[str]:
    return [*worked_url(told), *_alarms(told)]


def worked_url(told: Told) -> Iterator[str]:
    """Ask each public service for its health, at the address that Terraform tells."""
    outputs = {output.name for blueprint in told.blueprints for output in blueprint.outputs}
    for service in told.system.services:
        output = f"{re.sub(r'[^a-z0-9]', '_', service.name)}_url"
        if service.public and output in outputs:
            yield 'curl -sS -o /dev/null -w "%{http_code} in %{time_total} s\\n" ' + (
                f'"$(terraform -chdir=code/terraform output -raw {output})"{shlex.quote(service.health)}'
                f"   # {service.name}"
            )


def by_hand_steps(told: Told, disruption: str, names: Iterable[str]) -> Iterator[str]:
    if disruption == "region":
        yield _elsewhere(told)
        return
    if disruption != "corruption":
        for name in names:
            if lines := commands(told, name, "restore"):
                yield paged(f"### {text(name)}", shell(_moment(lines)))
        return
    yield paged(
        "### First",
        listed(
            (
                "Find the moment before: the first wrong record, the time of the deploy. A moment too early loses "
                "more, a moment too late brings the damage back.",
                "Stop what does the damage. Nothing here deletes the damaged data.",
            )
        ),
        shell([MOMENT]),
    )
    for name in names:
        part = told.parts.get(name)
        if part is None:
            continue
        lines = commands(told, name, "restore")
        if isinstance(part, Service):
            said = f"Put the image before back into the spec, under `services: {name}: image`, and apply."
            yield paged(f"### {text(name)}: the code before", said, shell(lines) if lines else "")
            continue
        swap = commands(told, name, "swap")
        yield paged(
            f"### {text(name)}: the data before",
            shell(lines) if lines else "No command is known here for it: use the console of the cloud.",
            LOOK_INTO if part.kind in DATABASES else "",
            "Then let the restored one take the name, and with it the traffic:" if swap else "",
            shell(swap) if swap else "",
            _told_terraform(told, name) if swap else "",
        )


def undo(told: Told, disruption: str, names: Iterable[str]) -> Iterator[str]:
    if disruption == "corruption":
        for name in names:
            if lines := commands(told, name, "back"):
                yield shell(lines)


def said_by(settings: Mapping[str, Any]) -> str:
    """What an alarm says of itself."""
    said = settings.get("alarm_description") or settings.get("description") or settings.get("display_name") or ""
    return said if isinstance(said, str) else ""


def _elsewhere(told: Told) -> str:
    there = told.plan.standby
    if there is None:
        region = f"`{told.plan.region}`"
        return paged(
            "### Build it elsewhere",
            "No other region is prepared. Write another one under `rules: regions` in the spec, leave "
            f"{region} out, then:",
            shell(
                [
                    f"standfast build {told.again}",
                    "# with another key in backend.hcl",
                    "terraform -chdir=code/terraform init -reconfigure -backend-config=backend.hcl",
                    "terraform -chdir=code/terraform apply",
                ]
            ),
            "Data comes back only from copies that were kept outside the region.",
        )
    notes = _notes_of_standby(told)
    known = [
        "terraform -chdir=code/terraform/standby init -backend-config=backend.hcl",
        "terraform -chdir=code/terraform/standby plan -out=plan.tfplan",
        "terraform -chdir=code/terraform/standby apply plan.tfplan",
    ]
    return paged(
        f"### Let {text(there.cloud)} {text(there.region)} take over",
        "Say that the region is lost, and until when you wait: two places that both lead cannot be put together again. "
        f"The code of the standby ({text(there.design)}) is in `code/terraform/standby`.",
        *(note.text for note in notes),
        "" if notes else shell(known),
    )


def _notes_of_standby(told: Told) -> list[Note]:
    """What the standby's own code says of the day: its heading has the word `lost`."""
    return [note for one in told.blueprints if one.site for note in one.notes if "lost" in note.heading]


def _told_terraform(told: Told, name: str) -> str:
    addresses = [one.address for one in _of(told, name) if one.kind == "aws_db_instance"]
    if not addresses:
        return ""
    lines = []
    for one in _of(told, name):
        if one.kind == "aws_db_instance":
            state = "terraform -chdir=code/terraform"
            lines += [f"{state} state rm {one.address}", f"{state} import {one.address} {_word(one.name)}"]
    known = [*lines, "terraform -chdir=code/terraform apply"]
    return paged("Tell Terraform that it is another one now; the services are given its password:", shell(known))


def _alarms(told: Told) -> Iterator[str]:
    for blueprint in told.blueprints[:1]:
        line = commands_of_alarms().get(blueprint.cloud)
        if line:
            yield line.format(region=blueprint.region, name=_word(blueprint.system), group=_group(told))


def _looked(told: Told, names: Iterable[str]) -> list[str]:
    return [line for name in names for line in commands(told, name, "look")]


def _moment(lines: list[str]) -> list[str]:
    asked = any("$MOMENT" in line for line in lines)
    return [MOMENT, *lines] if asked else lines


def _of(told: Told, component: str) -> list[Named]:
    """What a person acts on: the resources that commands are known for, of the first site, by the component's own."""
    first = {one.address for one in _first(told)}
    return [one for one in standing(told, component) if one.kind in commands_by_kind() and one.address in first]


def _filled(line: str, one: Named, told: Told) -> str:
    cluster = one.settings.get("cluster")
    owner = next(
        (found for found in standing(told) if isinstance(cluster, Ref) and found.address == cluster.address), None
    )
    tasks = [
        other for other in _first(told) if (other.kind, other.component) == ("aws_ecs_task_definition", one.component)
    ]
    family = tasks[0].settings.get("family") if tasks else one.name
    words = {
        "name": one.name,
        "region": one.region,
        "cluster": owner.name if owner else "default",
        "family": str(family),
        "group": _group(told),
    }
    return re.sub(r"\{([a-z]+)\}((?:-[a-z]+)?)", lambda match: _word(words[match[1]] + match[2]), line)


def _group(told: Told) -> str:
    """Azure's resource group."""
    groups = [one for one in _first(told) if one.kind == "azurerm_resource_group"]
    return spelt(groups[0].settings, told.blueprints[0]) if groups else "GROUP"


def _first(told: Told) -> tuple[Resource, ...]:
    """The resources of the first site."""
    return told.blueprints[0].resources if told.blueprints else ()


def _word(text: str) -> str:
    """A word of a shell; one that holds a variable stands in double quotes."""
    return f'"{text}"' if re.fullmatch(r"[\w./$-]*\$[\w./$-]*", text) else shlex.quote(text)
