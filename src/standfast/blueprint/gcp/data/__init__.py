"""Stores: databases, caches and buckets, where they are, and the copies of them that are kept apart."""
