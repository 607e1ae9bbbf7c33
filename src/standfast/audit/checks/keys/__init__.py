"""Keys and secrets: renewed, not lost, not in code."""
