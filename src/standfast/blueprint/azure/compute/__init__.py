"""What services run on: scale sets of servers, the container platform, or a cluster."""
