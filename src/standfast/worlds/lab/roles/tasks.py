"""What a role says of a host: which folders it has, which files in them, and which program runs.

Read from the role's own tasks: `file` with a directory, `template`, and the role `process`; a test holds that
the real Ansible makes the same. Everything else in the tasks is Ansible's own business (packages, handlers, waiting).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from standfast.code.ansible import PROJECT
from standfast.worlds.lab.roles.values import Values, read_yaml

FILE, TEMPLATE, ROLE = "ansible.builtin.file", "ansible.builtin.template", "ansible.builtin.include_role"


@dataclass(frozen=True)
class Configured:
    """Paths with their mode; files also with their text; the command with its environment, or nothing."""

    folders: tuple[tuple[Path, int], ...] = ()
    files: tuple[tuple[Path, int, str], ...] = field(default=(), repr=False)
    name: str = ""
    command: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict, repr=False)


def configured(role: str, host: Values, tasks: str = "main.yml") -> Configured:
    """What one task file of a role makes of a host."""
    folders, files, name, command, environment = [], [], "", (), {}
    for task in _tasks(role, tasks):
        for one in _each(task, host):
            if FILE in task and task[FILE].get("state") == "directory":
                told = one.filled(task[FILE] | {"owner": ""})
                folders.append((Path(told["path"]), int(told["mode"], 8)))
            elif TEMPLATE in task:
                told = {key: one.filled(task[TEMPLATE][key]) for key in ("src", "dest", "mode")}
                files.append((Path(told["dest"]), int(told["mode"], 8), one.file(role, told["src"])))
            elif task.get(ROLE, {}).get("name") == "process":
                told = task["vars"]
                name = one.filled(told["process_name"])
                command = tuple(map(str, one.filled(told["process_command"])))
                environment = {key: str(v) for key, v in one.filled(told.get("process_environment", {})).items()}
    return Configured(tuple(folders), tuple(files), name, command, environment)


def _each(task: dict[str, Any], host: Values) -> Iterator[Values]:
    """The host's variables for every turn of a task's loop, where its condition holds."""
    if not ({FILE, TEMPLATE, ROLE} & set(task)):
        return
    items = host.filled(task["loop"]) if "loop" in task else [None]
    for item in items:
        one = host.with_({"item": item})
        if "when" not in task or one.true(task["when"]):
            yield one


@lru_cache
def _tasks(role: str, tasks: str) -> list[dict[str, Any]]:
    return read_yaml((PROJECT / "roles" / role / "tasks" / tasks).read_text(encoding="utf-8"))
