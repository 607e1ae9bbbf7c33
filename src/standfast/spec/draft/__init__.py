"""A SPEC IN THE MAKING: from what runs somewhere already, whatever the format that says so, to the text of a spec.

An importer reads its format into `Workload`s; `draft` makes the spec of them. What is guessed is marked in the text;
what is dropped or changed is a remark with its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from standfast.problem import Place, Problem, Problems, quoted
from standfast.spec.draft import parts
from standfast.spec.draft.calls import Calls, find_calls, give_callers, host_names, without_cycles
from standfast.spec.draft.entry import find_public
from standfast.spec.draft.images import Known, known
from standfast.spec.draft.names import plain, renamed
from standfast.spec.draft.promises import promises
from standfast.spec.draft.secrets import Secrets
from standfast.spec.draft.text import spec_text
from standfast.spec.draft.variables import hosts_of_command, named_ports, sort_variables
from standfast.spec.draft.workload import Imported, Remarks, Workload

__all__ = ["Imported", "Remarks", "Workload", "draft"]


def draft(workloads: Sequence[Workload], system: str, source: str, remarks: Remarks) -> Imported:
    """The spec of these workloads. `system` is a name for it, `source` the file they come from.

    Raises Problems where there is nothing that users could reach. The text is not checked yet.
    """
    whats = {one.name: known(one) for one in workloads}
    kept = [one for one in workloads if _stays(one, whats[one.name], remarks)]
    stores = [one for one in kept if whats[one.name].role == "store"]
    services = [one for one in kept if whats[one.name].role != "store"]
    if not any(whats[one.name].role != "alone" for one in services):
        what = f"{source} has no program that users could reach, only stores and tools"
        fix = "add the service that uses them, or start with: standfast init"
        raise Problems([Problem(what, "a spec says what users are promised", fix, Place(source))])
    names = renamed(one.name for one in kept)
    for one in kept:
        if names[one.name] != one.name:
            remarks.say(
                f"{quoted(one.name)} is called {names[one.name]} in the spec", one.place, "names become host names"
            )

    calls = find_calls(kept, {one.name for one in stores}, remarks)
    holding = {one.name for one in kept if whats[one.name].role in ("store", "alone")}
    proxies = {one.name for one in kept if whats[one.name].role == "proxy"}
    give_callers(calls, kept, holding, proxies, remarks)
    public = find_public(services, whats, calls, remarks)
    calls = without_cycles(calls, [one.name for one in kept], public, remarks)
    service_parts = _services(services, whats, names, calls, public, stores, host_names(workloads), remarks)
    store_parts = [parts.store(one, names[one.name], whats[one.name], remarks) for one in stores]

    alone = sum(any(key == "stateful" for key, _, _ in part.lines) for part in service_parts)
    kinds = {whats[one.name].kind for one in stores}
    start = promises(alone, bool(kinds & {"postgres", "mysql", "objects"}), "redis" in kinds)
    title = [
        f"Made from {source}. What is marked \"assumed\" is a guess: replace it by what you know.",
        "Of each service, cpu (CPU time per request) and memory decide what the plan buys: 10 ms and 512 MiB are taken",
        "where nothing is said. A call is one per request: write {to: db, times: 3, share: 50%} where you know better.",
        "What a service calls it finds in variables named after it, such as DB_URL: its own of that kind are left out.",
    ]  # fmt: skip
    text = spec_text(title, plain(system, "imported"), start, service_parts, store_parts)
    return Imported(text, remarks.all)


def _stays(one: Workload, what: Known, remarks: Remarks) -> bool:
    """Tools, monitoring and jobs are no part of what runs in production."""
    if what.role == "tool":
        remarks.say(f"{one.name} is {what.title}: left out", one.place, what.note or "it is no part of production")
    elif what.role == "watch":
        why, fix = "standfast build writes the monitoring of the promises", "add it as a service if you want to run it"
        remarks.say(f"{one.name} is {what.title}: left out", one.place, why, fix)
    elif one.once:
        fix = "run it as a step of your deploys"
        remarks.say(f"{one.name} runs once and ends: left out", one.place, "a service is there all the time", fix)
    return what.role not in ("tool", "watch") and not one.once


def _services(
    services: Sequence[Workload],
    whats: Mapping[str, Known],
    names: Mapping[str, str],
    calls: Calls,
    public: Sequence[str],
    stores: Sequence[Workload],
    hosts: Mapping[str, str],
    remarks: Remarks,
) -> list[parts.Part]:
    named = named_ports(services, hosts)
    called = {name for caller in calls.values() for name in caller}
    secrets = Secrets([names[one.name] for one in stores], remarks)
    alone = {one.name for one in services}
    found = []
    for one in services:
        what = whats[one.name]
        port = parts.choose_port(one, what, named.get(one.name, []))
        targets = {name: names[name] for name in calls[one.name]}
        variables = sort_variables(one, hosts, targets, alone, port or 8080)
        hidden = secrets.of(one, variables, [store for store in stores if store.name in targets])
        setting = parts.Setting(one.name in public, one.name in called, list(targets.values()), variables, hidden, port,
                                tuple(part for part, _ in hosts_of_command(one.command, hosts)))  # fmt: skip
        part = parts.service(one, names[one.name], what, setting, remarks)
        part.notes += secrets.notes_of(one, [store for store in stores if store.name in targets])
        found.append(part)
        if setting.reached and what.role != "alone":
            _assumed(one, port, remarks)
    _shared_disks([one for one in services if whats[one.name].role not in ("alone", "proxy")], remarks)
    return found


def _assumed(one: Workload, port: int | None, remarks: Remarks) -> None:
    if port is None:
        what = "nothing says on which port it listens, 8080 is assumed: {}"
        remarks.say_of(one.name, what, one.place, fix="write port: where it is another")
    if not one.health:
        why = "the balancer sends nobody to a server that does not answer it with 200 to 399"
        fix = "write health: and a path that answers quickly"
        remarks.say_of(one.name, "no HTTP health check is known, / is assumed: {}", one.place, why, fix)


def _shared_disks(services: Sequence[Workload], remarks: Remarks) -> None:
    users: dict[str, list[Workload]] = {}
    for one in services:
        for disk in parts.kept_disks(one):
            users.setdefault(disk.source, []).append(one)
    for source, sharing in users.items():
        if len(sharing) > 1:
            what = f"{', '.join(one.name for one in sharing)} share {source}: each will have a disk of its own"
            remarks.say(what, sharing[1].place, "", "keep what they share in a store of kind objects")
