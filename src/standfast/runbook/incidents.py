"""The runbooks of what nobody promises recovery from by name, and everybody meets: a deploy, an edge, a certificate, a
disk, a clock."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.runbook.disruptions import expected
from standfast.runbook.known import Known
from standfast.runbook.model import Runbook, Step
from standfast.runbook.typed import certificates, commands, first_look, looked, public_address
from standfast.spec.model import DATABASES

NO_MYSQL = "the lab's whole system has no MySQL; its restore is drilled on a server of its own"
BEFORE = "Put the image before back into the spec, under services: {name}: image, and apply; or, at once:"


def incidents(known: Known) -> Iterator[Runbook]:
    yield _deploy(known)
    if any(service.public for service in known.system.services):
        yield _edge(known)
        yield _certificate(known)
    if any(store.kind in DATABASES for store in known.system.stores):
        yield _disk(known)
    yield _clock(known)


def _deploy(known: Known) -> Runbook:
    steps = []
    for service in known.system.services:
        seconds, assumed = expected(known, service.name, "corruption")
        if seconds is None:
            seconds, assumed = known.system.deploys.rollback, True
        lines = tuple(commands(known, service.name, "restore")) or applied(known)
        steps.append(
            Step(
                f"{service.name}: the code before", "machine", BEFORE.format(name=service.name), service.name, lines,
                seconds, assumed, does="roll_back", check="sound",
            )
        )  # fmt: skip
    return Runbook(
        "deploy", "A deploy is bad", "New code does not come up, or it does, and it is wrong. The data is sound.",
        tuple(steps), tuple(first_look(known)), "Deploy the new version once more when it is mended.",
    )  # fmt: skip


def applied(known: Known) -> tuple[str, ...]:
    """Where the cloud goes back by nothing but the code."""
    return (
        f"# with the image before in {known.again.partition(' ')[0]}", f"standfast build {known.again}",
        "terraform -chdir=code/terraform apply",
    )  # fmt: skip


def _edge(known: Known) -> Runbook:
    says = (
        "Point the names of the public services at the balancer, past the edge, where your DNS has them; the code "
        "tells its address. It takes as long as the TTL of the names. Objects that only the edge may read stay away."
    )
    step = Step(
        "send users past it", "machine", says, "", tuple(public_address(known)), 300.0, True, does="bypass_edge",
        check="served",
    )  # fmt: skip
    return Runbook(
        "edge", "The edge is away", "The content network, or the cache that stands before everything, does not answer.",
        (step,), tuple(first_look(known)), "Point the names at the edge again, when it answers.",
    )  # fmt: skip


def _certificate(known: Known) -> Runbook:
    says = (
        "A certificate that the cloud keeps renews itself as long as the record that proves the domain stands: the "
        "apply puts it back. On servers of your own, put the new one in place and run the playbook."
    )
    lines = (*certificates(known), "terraform -chdir=code/terraform apply")
    step = Step("renew it", "machine", says, "", lines, 1800.0, True, does="renew_certificate", check="well")
    return Runbook(
        "certificate", "A certificate has run out", "Browsers refuse the name, and callers too.", (step,),
        tuple(first_look(known)), "Nothing to go back from.",
    )  # fmt: skip


def _disk(known: Known) -> Runbook:
    steps = []
    for store in known.system.stores:
        if store.kind not in DATABASES:
            continue
        says = (
            "Make the disk larger; then put the size into the spec, under "
            f"stores: {store.name}: data, so that the next apply does not think it wrong."
        )
        steps.append(
            Step(
                f"{store.name}: make room", "machine", says, store.name, tuple(commands(known, store.name, "room")),
                1800.0, True, does="free_disk", check="writable", untried="" if store.kind == "postgres" else NO_MYSQL,
                seen=tuple(commands(known, store.name, "room_seen")),
            )
        )  # fmt: skip
    back = "A disk is never made smaller again: restore into a smaller one, when it is worth it."
    names = [store.name for store in known.system.stores]
    return Runbook(
        "disk", "A disk is full", "A database refuses to write, and what it is asked to write fails.", tuple(steps),
        tuple(looked(known, names)), back,
    )  # fmt: skip


def _clock(known: Known) -> Runbook:
    steps = []
    for service in known.system.services:
        says = "A server whose clock is wrong is replaced: one that is new takes its time from the cloud."
        steps.append(
            Step(
                f"{service.name}: set the clock", "machine", says, service.name,
                tuple(commands(known, service.name, "takeover")), 600.0, True, does="set_clock", check="healthy",
            )
        )  # fmt: skip
    return Runbook(
        "clock", "A clock is wrong", "Tokens and certificates are refused by one server and taken by others.",
        tuple(steps), tuple(first_look(known)), "Nothing to go back from.",
    )  # fmt: skip
