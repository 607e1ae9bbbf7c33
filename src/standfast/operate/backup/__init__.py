"""Backups that standfast takes itself: of PostgreSQL by pgBackRest, of files and objects by restic. docs/backup.md.

Each store of a system is kept twice, near and offsite, encrypted by a key that is in neither.

    units      the schedule (`plan/schedule.py`) as systemd and cron write it: pure
    retention  what stays, and why: pure
    work       run, verify, prune, hold, restore, try_restore
    standing   what could be lost now, and the ages of the last verification and test restore
"""
