"""What the people who run the system must know or do on Azure."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.azure import keys
from standfast.blueprint.azure.compute.environment import environment, secrets
from standfast.blueprint.azure.data.databases import offsite
from standfast.blueprint.azure.edge import failover
from standfast.blueprint.azure.site import Site, secret_name
from standfast.blueprint.model import Note

FIRST = """\
Sign in with `az login`, and set `ARM_SUBSCRIPTION_ID`. Once per subscription:

```
{features}
```

Write the public address you apply from into `operators`: the vault answers to nobody else outside the network.
A role that was just given may take a few minutes to hold; if the first apply is refused at the vault, apply again.
"""
HOST = "az feature register --namespace Microsoft.Compute --name EncryptionAtHost"
ISOLATED = "az feature register --namespace Microsoft.Network --name EnableApplicationGatewayNetworkIsolation"
PASSWORDS = """\
A password is a variable. To change one, apply with the new one: servers and containers take it from the vault
within minutes.
"""
DOWN = """\
`terraform destroy` takes everything down but what Azure keeps: the vault and what was in it for 90 days, copies in
the backup vault for 30. Copies that are held back must be let go first: set `immutability = "Disabled"` and
`soft_delete = "Off"` in an override file and apply it.
"""
STANDBY = """\
Apply the first site first, and give this one its outputs of the same names. On the day the first site is lost:

1. Promote each database here: `az postgres flexible-server replica promote --promote-mode standalone --promote-option
   forced`, for MySQL `az mysql flexible-server replica stop-replication`.
2. {lead}
"""
LEAD = {
    True: "Users are led here by themselves, once the first site does not answer.",
    False: "Build what is missing (`standfast build` with this region first), and lead the domain to it.",
}
OTHER_CLOUD = """\
Azure copies nothing from another cloud. PostgreSQL follows with `CREATE PUBLICATION` there and `CREATE SUBSCRIPTION`
here, MySQL with `mysql.az_replication_change_master`; objects with a copy job of your own. Until you set them up,
this site is empty.
"""


def notes(site: Site) -> tuple[Note, ...]:
    return tuple(_notes(site))


def _notes(site: Site) -> Iterator[Note]:
    features = [HOST] if site.plan.shape != "container" and site.hosted else []
    features += [ISOLATED] if site.private and site.public else []
    text = FIRST.format(features="\n".join(features))
    yield Note("The first time", text if features else text.replace(" Once per subscription:\n\n```\n\n```\n", "\n"))
    if site.public:
        text = (
            "The certificate for users begins signed by itself. Name an issuer your vault knows in "
            "`certificate_issuer`, or import yours over `public` in the vault."
        )
        yield Note("The certificate", text)
    filled = [f"- `{secret_name(name)}`" for name in keys.declared_secrets(site)]
    if filled:
        text = "Put a value into each of these in the vault; until then services read `to be filled`:\n\n"
        yield Note("Secrets to fill", text + "\n".join(filled))
    if site.hosted:
        yield Note("What a container finds in its environment", _environments(site))
    if site.databases:
        yield Note("Passwords", PASSWORDS)
    if offsite(site):
        text = "Copies of databases and of the backup vault are kept in the paired region as well."
        yield Note("If the region is lost", text)
    if site.first:
        same = site.first.cloud == "azure"
        yield Note("The standby", STANDBY.format(lead=LEAD[failover.serves(site)]) if same else OTHER_CLOUD)
    yield Note("Take it down", DOWN)


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
    return "\n".join(lines)
