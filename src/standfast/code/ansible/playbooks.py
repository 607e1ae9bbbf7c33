"""patch.yml: updates zone by zone, host by host, each behind a health gate."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.code.ansible.groups import zone_group, zones
from standfast.code.ansible.yaml_text import file
from standfast.files import File
from standfast.plan import Plan


def files(plan: Plan) -> Iterator[File]:
    about = "Updates, zone by zone and host by host. The first host that does not come back well ends the run."
    every = [*zones(plan), *(plan.standby.zones if plan.standby else ())]
    yield file("patch.yml", [_play(zone) for zone in dict.fromkeys(every)], about)


def _play(zone: str) -> dict:
    return {
        "name": f"Patch zone {zone}",
        "hosts": zone_group(zone),
        "become": "{{ service_manager == 'systemd' }}",
        "serial": "{{ patching_at_once | default(1) }}",
        "any_errors_fatal": True,
        "roles": [{"role": "patching"}],
    }
