"""ElastiCache's Global Datastore, which moto does not have: a replication group, and copies of it in other regions.

docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateGlobalReplicationGroup.html and its neighbours, read
2026-11. Nothing is copied; a person's switch of the leading side is held.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.worlds.emulator.shims import added, around

PREFIX = "ldgnf-"  # AWS puts five letters of the region that the datastore was made in before its name
BURSTABLE = "cache.t"
LEADS, FOLLOWS = "PRIMARY", "SECONDARY"


def install() -> None:
    from moto.core.exceptions import ServiceException
    from moto.core.responses import ActionResult
    from moto.elasticache.models import ElastiCacheBackend, elasticache_backends
    from moto.elasticache.responses import ElastiCacheResponse

    class GlobalReplicationGroupNotFoundFault(ServiceException):
        code = "GlobalReplicationGroupNotFoundFault"

    class InvalidParameterValueException(ServiceException):
        code = "InvalidParameterValue"

    def members(account: str, name: str) -> Iterator[tuple[str, Any]]:
        """(region, replication group) of all that is joined by a datastore."""
        for region, backend in sorted(elasticache_backends[account].items()):
            for group in backend.replication_groups.values():
                if group.global_replication_group_id == name:
                    yield region, group

    def leading(account: str, name: str) -> Any:
        for _, group in members(account, name):
            if group.global_replication_group_member_role == LEADS:
                return group
        raise GlobalReplicationGroupNotFoundFault(f"Global replication group {name} not found")

    def shown(account: str, name: str) -> dict[str, Any]:
        one = leading(account, name)
        return {
            "GlobalReplicationGroupId": name,
            "GlobalReplicationGroupDescription": one.global_description,
            "Status": "available",
            "CacheNodeType": one.cache_node_type,
            "Engine": one.engine,
            "EngineVersion": one.engine_version,
            "ClusterEnabled": False,
            "AuthTokenEnabled": one.auth_token_enabled,
            "TransitEncryptionEnabled": one.transit_encryption_enabled,
            "AtRestEncryptionEnabled": one.at_rest_encryption_enabled,
            "ARN": f"arn:aws:elasticache::{account}:globalreplicationgroup:{name}",
            "Members": [
                {
                    "ReplicationGroupId": group.replication_group_id,
                    "ReplicationGroupRegion": region,
                    "Role": group.global_replication_group_member_role,
                    "AutomaticFailover": group.automatic_failover,
                    "Status": "associated",
                }
                for region, group in members(account, name)
            ],
        }

    @around(ElastiCacheBackend, "create_replication_group")
    def create(original: Any, self: Any, **asked: Any) -> Any:
        """A copy is of the class and the engine that leads."""
        if name := asked.get("global_replication_group_id"):
            one = leading(self.account_id, name)
            asked |= {"engine": one.engine, "engine_version": one.engine_version}
            asked["cache_node_type"] = one.cache_node_type
        return original(self, **asked)

    @added(ElastiCacheResponse)
    def create_global_replication_group(self: Any) -> Any:
        backend = self.elasticache_backend
        group = backend.describe_replication_groups(self._get_param("PrimaryReplicationGroupId"))[0]
        if str(group.cache_node_type).startswith(BURSTABLE):
            raise InvalidParameterValueException(f"Global Datastore does not support node type {group.cache_node_type}")
        group.global_replication_group_id = PREFIX + self._get_param("GlobalReplicationGroupIdSuffix")
        group.global_replication_group_member_role = LEADS
        group.global_description = self._get_param("GlobalReplicationGroupDescription") or ""
        told = shown(backend.account_id, group.global_replication_group_id)
        return ActionResult({"GlobalReplicationGroup": told})

    @added(ElastiCacheResponse)
    def describe_global_replication_groups(self: Any) -> Any:
        account, name = self.elasticache_backend.account_id, self._get_param("GlobalReplicationGroupId")
        known = {
            group.global_replication_group_id
            for backend in elasticache_backends[account].values()
            for group in backend.replication_groups.values()
            if group.global_replication_group_id
        }
        return ActionResult(
            {"GlobalReplicationGroups": [shown(account, one) for one in ([name] if name else sorted(known))]}
        )

    @added(ElastiCacheResponse)
    def disassociate_global_replication_group(self: Any) -> Any:
        account, name = self.elasticache_backend.account_id, self._get_param("GlobalReplicationGroupId")
        there = elasticache_backends[account][self._get_param("ReplicationGroupRegion")]
        there.replication_groups[self._get_param("ReplicationGroupId")].global_replication_group_id = ""
        return ActionResult({"GlobalReplicationGroup": shown(account, name)})

    @added(ElastiCacheResponse)
    def failover_global_replication_group(self: Any) -> Any:
        account, name = self.elasticache_backend.account_id, self._get_param("GlobalReplicationGroupId")
        description, leads = leading(account, name).global_description, self._get_param("PrimaryRegion")
        for region, group in members(account, name):
            group.global_replication_group_member_role = LEADS if region == leads else FOLLOWS
            group.global_description = description
        return ActionResult({"GlobalReplicationGroup": shown(account, name)})

    @added(ElastiCacheResponse)
    def delete_global_replication_group(self: Any) -> Any:
        account, name = self.elasticache_backend.account_id, self._get_param("GlobalReplicationGroupId")
        told = {**shown(account, name), "Status": "deleting"}
        for _, group in list(members(account, name)):
            group.global_replication_group_id = ""
        return ActionResult({"GlobalReplicationGroup": told})
