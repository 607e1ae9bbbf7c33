"""AWS: one region, servers in autoscaling groups, managed stores, everything encrypted, recorded and tagged."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws import cluster, identity, keys, names, site, watch
from standfast.blueprint.aws.cluster import control, nodes
from standfast.blueprint.aws.cluster import identity as pods
from standfast.blueprint.aws.containers import service, task
from standfast.blueprint.aws.edge import balancer, delivery, domain, shield
from standfast.blueprint.aws.net import firewall, network, private
from standfast.blueprint.aws.notes import notes
from standfast.blueprint.aws.servers import group
from standfast.blueprint.aws.standby import copies, joined, known, promotion
from standfast.blueprint.aws.stores import backup, data, objects
from standfast.blueprint.model import Blueprint, Join, Output, Ref, Variable
from standfast.blueprint.site import collisions
from standfast.plan import Plan
from standfast.problem import Problem, Problems

# In the order in which a reader meets them in the code.
CONCERNS = (
    network,
    private,
    firewall,
    domain,
    shield,
    balancer,
    delivery,
    group,
    service,
    control,
    nodes,
    pods,
    data,
    objects,
    copies,
    joined,
    promotion,
    identity,
    keys,
    backup,
    watch,
)


WRITES = frozenset(
    {
        "vm", "container", "kubernetes", "read replicas",
        "backup", "log-shipping", "pilot-light", "warm-standby", "active-active",
    }
)  # fmt: skip


def blueprint(plan: Plan, first: Plan | None = None) -> Blueprint:
    """All resources of a plan for AWS. Raises Problems for an incomplete plan and for names that collide.

    `first`: the plan whose standby this one is.
    """
    here = site.survey(plan, first)
    resources = tuple(resource for concern in CONCERNS for resource in concern.resources(here))
    problems = [*collisions(here.system, resources), *names.problems(here, resources), *_quotas(here)]
    if problems:
        raise Problems(problems)
    return Blueprint(
        "aws", plan.region, plan.system.name, resources, tuple(_variables(here)), tuple(_outputs(here)),
        here.tags, notes(here), platform=cluster.platform(here) if here.clustered else {},
    )  # fmt: skip


def _quotas(here: site.Site) -> Iterator[Problem]:
    if here.contained:
        yield from task.problems(here)
    yield from data.problems(here)
    yield from promotion.problems(here)
    if len(here.called) > balancer.LISTENERS:
        what = f"{len(here.called)} services are called by others"
        why = f"the balancer between them has {balancer.LISTENERS} listeners at most"
        yield Problem(what, why, "split the system in two", here.system.place)


def _variables(here: site.Site) -> Iterator[Variable]:
    yield from domain.variables(here)
    yield Variable("environment", "string", "What this is: production, staging, ...", here.system.environment)
    yield from known.variables(here)
    yield from network.variables(here)
    yield from private.variables(here)
    yield from cluster.variables(here)
    yield from keys.variables(here)


def _outputs(here: site.Site) -> Iterator[Output]:
    for host in here.public:
        name = here.host(host.name)
        url = Join(("https://", *(name.parts if isinstance(name, Join) else (name,))))
        yield Output(f"{host.id}_url", f"Where users reach {host.name}", url)
    if here.public:
        if not here.follows:
            servers = Ref("aws_route53_zone.main", "name_servers")
            yield Output("name_servers", "Set the name servers of the domain to these", servers)
        yield Output("balancer", "Name that AWS gives the balancer", Ref("aws_lb.main", "dns_name"))
    yield Output("alarms", "Topic that alarms go to", Ref("aws_sns_topic.alarms", "arn"))
    yield from cluster.outputs(here)
    given = {one.name: one for one in known.outputs(here)}
    for kept in here.buckets:
        bucket = Output(f"{kept.id}_bucket", f"Bucket of {kept.name}", Ref(f"aws_s3_bucket.{kept.id}", "bucket"))
        given.setdefault(bucket.name, bucket)
    yield from given.values()
    for kept in here.databases:
        address = Ref(f"aws_db_instance.{kept.id}", "endpoint")
        yield Output(f"{kept.id}_endpoint", f"Where {kept.name} listens, inside the network", address)
    for name in keys.declared_secrets(here):
        secret = Ref(f"aws_secretsmanager_secret.{site.identifier(name)}", "name")
        yield Output(f"secret_{site.identifier(name)}", f"Secret to be filled with {name}", secret)
