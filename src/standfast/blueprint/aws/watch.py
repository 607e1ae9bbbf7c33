"""Logs of the services, alarms that reach a person, and the record of what is done in the account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.containers.service import CLUSTER
from standfast.blueprint.aws.keys import LOGS_KEY
from standfast.blueprint.aws.policy import OWN_ACCOUNT, allow, document
from standfast.blueprint.aws.site import Hosted, Kept, Part, Site
from standfast.blueprint.aws.stores.backup import protected
from standfast.blueprint.aws.stores.data import readers
from standfast.blueprint.aws.stores.objects import TRAIL
from standfast.blueprint.model import Block, Join, Ref, Resource
from standfast.problem import Place

TOPIC = Ref("aws_sns_topic.alarms", "arn")
STALE, LATE = 30, 60  # seconds that a copy for reading, and one in another region, may be behind for five minutes
ADDRESS = re.compile(r"[^@\s<>\"']+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


def resources(site: Site) -> Iterator[Resource]:
    for host in () if site.clustered else site.hosted:
        part = site.part(host.name, "watch", host.service.place)
        group = {"name": f"/{site.name()}/{host.name}", "retention_in_days": site.log_days, "kms_key_id": LOGS_KEY}
        yield part.make("aws_cloudwatch_log_group", f"service_{host.id}", group, tag=site.name(host.name))
    yield from _topic(site)
    yield from _alarms(site)
    yield from _trail(site)


def _topic(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    why = "Where alarms go."
    topic = {"name": site.name("alarms"), "kms_master_key_id": Ref(LOGS_KEY.address, "id")}
    yield part.make("aws_sns_topic", "alarms", topic, why, tag=site.name("alarms"))
    publish = allow("sns:Publish", TOPIC, service="cloudwatch.amazonaws.com", condition=OWN_ACCOUNT)
    yield part.make("aws_sns_topic_policy", "alarms", {"arn": TOPIC, "policy": document(publish)})
    if ADDRESS.fullmatch(site.system.owner):
        owner = Part("logs", site.system.place, "watch")
        why = "The owner of the system, who gets a message with a link to confirm."
        settings = {"topic_arn": TOPIC, "protocol": "email", "endpoint": site.system.owner}
        yield owner.make("aws_sns_topic_subscription", "owner", settings, why)


def _alarms(site: Site) -> Iterator[Resource]:
    where = site.system.where
    up, fast = where("reliability.availability"), where("performance")
    for host in site.public:
        yield from _users_see(site, host, up, fast)
    for host in () if site.clustered else site.hosted:
        yield _too_few(site, host, up)
    if site.clustered:
        yield _too_few_nodes(site, up)
    for kept in site.databases:
        yield from _database(site, kept)
    for kept in site.caches:
        yield from _cache(site, kept)
    if protected(site):
        said, place = "a backup failed", where("reliability.recovery.corruption")
        vault = {"BackupVaultName": Ref("aws_backup_vault.main", "name")}
        measure = _metric("AWS/Backup", "NumberOfBackupJobsFailed", "Sum", vault)
        yield _alarm(site, place, "backup", "backup_failed", said, {**measure, **_over(0, 3600, 1)})


def _users_see(site: Site, host: Hosted, up: Place, fast: Place) -> Iterator[Resource]:
    """Errors and slowness as the balancer counts them, against what is promised."""
    dimensions = {
        "LoadBalancer": Ref("aws_lb.main", "arn_suffix"),
        "TargetGroup": Ref(f"aws_lb_target_group.{host.id}", "arn_suffix"),
    }
    promised = site.system.promises.reliability.availability
    errors = _metric("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "Sum", dimensions)
    requests = _metric("AWS/ApplicationELB", "RequestCount", "Sum", dimensions)
    share = {
        "metric_query": [
            Block({"id": "errors", "metric": Block({**_in_query(errors), "period": 300})}),
            Block({"id": "requests", "metric": Block({**_in_query(requests), "period": 300})}),
            Block(
                {
                    "id": "share",
                    "expression": "100 * errors / requests",
                    "label": "errors, percent",
                    "return_data": True,
                }
            ),
        ],
        "comparison_operator": "GreaterThanThreshold",
        # ten times what the promise allows on average, for ten minutes
        "threshold": round(10 * 100 * (1 - promised), 6),
        "evaluation_periods": 2,
    }
    yield _alarm(site, up, host.name, f"{host.id}_errors", f"{host.name} answers with too many errors", share)
    for name, seconds in sorted(site.system.promises.performance.percentiles.items()):
        slow = {
            **_metric("AWS/ApplicationELB", "TargetResponseTime", None, dimensions),
            "extended_statistic": name,
            **_over(seconds, 300, 2),
        }
        said = f"{host.name} is slower than promised: {name} over {seconds:g} s"
        yield _alarm(site, fast, host.name, f"{host.id}_{name}", said, slow)


def _too_few(site: Site, host: Hosted, up: Place) -> Resource:
    if site.contained:
        dimensions = {"ClusterName": CLUSTER, "ServiceName": Ref(f"aws_ecs_service.{host.id}", "name")}
        measure = _metric("ECS/ContainerInsights", "RunningTaskCount", "Minimum", dimensions)
        least, what = Ref(f"aws_appautoscaling_target.{host.id}", "min_capacity"), "tasks"
    else:
        dimensions = {"AutoScalingGroupName": Ref(f"aws_autoscaling_group.{host.id}", "name")}
        measure = _metric("AWS/AutoScaling", "GroupInServiceInstances", "Minimum", dimensions)
        least, what = Ref(f"aws_autoscaling_group.{host.id}", "min_size"), "servers"
    below = {"comparison_operator": "LessThanThreshold", "threshold": least, "period": 60, "evaluation_periods": 5}
    said = f"{host.name} has fewer {what} than it needs"
    return _alarm(site, up, host.name, f"{host.id}_{what}", said, {**measure, **below}, silent="breaching")


def _too_few_nodes(site: Site, up: Place) -> Resource:
    """As Container Insights counts them (CloudWatch guide, "Container Insights metrics for Amazon EKS")."""
    dimensions = {"ClusterName": Ref("aws_eks_cluster.main", "name")}
    measure = _metric("ContainerInsights", "cluster_node_count", "Minimum", dimensions)
    least = site.size("cluster", "min_count", 1)
    below = {"comparison_operator": "LessThanThreshold", "threshold": least, "period": 60, "evaluation_periods": 5}
    said = "the cluster has fewer nodes than it needs"
    return _alarm(site, up, "cluster", "cluster_nodes", said, {**measure, **below}, silent="breaching")


def _database(site: Site, kept: Kept) -> Iterator[Resource]:
    dimensions = {"DBInstanceIdentifier": Ref(f"aws_db_instance.{kept.id}", "identifier")}
    space = _metric("AWS/RDS", "FreeStorageSpace", "Minimum", dimensions)
    gib = int(kept.choice.size.get("storage_gib", kept.store.data))
    low = {"comparison_operator": "LessThanThreshold", "threshold": gib * 2**30 // 10}
    timing = {"period": 300, "evaluation_periods": 2}
    said = f"{kept.name} has less than a tenth of its disk left"
    yield _alarm(site, kept.store.place, kept.name, f"{kept.id}_disk", said, {**space, **low, **timing})
    if site.follows:
        yield _lag(site, kept, dimensions, LATE, site.system.where("reliability.recovery.region"), kept.id)
    for address in readers(site, kept):
        name = address.partition(".")[2]
        yield _lag(site, kept, {"DBInstanceIdentifier": Ref(address, "identifier")}, STALE, kept.store.place, name)
    busy = {**_metric("AWS/RDS", "CPUUtilization", "Average", dimensions), **_over(80, 300, 3)}
    place = site.system.where("scalability.peak")
    yield _alarm(site, place, kept.name, f"{kept.id}_cpu", f"{kept.name} is over 80% busy", busy)


def _lag(site: Site, kept: Kept, dimensions: dict[str, Any], most: int, place: Place, name: str) -> Resource:
    late = {**_metric("AWS/RDS", "ReplicaLag", "Maximum", dimensions), **_over(most, 60, 5)}
    return _alarm(site, place, kept.name, f"{name}_lag", f"a copy of {kept.name} is over {most} s behind", late)


def _cache(site: Site, kept: Kept) -> Iterator[Resource]:
    """An alarm per node: each keeps all the data, and any of them may become the primary."""
    for number in range(1, kept.choice.count + 1):
        node = Join((Ref(f"aws_elasticache_replication_group.{kept.id}", "id"), f"-{number:03}"))
        full = _metric("AWS/ElastiCache", "DatabaseMemoryUsagePercentage", "Maximum", {"CacheClusterId": node})
        said = f"node {number} of {kept.name} is nearly out of memory"
        name = f"{kept.id}_memory_{number}"
        yield _alarm(site, kept.store.place, kept.name, name, said, {**full, **_over(90, 300, 2)})


def _metric(namespace: str, name: str, statistic: str | None, dimensions: dict[str, Any]) -> dict[str, Any]:
    return {"namespace": namespace, "metric_name": name, "statistic": statistic, "dimensions": dimensions}


def _in_query(metric: dict[str, Any]) -> dict[str, Any]:
    return {{"statistic": "stat"}.get(key, key): value for key, value in metric.items()}


def _over(threshold: float, period: int, times: int) -> dict[str, Any]:
    return {
        "comparison_operator": "GreaterThanThreshold",
        "threshold": threshold,
        "period": period,
        "evaluation_periods": times,
    }


def _alarm(
    site: Site, place: Place, component: str, name: str, said: str, what: dict[str, Any], silent: str = "notBreaching"
) -> Resource:
    """`silent`: what it means that nothing is measured."""
    title = site.name(name.replace("_", "-"), limit=255)
    settings = {
        "alarm_name": title,
        "alarm_description": f"{said} ({place.short})" if place.file.isprintable() and place.file else said,
        **what,
        "treat_missing_data": silent,
        "alarm_actions": [TOPIC],
        "ok_actions": [TOPIC],
    }
    return Part(component, place, "watch").make("aws_cloudwatch_metric_alarm", name, settings, tag=title)


def _trail(site: Site) -> Iterator[Resource]:
    part = site.part("logs", "watch")
    settings = {
        "name": site.name("trail"),
        "s3_bucket_name": Ref(f"aws_s3_bucket.{TRAIL}", "id"),
        "kms_key_id": LOGS_KEY,
        "is_multi_region_trail": True,
        "include_global_service_events": True,
        "enable_log_file_validation": True,
    }
    needs = (f"aws_s3_bucket_policy.{TRAIL}",)
    why = "Who did what in the account, in every region, in files that show if they were changed."
    yield part.make("aws_cloudtrail", "main", settings, why, tag=site.name("trail"), depends_on=needs)
