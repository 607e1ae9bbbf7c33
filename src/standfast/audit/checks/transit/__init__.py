"""Encrypted on the way: TLS, its versions and certificates."""
