"""No secret stands in code or in the start of servers.

*Looks at*: keys, tokens and passwords in what servers are started with, in environments, and written-out passwords of
databases; the start of servers, the environment of containers, the passwords of databases and the values of secrets
on Azure and Google Cloud
*Why*: code is copied, kept and read by many; a secret in it is everybody's
*Fix*: keep it in a secret store and read it when the service starts; let RDS manage the password
*Source*: AWS Foundational Security Best Practices, EC2 and ECS.8; OWASP Secrets Management Cheat Sheet; CIS Microsoft
Azure Foundations Benchmark 3.0, 9.11; Google Cloud docs, "Secret Manager best practices"
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, broken, judged, kept
from standfast.audit.reading import HIDDEN, flag, literal_text, raw
from standfast.audit.table import leaves
from standfast.blueprint import Resource

ID = "no-secrets-in-code"
TITLE = "No secret stands in code or in the start of servers"
SEVERITY = "critical"
AWS = (
    "aws_launch_template",
    "aws_instance",
    "aws_db_instance",
    "aws_rds_cluster",
    "aws_secretsmanager_secret_version",
    "aws_lambda_function",
    "aws_ecs_task_definition",
)

SECRETS = {
    "an AWS access key": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a token": re.compile(r"\b(gh[pousr]_[A-Za-z0-9]{30,}|xox[abpr]-[A-Za-z0-9-]{10,}|sk_live_[A-Za-z0-9]{10,})"),
    "a password in a URL": re.compile(r"://[^\s:/@{}$<>\"']+:[^\s/@{}$<>\"'\0]{4,}@"),
    "a password": re.compile(  # a name, = or ": ", and a value with a digit that no variable fills in
        r"(?i)(password|passwd|secret|api_?key|token)[\"']?\s*(=\s*|:\s+)[\"']?"
        r"(?=[^\s\"']*\d)[^\s{}$<>\"'\0/:()]{8,}"
    ),
}
OTHERS = {  # kind -> what it starts with
    "azurerm_linux_virtual_machine": ("custom_data", "user_data"),
    "azurerm_windows_virtual_machine": ("custom_data", "user_data"),
    "azurerm_linux_virtual_machine_scale_set": ("custom_data", "user_data"),
    "azurerm_container_app": ("template.container.env",),
    "azurerm_linux_web_app": ("app_settings",),
    "azurerm_linux_function_app": ("app_settings",),
    "google_compute_instance": ("metadata_startup_script", "metadata"),
    "google_compute_instance_template": ("metadata_startup_script", "metadata"),
    "google_compute_region_instance_template": ("metadata_startup_script", "metadata"),
    "google_cloud_run_v2_service": ("template.containers.env",),
    "google_cloudfunctions2_function": ("service_config.environment_variables",),
}
VALUES = {  # kind -> the setting that must come from outside
    "azurerm_postgresql_flexible_server": "administrator_password",
    "azurerm_mysql_flexible_server": "administrator_password",
    "azurerm_mssql_server": "administrator_login_password",
    "azurerm_linux_virtual_machine": "admin_password",
    "google_sql_user": "password",
    "google_secret_manager_secret_version": "secret_data",
}
KINDS = tuple(dict.fromkeys((*AWS, *OTHERS, *VALUES, "azurerm_key_vault_secret")))
TO_BE_FILLED = "to be filled"  # what our own code writes, for people to overwrite
STARTS = ("user_data", "user_data_base64", "container_definitions", "environment.variables")
FIX = "keep it in a secret store and read it when the service starts"
PASSWORDS = ("password", "master_password")


def check(estate: Estate) -> Iterator[Finding]:
    yield from _elsewhere(estate)
    for one in estate.of(*AWS):
        if one.kind in ("aws_db_instance", "aws_rds_cluster"):
            yield from _password(one, estate.planned)
        elif one.kind == "aws_secretsmanager_secret_version":
            if estate.planned:  # what is deployed holds a value, whoever gave it
                written = isinstance(raw(one, "secret_string"), str) and bool(raw(one, "secret_string"))
                yield judged(one, not written, "its value comes from outside", "its value is written in the code", FIX)
        else:
            found = sorted({name for path in STARTS for name in _secrets(raw(one, path))})
            bad = f"what it starts with holds {', '.join(found)}"
            yield judged(one, not found, "what it starts with holds no secret", bad, FIX)


def _elsewhere(estate: Estate) -> Iterator[Finding]:
    for one in estate.of(*OTHERS):
        written = [value for path in OTHERS[one.kind] for value in leaves(one, path)]
        found = sorted({name for value in written for name in _secrets(_pair(value))})
        bad = f"what it starts with holds {', '.join(found)}"
        yield judged(one, not found, "what it starts with holds no secret", bad, FIX)
    if not estate.planned:
        return  # what is deployed holds a value, whoever gave it
    for kind, path in (*VALUES.items(), ("azurerm_key_vault_secret", "value")):
        for one in estate.of(kind):
            value = raw(one, path)
            own = isinstance(value, str) and value not in ("", TO_BE_FILLED)
            yield judged(one, not own, "its value comes from outside", "its value is written in the code", FIX)


def _pair(value: object) -> object:
    """A variable of the environment, as name and value."""
    if isinstance(value, dict) and set(value) >= {"name", "value"}:
        return {literal_text(value["name"]): value["value"]}
    return value


def _password(one: Resource, planned: bool) -> Iterator[Finding]:
    fix = "set manage_master_user_password = true"
    values = [raw(one, name) for name in PASSWORDS]
    if flag(one, "manage_master_user_password"):
        yield kept(one, "its password is made and kept by RDS")
    elif any(isinstance(value, str) and value for value in values):
        yield broken(one, "its password is written in the code", fix)
    elif HIDDEN in values and not planned:
        yield broken(one, "its password stands in the state of Terraform", fix)
    else:
        yield kept(one, "its password is not written in the code")


def _secrets(value: object) -> Iterator[str]:
    """What kinds of secrets a text, a list or a mapping holds; their values are never passed on."""
    if isinstance(value, dict):
        value = "\n".join(f"{key}={literal_text(one)}" for key, one in value.items())
    text = literal_text(value)
    for shown in (text, _decoded(text)):
        yield from (name for name, pattern in SECRETS.items() if pattern.search(shown))


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode("utf-8") if text and " " not in text[:80] else ""
    except (binascii.Error, UnicodeDecodeError):
        return ""
