"""patch.yml: updates zone by zone, host by host, each behind a health gate."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint import at_standby
from standfast.code.ansible.groups import zone_group, zones
from standfast.code.ansible.yaml_text import file
from standfast.files import File
from standfast.plan import Plan


def files(plan: Plan) -> Iterator[File]:
    about = "Updates, zone by zone and host by host. The first host that does not come back well ends the run."
    every = dict.fromkeys([*zones(plan), *(zones(at_standby(plan)) if plan.standby else ())])
    plays = [_play(f"zone {zone}", zone_group(zone)) for zone in every]
    elsewhere = ":!".join(["all", *map(zone_group, every)])
    yield file("patch.yml", [*plays, _play("what stands in another zone than was planned", elsewhere)], about)


def _play(what: str, hosts: str) -> dict:
    return {
        "name": f"Patch {what}",
        "hosts": hosts,
        "become": "{{ service_manager == 'systemd' }}",
        "serial": "{{ patching_at_once | default(1) }}",
        "any_errors_fatal": True,
        "roles": [{"role": "patching"}],
    }
