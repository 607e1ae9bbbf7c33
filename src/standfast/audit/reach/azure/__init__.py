"""Network security groups, route tables, peerings and gateways of Azure."""
