"""What the people who run the system must know or do on Google Cloud."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.gcp import keys
from standfast.blueprint.gcp.data.stores import exported
from standfast.blueprint.gcp.edge import delivery, domain
from standfast.blueprint.gcp.environment import environment, secrets
from standfast.blueprint.gcp.site import Site
from standfast.blueprint.model import Note

PROJECT = """\
You need a project with billing, and the right to give roles in it. What Terraform looks up before it makes anything has
to be switched on, and some accounts with which Google acts in a project come with their first use only, so call them
once, since a key can be opened to none that is not there:

```
gcloud services enable cloudresourcemanager.googleapis.com compute.googleapis.com logging.googleapis.com \\
  serviceusage.googleapis.com storage.googleapis.com {enabled} --project=PROJECT
for service in {services}; do
  gcloud beta services identity create --service=$service.googleapis.com --project=PROJECT
done
```
"""
DOMAIN = """\
Certificates come when the domain is yours to prove. Make the zone first, set the domain's name servers to what it
tells, then apply the rest:

```
terraform apply -target=google_dns_managed_zone.main
terraform output name_servers
```
"""
DOWN = """\
Keys, databases, caches, the cluster and what runs on Cloud Run are protected against deletion, and a database leaves a
last backup. To take the system down on purpose, write a file `down_override.tf` that says `deletion_protection = false`
for each of them (and `deletion_protection_enabled = false` in the `settings` of a database), and for a key
`prevent_destroy = false` in its `lifecycle`; apply it, then `terraform destroy`. A key can be brought back for 30 days,
and without it nothing that it encrypted is readable. Buckets that hold something stay until you empty them; the records
of who did what stay for a year. Google never deletes a key ring, and keeps the name of a database for a week: to build
again before that, rename the system.
"""
ELSEWHERE = """\
It stands alone and begins empty: between two clouds nothing here moves data. Join the two networks by a tunnel, make
the tables here, and let the engine replicate: in PostgreSQL `CREATE PUBLICATION app FOR ALL TABLES` there and `CREATE
SUBSCRIPTION` here, in MySQL a replication channel. Objects are copied by a job of Storage Transfer Service that reads
the other cloud's bucket. Until that runs and is watched, the promise for region is not kept.

Put the records that the outputs ending in `_proof` tell into the zone of the domain, which the other cloud keeps, and
there too lead users here, to the output `front`, when the first site does not answer.
"""
LOGIN = """\
Nobody has a password or a key on a server. Who has the roles *IAP-secured Tunnel User* and *Compute OS Login* gets in:

```
gcloud compute ssh SERVER --tunnel-through-iap
```
"""
PUBLIC = """\
Cloud CDN reads these buckets as anybody would, so everybody who knows the name of an object may read it; nobody outside
may list or write: {names}. Keep nothing there that is not for all to see. If your organisation enforces *public access
prevention*, it has to allow these.
"""
RUNNER = {"vm": "compute", "container": "run", "kubernetes": "container"}


def notes(site: Site) -> tuple[Note, ...]:
    return tuple(_notes(site))


def _notes(site: Site) -> Iterator[Note]:
    services = ["logging", "secretmanager", "storage"]
    services += ["sqladmin"] * bool(site.databases) + ["redis"] * bool(site.caches)
    services += [RUNNER[site.plan.shape]] if site.hosted else []
    services.sort()
    first = PROJECT.format(services=" ".join(services), enabled=" ".join(f"{one}.googleapis.com" for one in services))
    if site.first is None and domain.serves(site):
        first += "\n" + DOMAIN
    yield Note("The first time", first)
    if site.first:
        yield Note("A standby", _standby(site))
    filled = [f"- `{keys.secret_id(site, name)}`" for name in keys.declared_secrets(site)]
    if filled:
        text = "Put a value into each of these in Secret Manager; until then the services that read them wait:\n\n"
        yield Note("Secrets to fill", text + "\n".join(filled))
    if site.hosted and site.plan.shape != "kubernetes":
        yield Note("What a container finds in its environment", _environments(site))
    if site.hosted and site.plan.shape == "vm":
        yield Note("Log in to a server", LOGIN)
    if found := delivery.delivered(site):
        yield Note("What everybody can read", PUBLIC.format(names=", ".join(f"`{one.name}`" for one in found)))
    yield Note("Take it down", DOWN)


def _standby(site: Site) -> str:
    first = site.first
    there = f"{first.cloud} {first.region}" if first else ""
    told = f"This is the standby ({site.standby}) of the first site in {there}. "
    if not site.follows:
        return told + "\n" + ELSEWHERE
    told += "What it asks to be given are outputs of that one, of the same names: apply it after the first.\n"
    if exported(site):
        told += "\nThe newest export of a database comes back with `gcloud sql import sql INSTANCE gs://BUCKET/FILE`.\n"
    if site.databases and site.follows:
        told += (
            "\nOn the day: `gcloud sql instances promote-replica NAME` makes a database the one that is written to. "
        )
        told += "Then set the variables that name its address to the new one, and apply.\n"
    return told


def _environments(site: Site) -> str:
    lines = [
        "What the spec declares under `environment`, and these. A value of the spec goes before one derived here.",
        "",
    ]
    for host in site.hosted:
        derived = [name for name in environment(site, host) if name not in host.service.environment]
        told, hidden = ", ".join(f"`{name}`" for name in derived), secrets(site, host)
        lines.append(
            f"- **{host.name}**: {told}" + (f"; secret: {', '.join(f'`{one}`' for one in hidden)}" if hidden else "")
        )
    if site.databases or site.caches:
        lines += ["", "A variable that ends in `_CA` holds the certificate that a store's own is signed with."]
    return "\n".join(lines)
