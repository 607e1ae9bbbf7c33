"""Where data is kept: databases and caches, objects, and copies of all of it."""
