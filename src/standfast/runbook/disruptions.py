"""The runbooks of what the spec can promise recovery from: an instance, a zone, the region, ruined data."""

from __future__ import annotations

from collections.abc import Iterator

from standfast.blueprint import Note
from standfast.plan.reasons.explanation import Recovering
from standfast.runbook import stores
from standfast.runbook.known import Known
from standfast.runbook.model import Runbook, Step
from standfast.runbook.typed import by_hand, commands, leading, look
from standfast.spec.model import DATABASES, DISRUPTIONS, Store

LOST = {
    "instance": ("A server is lost", "One server or node died, or does not answer."),
    "zone": ("A zone is lost", "A data centre is away: everything in one of the zones, all at once."),
    "region": ("The region is lost", "Every zone of it is away, or the provider says that it will be for hours."),
    "corruption": (
        "Data is ruined",
        "A dropped table, a bad migration, ransomware: everything runs, and what it holds is wrong. Where only the "
        "code is wrong, it is a bad deploy.",
    ),
}  # fmt: skip
BACK = {
    "instance": "Nothing to go back from: a replacement is as good as the one before.",
    "zone": "When the zone is there again, new servers are put into it by themselves. A database stays where it went: "
    "that does no harm, and a second failover would only interrupt it again.",
    "region": "Going back is a move of its own, at a quiet hour: the data has to follow first. Let the standby lead "
    "until copies have caught up in the region that came back, then do the same in the other direction.",
    "corruption": "The damaged one is kept beside until nobody misses anything from it. Swap back if the moment was "
    "wrong, and restore again.",
}  # fmt: skip
FIND = (
    "Find the moment before: the first wrong record, the time of the migration. A moment too early loses more, a "
    "moment too late brings the damage back."
)
STOP = "Stop what does the damage. Nothing here deletes the damaged data."
FORCE = "Not back after twice the time? Force it. This interrupts the part once more, for about as long."
DECLARE = (
    "Say that the region is lost, and until when you wait: two places that both lead cannot be put together again."
)


def disruptions(known: Known) -> Iterator[Runbook]:
    written = {"region": _region, "corruption": _corruption}
    for one in DISRUPTIONS:
        steps = (*_by_itself(known, one), *written.get(one, _lost)(known, one))
        title, means = LOST[one]
        yield Runbook(one, title, means, steps, tuple(look(known, one)), BACK[one])


def recovering(known: Known, component: str, disruption: str) -> Recovering | None:
    explained = known.explained.get(component)
    return next((one for one in explained.recovery if one.disruption == disruption), None) if explained else None


def _by_itself(known: Known, disruption: str) -> Iterator[Step]:
    for name in known.explained:
        back = recovering(known, name, disruption)
        if back is None or by_hand(back):
            continue
        does = _remedy(known, name, back)
        check = "writable" if does != "go_on" else "served"
        yield Step(
            f"{name} comes back", "itself", _how(back), name, seconds=back.rto, loses=back.rpo,
            assumed=any(one.assumed for one in back.steps if one.counts == "rto"), does=does, check=check,
        )  # fmt: skip


def _remedy(known: Known, name: str, back: Recovering) -> str:
    choice = known.plan.choice(name)
    if choice is None or choice.kind not in DATABASES or not back.rto:
        return "go_on"
    return "start_again" if choice.design == "single" else "take_over"


def _how(back: Recovering) -> str:
    return "; ".join(one.name for one in back.steps if one.counts == "rto")


def expected(known: Known, component: str, disruption: str, *, deciding: bool = False) -> tuple[float | None, bool]:
    """What people need to decide, or what comes after it; and whether any of it is assumed."""
    back = recovering(known, component, disruption)
    counted = [one for one in back.steps if one.counts == "rto"] if back else []
    steps = [one for one in counted if one.name.startswith("decide") is deciding]
    return (sum(one.seconds for one in steps), any(one.assumed for one in steps)) if steps else (None, False)


def _longest(known: Known, disruption: str, *, deciding: bool = False) -> tuple[float | None, bool]:
    """Of all parts, which people bring back at the same time."""
    times = [expected(known, name, disruption, deciding=deciding) for name in known.explained]
    return max((one for one in times if one[0] is not None), key=lambda one: one[0] or 0.0, default=(None, False))


def _lost(known: Known, disruption: str) -> Iterator[Step]:
    """What people do when an instance or a zone is lost, and what to force where it does not come by itself."""
    for name in known.explained:
        back = recovering(known, name, disruption)
        if back is None:
            continue
        if not by_hand(back):
            if lines := commands(known, name, "takeover"):
                yield Step(f"{name}: force it", "person", FORCE, name, tuple(lines))
            yield from stores.loaded(known, name, *expected(known, name, "corruption"))
            continue
        seconds, assumed = expected(known, name, disruption)
        says = _how(back) or "There is no way back: nothing of it is kept anywhere else."
        lines = stores.at_moment(commands(known, name, "restore"))
        yield Step(f"{name}: bring it back", "person", says, name, lines, seconds, assumed, back.rpo)


def _region(known: Known, disruption: str) -> Iterator[Step]:
    deciding, practice = _longest(known, disruption, deciding=True)
    yield Step("say that it is lost", "person", DECLARE, seconds=deciding, assumed=practice)
    seconds, assumed = _longest(known, disruption)
    there = known.plan.standby
    if there is None:
        says = (
            "No other region is prepared. Write another one under rules: regions in the spec, leave "
            f"{known.plan.region} out, and build it. Data comes back only from copies kept outside the region."
        )
        lines = (
            f"standfast build {known.again}",
            "# with another key in backend.hcl",
            "terraform -chdir=code/terraform init -reconfigure -backend-config=backend.hcl",
            "terraform -chdir=code/terraform apply",
        )
        yield Step("build it elsewhere", "machine", says, "", lines, seconds, assumed, None, "restore_offsite", "well")
        return
    notes = tuple(note.text for note in _notes_of_standby(known))
    lines = (
        "terraform -chdir=code/terraform/standby init -backend-config=backend.hcl",
        "terraform -chdir=code/terraform/standby plan -out=plan.tfplan",
        "terraform -chdir=code/terraform/standby apply plan.tfplan",
    )
    says = f"The code of the standby ({there.design}) is in code/terraform/standby."
    yield Step(
        f"let {there.cloud} {there.region} take over", "machine", says, "", tuple(leading(known)) if notes else lines,
        seconds, assumed, does="restore_offsite", check="well", notes=notes,
    )  # fmt: skip


def _notes_of_standby(known: Known) -> list[Note]:
    """What the standby's own code says of the day."""
    sites = [one for one in known.blueprints if one.site]
    return [note for one in sites for note in one.notes if "lost" in note.heading or "standby" in note.heading.lower()]


def _corruption(known: Known, disruption: str) -> Iterator[Step]:
    deciding, practice = _longest(known, disruption, deciding=True)
    yield Step("find the moment before", "person", FIND, "", (stores.MOMENT,), deciding, practice)
    yield Step("stop the damage", "person", STOP)
    for name, part in known.parts.items():
        if isinstance(part, Store):
            yield from stores.restored(known, part, *expected(known, name, disruption))
