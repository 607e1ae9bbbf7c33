"""Agents on a server: one that asks the service whether it is well, one that carries logs and metrics away."""

from __future__ import annotations

from typing import Any

from standfast.blueprint.azure import identity
from standfast.blueprint.model import Json
from standfast.blueprint.site import Hosted


def health(host: Hosted) -> dict[str, Any]:
    """A server whose service does not answer this is replaced (Azure docs, "Application Health extension")."""
    asked = {
        "protocol": "http",
        "port": host.service.port,
        "requestPath": host.service.health,
        "intervalInSeconds": 10,
        "numberOfProbes": 2,
        "gracePeriod": 600,
    }
    return {
        "name": "health",
        "publisher": "Microsoft.ManagedServices",
        "type": "ApplicationHealthLinux",
        "type_handler_version": "2.0",
        "auto_upgrade_minor_version": True,
        "settings": Json(asked),
    }


def monitor(host: Hosted) -> dict[str, Any]:
    return {
        "name": "monitor",
        "publisher": "Microsoft.Azure.Monitor",
        "type": "AzureMonitorLinuxAgent",
        "type_handler_version": "1.33",
        "auto_upgrade_minor_version": True,
        "automatic_upgrade_enabled": True,
        "settings": Json(
            {
                "authentication": {
                    "managedIdentity": {
                        "identifier-name": "mi_res_id",
                        "identifier-value": identity.who(host),
                    }
                }
            }
        ),
    }
