"""The programs that take backups: pgBackRest for PostgreSQL, restic for files; and the one way to run either."""
