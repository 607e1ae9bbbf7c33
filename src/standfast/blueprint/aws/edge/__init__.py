"""Where users arrive: names and certificates, the web firewall, balancers, content delivery."""
