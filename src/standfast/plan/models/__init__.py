"""The models: load, queueing, latency, availability, recovery. Pure functions, each with its source; docs/models.md."""
