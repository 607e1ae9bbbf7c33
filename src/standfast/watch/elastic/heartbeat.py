"""Heartbeat: the public address asked from outside, as an HTTP monitor for each probe.

Fields as in Elastic's manual of Heartbeat 8 (read 2026-11-28). Heartbeat was not run.
"""

from __future__ import annotations

from typing import Any

from standfast.plan import Plan
from standfast.watch.elastic import names
from standfast.watch.probes import Probe, probes_of

DOMAIN = "${DOMAIN}"  # from Heartbeat's environment, as where it stands is: `PLACE`


def heartbeat(plan: Plan) -> dict[str, Any]:
    """`heartbeat.yml`; {} for a system that no user reaches."""
    probes = probes_of(plan)
    if not probes:
        return {}
    return {
        "heartbeat.monitors": [_monitor(plan, one) for one in probes],
        "output.elasticsearch": {"hosts": ["${ELASTICSEARCH_URL}"], "api_key": "${ELASTICSEARCH_API_KEY}"},
        "logging.level": "warning",
    }


def _monitor(plan: Plan, probe: Probe) -> dict[str, Any]:
    system = plan.system
    return {
        "type": "http",
        "id": f"{names.system(plan)}-{probe.service}",
        "name": f"{system.name}: {probe.what}",
        "service.name": probe.service,
        "urls": [probe.address(DOMAIN)],
        "schedule": f"@every {probe.every}s",
        "timeout": f"{probe.timeout:g}s",
        "max_redirects": 0,
        "check.request": {"method": probe.method},
        "check.response": {"status": [probe.status]},
        "ssl": {"verification_mode": "full", "supported_protocols": ["TLSv1.2", "TLSv1.3"]},
        "fields_under_root": True,
        "fields": {
            "observer.geo.name": "${PLACE}",
            # what people wrote may look like a variable of the environment
            "labels": {
                "system": system.name,
                "environment": system.environment,
                "spec": probe.place.short.replace("$", "_"),
            },
        },
        "tags": ["standfast"],
    }
