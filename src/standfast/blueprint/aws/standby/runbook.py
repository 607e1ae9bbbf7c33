"""What people must do with a standby: the first time, and the day the first region is lost."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint.aws.site import Site
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
GROW = """\
Users are sent here by themselves, three failed health checks after the loss; what they write is refused until the
databases are promoted. Servers grow with the load; to be sooner, raise their desired capacity.
"""
LOST = {
    "backup": ANEW + "Before the apply, restore the newest copies from the vault of AWS Backup here.\n",
    "log-shipping": ANEW
    + "Before the apply, restore each database to its newest moment from its replicated automated backup:\n"
    "`aws rds restore-db-instance-to-point-in-time --source-db-instance-automated-backups-arn ARN`.\n",
    "pilot-light": PROMOTE + "\n" + ANEW,
    "warm-standby": GROW + "\n" + PROMOTE,
}
ABROAD = """\
The certificates wait until the first site's DNS has their validation records: copy those of the zone that is made here.
On the day the first site is lost, set the domain's name servers to this zone's. Databases and objects are not copied by
this code: set up the engine's logical replication from the first site over a private link, and a copy of the objects.
"""
TO_ABROAD = """\
The databases are ready for logical replication. At the standby create the subscriptions, over a private link between
the two networks, which is yours to make; copy the objects with the other cloud's transfer service. No health check
moves the users: on the day the first site is lost, point the domain at the standby.
"""


def notes(site: Site) -> Iterator[Note]:
    if site.follows:
        yield Note("The first time", AFTER, "terraform")
        yield Note("The day the first region is lost", LOST[site.standby].format(system=site.system.name))
    elif site.first:
        yield Note("A standby on another cloud", ABROAD)
    elif site.plan.standby and site.other is None:
        yield Note("The standby on another cloud", TO_ABROAD)
