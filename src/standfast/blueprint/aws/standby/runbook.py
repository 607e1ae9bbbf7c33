"""What people must do with a standby: the first time, and the day the first region is lost."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws.edge.domain import abroad
from standfast.blueprint.aws.site import TOGETHER, Site
from standfast.blueprint.model import Note

AFTER = """\
Apply the first site before this one. What this one must know of it are outputs there, of the same names:
`terraform -chdir=.. output`. Copies begin with the apply: objects that were there before need one S3 Batch Replication
job.
"""
PROMOTE = """\
Promote each database. Then tell Terraform, so that no later apply looks for the lost source: write a file
`lost_override.tf` that says `replicate_source_db = null` for each `aws_db_instance`. Give it a last snapshot and a
second zone when there is time.

```
aws rds promote-read-replica --db-instance-identifier NAME
terraform apply -refresh=false
```

`-refresh=false`: how objects are copied is a setting of the lost region, which does not answer.
"""
ANEW = """\
Build the rest anew: under `rules` of {system}'s spec, set `regions` to this region and drop the promise for `region`;
build, and apply it with a state of its own. It has other names than these copies, which stay as they are.
"""
LEAD = """
What the caches hold is here too, and they take no writes until each leads:

```
aws elasticache failover-global-replication-group --global-replication-group-id ID \\
  --primary-region {region} --primary-replication-group-id NAME
```
"""
GROW = """\
Users are sent here by themselves, three failed health checks after the loss; what they write is refused until the
databases are promoted. Servers grow with the load; to be sooner, raise their desired capacity.
"""
BY_ITSELF = """\
Users are sent here by themselves, three failed health checks after the loss. A minute later an alarm starts the steps
of the Systems Manager document `{promote}`: the first site is taken out of the DNS for good, each database here is
promoted, and the name that services write to is led to it. Services keep trying until then. Watch it, or start it when
the alarm does not: it can be run again.

```
aws ssm describe-automation-executions --filters Key=DocumentNamePrefix,Values={promote}
aws ssm start-automation-execution --document-name {promote}
```

It starts whenever no public service of the first site answers, also where you took them down: before that, disable it,
and enable it after.

```
aws events disable-rule --name {promote}
```
"""
STATELESS = "Nothing is to be done: users are sent here by themselves, three failed health checks after the loss.\n"
BACK = """\
The first site gets no users until you say so, and no apply changes that. What its services still wrote there is not
here: look before you throw it away. Then build its databases anew as replicas of those here, promote them in a quiet
hour while nobody writes, lead the names `*-write` back, and let users in again, with as many answers as it has public
services:

```
aws route53 update-health-check --health-check-id ID --health-threshold {public}
```
"""
LOST = {
    "backup": ANEW + "Before the apply, restore the newest copies from the vault of AWS Backup here.\n",
    "log-shipping": ANEW
    + "Before the apply, restore each database to its newest moment from its replicated automated backup:\n"
    "`aws rds restore-db-instance-to-point-in-time --source-db-instance-automated-backups-arn ARN`.\n",
    "pilot-light": PROMOTE + "\n" + ANEW,
    "warm-standby": GROW + "\n" + PROMOTE,
    TOGETHER: BY_ITSELF,
}
ABROAD = """\
The certificates wait until the first site's DNS has their validation records: copy those of the zone that is made here.
On the day the first site is lost, set the domain's name servers to this zone's. Databases and objects are not copied by
this code: set up the engine's logical replication from the first site over a private link, and a copy of the objects.
"""
TO_ABROAD = """\
The databases are ready for logical replication. At the standby create the subscriptions, over a private link between
the two networks, which is yours to make; copy the objects with the other cloud's transfer service.
{users}"""
LED = """
Apply the standby before this site, which wants its address (`standby_address`). Users are sent there by themselves,
three failed health checks after this site is lost; copy the validation records of the standby's certificate into this
zone before, and promote the databases there on the day.
"""
BY_HAND = "No health check moves the users: on the day the first site is lost, point the domain at the standby.\n"


def notes(site: Site) -> Iterator[Note]:
    if site.follows:
        yield Note("The first time", AFTER, "terraform")
        lost = LOST[site.standby] if site.databases or not site.together else STATELESS
        words = {"system": site.system.name, "promote": site.name("promote"), "region": site.plan.region}
        lost += LEAD if any(site.copied(kept) for kept in site.caches) else ""
        yield Note("The day the first region is lost", lost.format(**words))
        if site.together and site.databases:
            yield Note("When the first region is back", BACK.format(public=len(site.public)))
    elif site.first:
        yield Note("A standby on another cloud", ABROAD)
    elif site.plan.standby and site.other is None:
        users = LED if site.public and abroad(site) else BY_HAND
        yield Note("The standby on another cloud", TO_ABROAD.format(users=users))
