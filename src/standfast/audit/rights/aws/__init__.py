"""Policies of AWS: of roles and users, of buckets, keys and secrets, and who may be which role."""
