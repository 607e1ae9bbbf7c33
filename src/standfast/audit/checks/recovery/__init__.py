"""What is lost comes back: backups, versions, protection, zones."""
