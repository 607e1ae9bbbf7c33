"""Where users arrive: names and certificates, the web firewall, balancers, content delivery, a tunnel of one's own."""
