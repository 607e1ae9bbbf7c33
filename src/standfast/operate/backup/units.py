"""A schedule as systemd and cron read it."""

from __future__ import annotations

from collections.abc import Sequence

from standfast.operate.backup.schedule import Schedule


def systemd(system: str, schedules: Sequence[Schedule]) -> str:
    """A service and a timer for each thing to do, as one text: `# name` begins each file.

    `Persistent`: what was missed while the machine was off is made up for. The command runs by a shell, so that the
    folder it runs in finds `standfast` on its PATH.
    """
    parts = []
    for one in schedules:
        for timer in one.timers:
            name = f"{system}-backup-{one.store}-{timer.name}"
            what = f"{system}: backup {timer.name} of {one.store}"
            command = timer.command.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")
            parts.append(
                f"# {name}.service\n[Unit]\nDescription={what}\n\n[Service]\nType=oneshot\n"
                f"WorkingDirectory=/etc/{system}\nEnvironmentFile=-/etc/{system}/backup.env\n"
                f"ExecStart=/usr/bin/env {command}\n\n"
                f"# {name}.timer\n[Unit]\nDescription={what}\n\n[Timer]\nOnCalendar={timer.calendar}\nPersistent=true\n"
                "RandomizedDelaySec=30\n\n[Install]\nWantedBy=timers.target\n"
            )
    return "\n".join(parts)


def cron(system: str, schedules: Sequence[Schedule]) -> str:
    """Lines of a crontab; a `%` would end the command there."""
    lines = [f"# {system}: backups. CRON_TZ is read by cronie; elsewhere the machine's zone counts.", "CRON_TZ=UTC"]
    for one in schedules:
        lines += [f"{timer.cron}\t{timer.command.replace('%', chr(92) + '%')}" for timer in one.timers]
    return "\n".join(lines) + "\n"
