"""What the people who run the system must know or do on AWS."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws import cluster, keys
from standfast.blueprint.aws.environment import environment, secrets
from standfast.blueprint.aws.site import Site
from standfast.blueprint.aws.standby import runbook
from standfast.blueprint.model import Note

DOMAIN = """\
The certificates wait until the domain is yours to prove. Make the zone first, set the domain's name servers to what
it tells, then apply the rest:

```
terraform apply -target=aws_route53_zone.main
terraform output name_servers
```
"""
DOWN = """\
Databases and balancers are protected against deletion, and databases leave a last snapshot. To take the system down
on purpose, write a file `down_override.tf` that says `deletion_protection = false` for each `aws_db_instance` and
`enable_deletion_protection = false` for each `aws_lb`, apply it, then `terraform destroy`. Buckets and backup vaults
that hold something stay until you empty them.
"""


def notes(site: Site) -> tuple[Note, ...]:
    return tuple(_notes(site))


def _notes(site: Site) -> Iterator[Note]:
    if not site.follows:
        yield Note("The first time", DOMAIN, "terraform")
    yield from runbook.notes(site)
    filled = [f"- `{site.name()}/{name}`" for name in keys.declared_secrets(site)]
    if filled:
        text = "Put a value into each of these in Secrets Manager; until then the services that read them wait:\n\n"
        yield Note("Secrets to fill", text + "\n".join(filled))
    if site.clustered:
        yield from cluster.notes(site)
    elif site.hosted:
        yield Note("What a container finds in its environment", _environments(site))
    yield Note("Take it down", DOWN, "terraform")


def _environments(site: Site) -> str:
    lines = [
        "What the spec declares under `environment`, and these. A value of the spec goes before one derived here.",
        "",
    ]
    for host in site.hosted:
        derived = [name for name in environment(site, host) if name not in host.service.environment]
        hidden = [variable for secret in secrets(site, host) for variable in secret.variables]
        told = ", ".join(f"`{name}`" for name in derived)
        lines.append(
            f"- **{host.name}**: {told}" + (f"; secret: {', '.join(f'`{one}`' for one in hidden)}" if hidden else "")
        )
    if any(not site.given(kept) for kept in site.databases):
        said = "A database's password changes every week: within a minute the containers that use it are restarted."
        lines += ["", said]
    if any(site.given(kept) for kept in site.databases):
        lines += ["", "A database's password is yours to give, and to change: the next apply brings it everywhere."]
    return "\n".join(lines)
