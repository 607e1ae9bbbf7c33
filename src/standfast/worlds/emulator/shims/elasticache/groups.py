"""ElastiCache: the member clusters of a replication group, parameter groups, and a group that really goes.

docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html and
API_CreateCacheParameterGroup.html, read 2026-11.
"""

from __future__ import annotations

import re
from typing import Any

from standfast.worlds.emulator.shims import added, around

# What a member takes from its group, under the same name.
SHARED = (
    "engine", "engine_version", "cache_node_type", "cache_parameter_group_name", "cache_subnet_group_name",
    "preferred_maintenance_window", "port", "notification_topic_arn", "auto_minor_version_upgrade",
    "snapshot_retention_limit", "snapshot_window", "network_type", "ip_discovery", "transit_encryption_enabled",
)  # fmt: skip
# What ModifyReplicationGroup may change and moto leaves as it was: parameter -> attribute.
CHANGED = {
    "EngineVersion": "engine_version",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "SecurityGroupIds": "security_group_ids",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "NotificationTopicArn": "notification_topic_arn",
}
MAINTENANCE = "sun:05:00-sun:06:00"  # UTC; AWS picks one at random where none is asked for


def install() -> None:
    _replication_groups()
    _parameter_groups()


def _replication_groups() -> None:
    from moto.core.responses import EmptyResult
    from moto.elasticache.models import CacheCluster, ElastiCacheBackend, ReplicationGroup
    from moto.elasticache.responses import ElastiCacheResponse

    @around(ReplicationGroup, "__init__")
    def group(original: Any, self: Any, **asked: Any) -> None:
        if not asked.get("preferred_cache_cluster_azs"):  # moto would put them into us-east-1
            asked["preferred_cache_cluster_azs"] = [f"{asked['region_name']}{zone}" for zone in "abc"]
        if asked.get("num_cache_clusters") and not asked.get("replicas_per_node_group"):
            asked["replicas_per_node_group"] = asked["num_cache_clusters"] - 1  # moto would make one member only
        original(self, **asked)
        if isinstance(self.auto_minor_version_upgrade, str):
            self.auto_minor_version_upgrade = self.auto_minor_version_upgrade.lower() == "true"
        if self.auto_minor_version_upgrade is None:
            self.auto_minor_version_upgrade = True
        self.preferred_maintenance_window = self.preferred_maintenance_window or MAINTENANCE
        if self.transit_encryption_enabled:
            self.transit_encryption_mode = self.transit_encryption_mode or "required"
        for node_group in self.node_groups:
            node_group["reader_endpoint"] = {
                "address": node_group.get("reader_endpoint_address"),
                "port": node_group.get("port"),
            }

    def set_members(backend: Any, group: Any) -> None:
        """The member clusters as the group has them now: what the API tells of each is the group's own."""
        region, account = backend.region_name, backend.account_id
        for number, name in enumerate(group.member_clusters):
            shared = {key: getattr(group, key, None) for key in SHARED}
            member: Any = CacheCluster(
                account_id=account, region_name=region, cache_cluster_id=name,
                replication_group_id=group.replication_group_id, az_mode=None, num_cache_nodes=1, snapshot_name=None,
                auth_token=None, outpost_mode=None, preferred_outpost_arn=None, preferred_availability_zones=None,
                cache_security_group_names=None, security_group_ids=group.security_group_ids, tags=None,
                snapshot_arns=None, preferred_outpost_arns=None, log_delivery_configurations=[],
                cache_node_ids_to_remove=None, cache_node_ids_to_reboot=None,
                preferred_availability_zone=f"{region}{'abc'[number % 3]}", **shared,
            )  # fmt: skip
            member.replication_group_id = group.replication_group_id
            member.num_cache_nodes = 1
            member.auth_token_enabled = group.auth_token_enabled
            member.transit_encryption_mode = group.transit_encryption_mode
            member.at_rest_encryption_enabled = group.at_rest_encryption_enabled
            member.cache_parameter_group = {
                "CacheParameterGroupName": group.cache_parameter_group_name or "default.redis7",
                "ParameterApplyStatus": "in-sync",
            }
            member.security_groups = [
                {"SecurityGroupId": one, "Status": "active"} for one in group.security_group_ids or []
            ]
            backend.cache_clusters[name] = member

    @around(ElastiCacheBackend, "create_replication_group")
    def create(original: Any, self: Any, **asked: Any) -> Any:
        group = original(self, **asked)
        set_members(self, group)
        return group

    @around(ElastiCacheResponse, "modify_replication_group")
    def modify(original: Any, self: Any) -> Any:
        answer = original(self)
        group = self.elasticache_backend.replication_groups[self._get_param("ReplicationGroupId")]
        for parameter, attribute in CHANGED.items():
            value = self._get_param(parameter)
            if value is not None:
                setattr(group, attribute, value)
        set_members(self.elasticache_backend, group)
        return answer

    @around(ElastiCacheBackend, "delete_replication_group")
    def delete(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        group = original(self, *args, **kwargs)
        self.replication_groups.pop(group.replication_group_id, None)  # moto would leave it "deleting" for ever
        for name in group.member_clusters:
            self.cache_clusters.pop(name, None)
        return group

    @added(ElastiCacheResponse)
    def delete_cache_subnet_group(self: Any) -> Any:
        self.elasticache_backend.cache_subnet_groups.pop(self._get_param("CacheSubnetGroupName"), None)
        return EmptyResult()


def _parameter_groups() -> None:
    from moto.core.exceptions import ServiceException
    from moto.core.responses import ActionResult, EmptyResult
    from moto.elasticache.models import ElastiCacheBackend
    from moto.elasticache.responses import ElastiCacheResponse

    class CacheParameterGroupNotFound(ServiceException):
        code = "CacheParameterGroupNotFound"

    @around(ElastiCacheBackend, "__init__")
    def backend(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.parameter_groups = {}
        self.arn_regex = re.compile(self.arn_regex.pattern.replace("(cluster|", "(cluster|parametergroup|"))

    def find(self: Any) -> dict[str, Any]:
        name = self._get_param("CacheParameterGroupName")
        groups = self.elasticache_backend.parameter_groups
        if name not in groups:
            raise CacheParameterGroupNotFound(f"CacheParameterGroup {name} not found.")
        return groups[name]

    @added(ElastiCacheResponse)
    def create_cache_parameter_group(self: Any) -> Any:
        name, owner = self._get_param("CacheParameterGroupName"), self.elasticache_backend
        arn = f"arn:aws:elasticache:{owner.region_name}:{owner.account_id}:parametergroup:{name}"
        group = {
            "CacheParameterGroupName": name,
            "CacheParameterGroupFamily": self._get_param("CacheParameterGroupFamily"),
            "Description": self._get_param("Description"),
            "IsGlobal": False,
            "ARN": arn,
        }
        owner.parameter_groups[name] = {"told": group, "set": {}}
        owner.tagging_service.tag_resource(arn, self._get_param("Tags", []))
        return ActionResult({"CacheParameterGroup": group})

    @added(ElastiCacheResponse)
    def describe_cache_parameter_groups(self: Any) -> Any:
        everyone = list(self.elasticache_backend.parameter_groups.values())
        groups = [find(self)] if self._get_param("CacheParameterGroupName") else everyone
        return ActionResult({"CacheParameterGroups": [group["told"] for group in groups]})

    @added(ElastiCacheResponse)
    def describe_cache_parameters(self: Any) -> Any:
        chosen = [
            {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
            for name, value in sorted(find(self)["set"].items())
        ]
        return ActionResult({"Parameters": chosen})

    @added(ElastiCacheResponse)
    def modify_cache_parameter_group(self: Any) -> Any:
        group = find(self)
        for one in self._get_param("ParameterNameValues", []):
            group["set"][one["ParameterName"]] = one.get("ParameterValue")
        return ActionResult({"CacheParameterGroupName": self._get_param("CacheParameterGroupName")})

    @added(ElastiCacheResponse)
    def reset_cache_parameter_group(self: Any) -> Any:
        group = find(self)
        for one in self._get_param("ParameterNameValues", []):
            group["set"].pop(one["ParameterName"], None)
        return ActionResult({"CacheParameterGroupName": self._get_param("CacheParameterGroupName")})

    @added(ElastiCacheResponse)
    def delete_cache_parameter_group(self: Any) -> Any:
        find(self)
        self.elasticache_backend.parameter_groups.pop(self._get_param("CacheParameterGroupName"), None)
        return EmptyResult()
