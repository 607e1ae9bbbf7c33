"""A certificate that has run out: the same name and key, signed by the lab's authority, for a time that is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from standfast.problem import Problem, Problems
from standfast.worlds.lab.binaries import User

KEPT = "host.crt.before"


def expire(room: Path, host: str, user: User) -> None:
    """Let the certificate of a host have ended an hour ago. Raises Problems where cryptography is missing."""
    try:
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
    except ImportError as error:
        fix = "pip install 'standfast[lab]'"
        raise Problems([Problem("cryptography is not installed", "it signs the certificate", fix)]) from error
    folder = room / host / "etc/standfast/tls"
    path, kept = folder / "host.crt", folder / KEPT
    if not path.exists():
        raise Problems([Problem(f"{host} has no certificate", fix="name the balancer, the edge or a database")])
    now = x509.load_pem_x509_certificate(path.read_bytes())
    authority = x509.load_pem_x509_certificate((room / "authority/authority.pem").read_bytes())
    key = serialization.load_pem_private_key((room / "authority/authority.key").read_bytes(), None)
    ended = datetime.now(UTC) - timedelta(hours=1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(now.subject)
        .issuer_name(authority.subject)
        .public_key(now.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ended - timedelta(days=30))
        .not_valid_after(ended)
    )
    for extension in now.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    if not kept.exists():
        kept.write_bytes(path.read_bytes())
    path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))  # ty: ignore
    user.own(path)


def restore(room: Path, host: str) -> None:
    folder = room / host / "etc/standfast/tls"
    if (folder / KEPT).exists():
        (folder / "host.crt").write_bytes((folder / KEPT).read_bytes())
        (folder / KEPT).unlink()
