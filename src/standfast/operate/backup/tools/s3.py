"""A store in S3, as either program is told of it: Amazon's own, or another that AWS_ENDPOINT_URL names.

The certificate of another may be vouched for by AWS_CA_BUNDLE, as for Amazon's own programs.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from standfast.operate.backup.room import S3, Room
from standfast.problem import Problem, Problems, quoted


def placed(address: str, room: Room) -> dict[str, str]:
    """pgBackRest's options of a repository, without their prefix. Raises Problems."""
    match = S3.fullmatch(address)
    if not match:
        return {"path": address}
    missing = [
        name for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION") if not os.environ.get(name)
    ]
    if missing:
        raise Problems(
            [Problem(f"{address} cannot be opened", f"{', '.join(missing)} not set", "set them for this run")]
        )
    region = os.environ["AWS_REGION"]
    return {
        "type": "s3", "path": f"/{(match[2] or '').strip('/')}", "s3-bucket": match[1], "s3-region": region,
        **_endpoint(region, room), "s3-key": os.environ["AWS_ACCESS_KEY_ID"],
        "s3-key-secret": os.environ["AWS_SECRET_ACCESS_KEY"],
    }  # fmt: skip


def _endpoint(region: str, room: Room) -> dict[str, str]:
    """Amazon's own, or that of AWS_ENDPOINT_URL, whose certificate AWS_CA_BUNDLE may vouch for. Raises Problems."""
    said = os.environ.get("AWS_ENDPOINT_URL")
    if not said:
        return {"s3-endpoint": f"s3.{region}.amazonaws.com"}
    url = urlsplit(said)
    if url.scheme != "https" or not url.hostname:
        why, fix = "pgBackRest speaks TLS only", "write https://HOST:PORT, and its certificate into AWS_CA_BUNDLE"
        raise Problems([Problem(f"AWS_ENDPOINT_URL {quoted(said)} cannot be a store", why, fix)])
    told = {"s3-endpoint": url.hostname, "s3-uri-style": "path", "storage-port": str(url.port or 443)}
    if bundle := os.environ.get("AWS_CA_BUNDLE"):
        try:  # as whom the database runs may not read where it lies
            told["storage-ca-file"] = str(room.private("authority.pem", Path(bundle).read_text(encoding="ascii")))
        except (OSError, UnicodeDecodeError) as error:
            raise Problems([Problem(f"AWS_CA_BUNDLE {quoted(bundle)} cannot be read", str(error))]) from error
    return told


def repository(address: str) -> str:
    """As restic writes it."""
    match = S3.fullmatch(address)
    if not match:
        return address
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/") or "https://s3.amazonaws.com"
    return f"s3:{endpoint}/{match[1]}/{(match[2] or '').strip('/')}".rstrip("/")


def trusted(address: str) -> list[str]:
    """restic's option for who vouches for a store."""
    bundle = os.environ.get("AWS_CA_BUNDLE")
    return ["--cacert", bundle] if bundle and S3.fullmatch(address) else []


def named_region() -> dict[str, str]:
    """restic asks for the other name of it."""
    region = os.environ.get("AWS_REGION")
    return {"AWS_DEFAULT_REGION": region} if region else {}
