"""Who may reach what: networks, public addresses, what is open to the world."""
