"""Where data is kept: databases, caches, objects, and the private endpoints through which they are reached."""
