"""What a person types, by kind of resource and situation: the rows of `commands.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ALARM_KINDS = ("aws_cloudwatch_metric_alarm", "google_monitoring_alert_policy", "azurerm_monitor_metric_alert")
ACCOUNT = "ACCOUNT=$(aws sts get-caller-identity --query Account --output text)"


@cache
def commands_by_kind() -> Mapping[str, Mapping[str, list[str]]]:
    """Kind of resource -> situation -> commands."""
    return _read()["kinds"]


@cache
def commands_of_alarms() -> Mapping[str, str]:
    """By cloud, the command that shows the alarms that ring."""
    return _read()["alarms"]


@cache
def commands_of_certificates() -> Mapping[str, str]:
    """By cloud, the command that shows the certificates and when they run out."""
    return _read()["certificates"]


@cache
def commands_of_pods() -> Mapping[str, list[str]]:
    """Situation -> commands for a service that runs on Kubernetes."""
    return _read()["pods"]


@cache
def _read() -> dict:
    return tomllib.loads((Path(__file__).parent / "commands.toml").read_text(encoding="utf-8"))
