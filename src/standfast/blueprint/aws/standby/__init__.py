"""What joins a standby to its first site: copies of objects, of backups and logs, and the values it needs to know."""
