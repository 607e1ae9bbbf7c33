"""Secrets: only their names go into a spec, each once for the whole system, and never what opens a managed store."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from standfast.spec.draft.variables import Sorted
from standfast.spec.draft.workload import Remarks, Workload


class Secrets:
    """The names taken so far: one name is one secret, whoever reads it."""

    def __init__(self, stores: Iterable[str], remarks: Remarks):
        self.stores = {_variable(name) for name in stores}
        self.remarks = remarks
        self.names: dict[str, str] = {}  # as a variable -> as first written
        self.values: dict[str, tuple[str, str]] = {}  # as a variable -> who has it, with which value

    def of(self, one: Workload, variables: Sorted, stores: Sequence[Workload]) -> list[str]:
        """The secrets of a workload under the names they have in the spec."""
        held = {name for store in stores for name in store.secrets}
        found = [name for name in one.secrets if name not in held]
        written = {variable.name: variable for variable in one.variables}
        for name in variables.secrets:
            found.append(name)
            if written[name].known:
                self._same_everywhere(name, one, written[name].value)
        named = [self._named(name) for name in found]
        for name in named:
            variables.plain.pop(_variable(name), None)
        return list(dict.fromkeys(named))

    def notes_of(self, one: Workload, stores: Sequence[Workload]) -> list[str]:
        """What changes for a program that read its secrets from files."""
        held = [name for name in one.secrets if any(name in store.secrets for store in stores)]
        notes = []
        if held:
            notes.append(
                f"left out: the secret {', '.join(held)}; the cloud makes the password of a store, and changes it"
            )
        own = [name for name in one.secrets if name not in held]
        if own:
            shown = ", ".join(f"{name} as {_variable(self._named(name))}" for name in own)
            notes.append(f"secrets were files below /run/secrets; now they are variables: {shown}")
        return notes

    def _named(self, name: str) -> str:
        plain = re.sub(r"[^A-Za-z0-9_.-]", "_", name)[:64] or "secret"
        if _variable(plain) in self.stores:
            plain = f"{plain[:57]}_secret"
        return self.names.setdefault(_variable(plain), plain)

    def _same_everywhere(self, name: str, one: Workload, value: str) -> None:
        who, other = self.values.setdefault(_variable(name), (one.name, value))
        if other != value:
            what = f"{who} and {one.name} have different values of {name}"
            fix = f"rename {name} in one of them"
            self.remarks.say(what, one.place, "in a spec one name is one secret, whoever reads it", fix)


def _variable(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_]", "_", name)
