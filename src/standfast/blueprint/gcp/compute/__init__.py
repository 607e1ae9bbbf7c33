"""What runs the services: groups of servers, Cloud Run, or a cluster."""
