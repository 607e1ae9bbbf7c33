"""Security groups, network ACLs, route tables, peerings and gateways of AWS."""
