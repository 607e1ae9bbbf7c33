"""What of a server's first start is AWS's own. Braces that are not fields are doubled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from standfast.blueprint.boot import DISK
from standfast.blueprint.model import Ref

INSTALL = "dnf install --assumeyes --quiet docker"

LOGIN = (
    "ExecStartPre=/bin/sh -c '/usr/bin/aws ecr get-login-password --region {region}"
    " | /usr/bin/docker login --username AWS --password-stdin {registry}'\n"
)

LOGS = (
    "--log-driver awslogs --log-opt awslogs-region={region}",
    "--log-opt awslogs-group={log} --log-opt awslogs-stream=%H",
)

READ = """\
def read(arn):
    command = ["aws", "secretsmanager", "get-secret-value", "--region", "{region}", "--secret-id", arn]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(told)["SecretString"]
"""

_DISK = """\
# The lasting disk: wait until the server before has let go of it.
imds=http://169.254.169.254/latest
token=$(curl -sf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$imds/api/token")
server=$(curl -sf -H "X-aws-ec2-metadata-token: $token" "$imds/meta-data/instance-id")
"""
_DISK_REST = """\
"
until aws ec2 attach-volume --region {region} --volume-id "$volume" --instance-id "$server" --device /dev/sdf; do
  sleep 5
done
disk="/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_$(echo "$volume" | tr -d -)"
until [ -e "$disk" ]; do sleep 1; done
blkid "$disk" || mkfs.xfs "$disk"
mkdir -p {folder}
echo "$disk {folder} xfs defaults,nofail,x-systemd.before=app.service 0 2" >> /etc/fstab
mount {folder}
"""


def lasting_disk(region: str, volume: Ref) -> Iterator[Any]:
    yield _DISK + 'volume="'
    yield volume
    yield _DISK_REST.format(region=region, folder=DISK)
