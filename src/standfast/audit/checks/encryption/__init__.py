"""Encrypted at rest, and with whose key."""
