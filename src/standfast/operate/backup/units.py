"""The schedule as systemd's units and as lines of a crontab, where the role `backup` of Ansible does not install it."""

from __future__ import annotations

from collections.abc import Sequence

from standfast.plan.schedule import Schedule, Timer, delay


def systemd(system: str, schedules: Sequence[Schedule]) -> str:
    """A service and a timer for each thing to do, as one text: `# name` begins each file.

    `Persistent`: what was missed while the machine was off is made up for. What fails has the figures written anew, by
    which the alert of a stale backup rings; for `list` itself, broken is an answer and no failure.
    """
    parts = []
    for one in schedules:
        for timer in one.timers:
            name = f"{system}-backup-{one.store}-{timer.name}"
            what = f"{system}: backup {timer.name} of {one.store}"
            parts.append(
                f"# {name}.service\n[Unit]\nDescription={what}\nAfter=network-online.target\n"
                f"Wants=network-online.target\n{_failing(system, one, timer)}\n[Service]\nType=oneshot\n"
                f"{'SuccessExitStatus=1 2' + chr(10) if timer.name == LOOKS else ''}"
                f"WorkingDirectory=/etc/{system}\nEnvironmentFile=-/etc/{system}/backup.env\n"
                f"ExecStart=/usr/bin/env {_escaped(timer.command)}\n\n"
                f"# {name}.timer\n[Unit]\nDescription={what}\n\n[Timer]\nOnCalendar={timer.calendar}\nPersistent=true\n"
                f"RandomizedDelaySec={delay(timer):.0f}\n\n[Install]\nWantedBy=timers.target\n"
            )
    return "\n".join(parts)


LOOKS = "list"


def _failing(system: str, one: Schedule, timer: Timer) -> str:
    return "" if timer.name == LOOKS else f"OnFailure={system}-backup-{one.store}-{LOOKS}.service\n"


def _escaped(command: str) -> str:
    return command.replace("\\", "\\\\").replace("%", "%%").replace("$", "$$")


def cron(system: str, schedules: Sequence[Schedule]) -> str:
    """Lines of a crontab; a `%` would end the command there."""
    lines = [f"# {system}: backups. CRON_TZ is read by cronie; elsewhere the machine's zone counts.", "CRON_TZ=UTC"]
    for one in schedules:
        lines += [f"{timer.cron}\t{timer.command.replace('%', chr(92) + '%')}" for timer in one.timers]
    return "\n".join(lines) + "\n"
