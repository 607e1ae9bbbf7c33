"""Where users arrive: names and certificates, the gateway with its web firewall, content delivery, failover, VPN."""
