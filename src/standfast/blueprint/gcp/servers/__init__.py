"""Services on servers: managed groups of machines that run the container under systemd."""
