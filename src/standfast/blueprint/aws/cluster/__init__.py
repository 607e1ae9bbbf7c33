"""EKS: a cluster whose API answers inside the network only, its nodes over the zones, and roles for what runs there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.aws.edge.domain import bucket_host
from standfast.blueprint.aws.environment import address, login_secret, reading
from standfast.blueprint.aws.net import network
from standfast.blueprint.aws.site import PORTS, Site, identifier
from standfast.blueprint.model import Join, Note, Output, Ref, Variable

ADMIN = "cluster_admin"

FIRST = """\
The API server answers inside the network only. Without a VPN, go through a node:

```
HOST=$(terraform output -raw cluster_endpoint | cut -d/ -f3)
aws eks update-kubeconfig --region {region} --name "$(terraform output -raw cluster)"
aws ssm start-session --region {region} --target NODE --document-name AWS-StartPortForwardingSessionToRemoteHost \\
  --parameters "host=$HOST,portNumber=443,localPortNumber=8443"
kubectl --server https://localhost:8443 --tls-server-name "$HOST" get nodes
```

NODE is the id of any instance of the node group. The workloads are in `../kubernetes`: go on with its README.
"""


def platform(site: Site) -> dict[str, Any]:
    """What the workloads ask of AWS (blueprint/workloads.py has the names)."""
    found: dict[str, Any] = {
        "data_ranges": network.ranges("data"),
        "balancer_ranges": network.ranges("app" if site.private else "public"),
    }
    for host in site.public:
        found[f"{host.id}_host"] = site.host(host.name)
        found[f"{host.id}_target_group"] = Ref(f"aws_lb_target_group.{host.id}", "arn")
    for kept in site.kept:
        if kept.kind in PORTS:
            found[f"{kept.id}_host"], found[f"{kept.id}_secret"] = address(site, kept), login_secret(site, kept)
            if kept.kind != "redis" and (read := reading(site, kept)):
                found[f"{kept.id}_read_host"] = read
        if kept.kind == "objects":
            found[f"{kept.id}_bucket"] = Ref(f"aws_s3_bucket.{kept.id}", "bucket")
            if kept.store.cdn:
                found[f"{kept.id}_url"] = Join(("https://", *bucket_host(kept)))
    for name in (name for host in site.hosted for name in host.service.secrets):
        found[f"secret_{identifier(name)}"] = f"{site.name()}/{name}"
    return found


def variables(site: Site) -> Iterator[Variable]:
    if not site.clustered:
        return
    yield Variable(
        ADMIN,
        "string",
        "ARN of the role of those who administer the cluster",
        pattern=r"^arn:aws:iam::[0-9]{12}:role/.+$",
        example="arn:aws:iam::123456789012:role/admin",
    )


def outputs(site: Site) -> Iterator[Output]:
    if not site.clustered:
        return
    yield Output("cluster", "Name of the cluster", Ref("aws_eks_cluster.main", "name"))
    yield Output(
        "cluster_endpoint", "Where its API server answers, inside the network", Ref("aws_eks_cluster.main", "endpoint")
    )


def notes(site: Site) -> Iterator[Note]:
    yield Note("Reach the cluster", FIRST.format(region=site.plan.region))
