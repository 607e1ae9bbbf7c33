"""Firewall rules, routes, peerings and balancers of Google Cloud."""
