"""Kept up to date, in its place, and with an owner."""
