"""What a standby must know of the first site: an output there, and a variable of the same name here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from standfast.blueprint.aws.edge.domain import WELL, answers
from standfast.blueprint.aws.keys import DATA_KEY
from standfast.blueprint.aws.net.network import VPC_ID
from standfast.blueprint.aws.site import DATABASES, REPLICATED, Site, identifier
from standfast.blueprint.aws.stores.data import COPIES
from standfast.blueprint.model import Output, Ref, Variable

ARN = r"^arn:aws[a-z-]*:[a-z0-9-]+:[a-z0-9-]*:[0-9]{12}:.+$"
ID = r"^[A-Za-z0-9.-]+$"
EXAMPLES = {ARN: "arn:aws:service:eu-west-1:123456789012:what/it-is", ID: "what-it-is"}


@dataclass(frozen=True)
class Known:
    name: str
    means: str
    value: Ref
    pattern: str


def known(first: Site) -> Iterator[Known]:
    """Everything that the standby of a first site needs of it. Nothing where it has none on AWS."""
    other = first.other
    if other is None:
        return
    if first.buckets:
        yield Known("data_key", "Key of the first site's data", DATA_KEY, ARN)
    for kept in first.buckets:
        yield Known(f"{kept.id}_bucket", f"Bucket of {kept.name}", Ref(f"aws_s3_bucket.{kept.id}", "bucket"), ID)
        if kept.store.cdn:
            delivery = Ref(f"aws_cloudfront_distribution.{kept.id}", "arn")
            yield Known(f"{kept.id}_distribution", f"Content delivery of {kept.name}", delivery, ARN)
    if other.standby in ("log-shipping", *REPLICATED):
        for store in first.system.stores:
            if store.kind in DATABASES:
                id = identifier(store.name)
                yield Known(f"{id}_arn", f"Database of {store.name}", Ref(f"aws_db_instance.{id}", "arn"), ARN)
    for kept in first.caches:
        if first.copied(kept):
            joined = Ref(f"{COPIES}.{kept.id}", "global_replication_group_id")
            yield Known(f"{kept.id}_copies", f"What joins {kept.name} of both sites", joined, ID)
    if first.together and first.databases:
        yield Known("vpc", "Network of the first site", VPC_ID, ID)
        yield Known("data_routes", "Routes of its databases", Ref("aws_route_table.data", "id"), ID)
        for kept in first.databases:
            address = Ref(f"aws_db_instance.{kept.id}", "address")
            yield Known(f"{kept.id}_address", f"Where {kept.name} listens", address, ID)
        if first.public and not first.private:
            well = Ref(f"aws_route53_health_check.{WELL}", "id")
            yield Known("well", "Health check of the whole site", well, ID)
    if answers(first):
        yield Known("zone_id", "Public zone of the domain", Ref("aws_route53_zone.main", "zone_id"), ID)


def outputs(site: Site) -> Iterator[Output]:
    yield from (Output(one.name, one.means, one.value) for one in known(site))


def variables(site: Site) -> Iterator[Variable]:
    if site.follows and site.first:
        for one in known(Site(site.first)):
            means = f"{one.means}: `{one.name}` of the first site's outputs"
            yield Variable(one.name, "string", means, pattern=one.pattern, example=EXAMPLES[one.pattern])
