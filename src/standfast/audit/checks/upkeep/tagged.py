"""Everything says which line of the spec asked for it.

*Looks at*: the tags `component` and `spec` (file:line) of everything that takes tags; on Google Cloud its labels,
where file and line are written with dashes
*Why*: a bill, an alarm or a stranger's question finds its owner, and what nobody asked for stands out
*Fix*: build it with the code that standfast writes, or add the tags
*Source*: NIST SP 800-53 rev 5, CM-8(4); AWS Whitepaper, "Best Practices for Tagging AWS Resources"; Azure docs,
"Define your tagging strategy"; Google Cloud docs, "Labels overview"
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from standfast.audit.estate import Estate
from standfast.audit.finding import Finding, judged
from standfast.audit.reading import LATER, raw
from standfast.audit.sources.tags import tags_of
from standfast.blueprint import Resource

ID = "tagged"
TITLE = "Everything says which line of the spec asked for it"
SEVERITY = "low"
# kind -> where its labels are
LABELLED = {
    "google_sql_database_instance": "settings.user_labels",
    "google_storage_bucket": "labels",
    "google_redis_instance": "labels",
    "google_cloud_run_v2_service": "labels",
    "google_compute_disk": "labels",
    "google_kms_crypto_key": "labels",
    "google_secret_manager_secret": "labels",
    "google_container_cluster": "resource_labels",
}
KINDS = (
    "aws_vpc",
    "aws_subnet",
    "aws_security_group",
    "aws_lb",
    "aws_launch_template",
    "aws_autoscaling_group",
    "aws_db_instance",
    "aws_elasticache_replication_group",
    "aws_s3_bucket",
    "aws_kms_key",
    "aws_cloudfront_distribution",
    "aws_cloudwatch_log_group",
    "aws_backup_vault",
    "aws_cloudtrail",
    "aws_iam_role",
    "aws_sns_topic",
    "aws_secretsmanager_secret",
    "azurerm_virtual_network",
    "azurerm_network_security_group",
    "azurerm_application_gateway",
    "azurerm_linux_virtual_machine",
    "azurerm_linux_virtual_machine_scale_set",
    "azurerm_container_app",
    "azurerm_kubernetes_cluster",
    "azurerm_postgresql_flexible_server",
    "azurerm_mysql_flexible_server",
    "azurerm_managed_redis",
    "azurerm_storage_account",
    "azurerm_key_vault",
    "azurerm_managed_disk",
    *LABELLED,
)

SPEC = re.compile(r".+[:-]\d+")
FIX = "add the tags component and spec"


def check(estate: Estate) -> Iterator[Finding]:
    ours = any(_tags(one).get("spec") for one in estate.of(*KINDS))
    if estate.system is None and not ours:
        return  # no spec asked for any of it
    for one in estate.of(*KINDS):
        tags = _tags(one)
        said = bool(tags.get("component")) and bool(SPEC.fullmatch(str(tags.get("spec") or "")))
        paths = (LABELLED.get(one.kind, "tags"), "terraform_labels" if one.kind in LABELLED else "tags_all")
        later = any(isinstance(raw(one, path), LATER) for path in paths)
        holds = None if later and not said else said
        yield judged(one, holds, f"asked for by {tags.get('spec')}", "nothing says who asked for it", FIX)


def _tags(one: Resource) -> Mapping[str, Any]:
    if one.kind not in LABELLED:
        return tags_of(one.settings)
    found = [raw(one, path) for path in ("terraform_labels", LABELLED[one.kind])]
    return next((each for each in found if isinstance(each, Mapping) and each), {})
