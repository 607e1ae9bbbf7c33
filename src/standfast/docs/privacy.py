"""Where personal data is held: the record of processing, the questions before it, and what to do in 72 hours.

Articles are those of Regulation (EU) 2016/679. What the spec knows is filled in; what only people know stands as an
open place, so that a page that was never filled in does not look like one that was.
"""

from __future__ import annotations

from standfast.docs.told import KINDS, MADE, Told, place_of
from standfast.markdown import code, link, listed, table, text
from standfast.markdown import page as paged
from standfast.plan.difference import where
from standfast.spec.quantity import show

PERSONAL = ("card", "financial", "health", "personal")  # data classes that are about people, or as good as
SPECIAL = "health"  # a special category of article 9
OPEN = "☐ …"
CLOUDS = {"aws": "Amazon Web Services", "azure": "Microsoft Azure", "gcp": "Google Cloud"}
# Guidelines on DPIA, WP 248 rev.01 (2017), III.B: nine criteria; where two are met, an assessment is mostly due.
CRITERIA = (
    ("people are scored or profiled", ()),
    ("decisions by machine, with legal or like effects", ()),
    ("people are watched systematically", ()),
    ("sensitive data, or of a highly personal kind", ("health", "financial", "card")),
    ("on a large scale", ()),
    ("sets of data are matched or combined", ()),
    ("data of vulnerable people (patients, children, employees)", ("health",)),
    ("new technology, or an old one used anew", ()),
    ("it keeps people from a right, a service or a contract", ()),
)


def needed(told: Told) -> bool:
    return any(one in PERSONAL for one in told.system.promises.security.data)


def page(told: Told) -> str:
    return paged(
        f"# {text(told.system.name)}: personal data",
        MADE,
        f"Filled in is what the spec says; {OPEN} is yours. Keep the finished page apart from this one, and put on "
        "record that it was gone through: " + code(f"standfast evidence record {told.again} control gdpr:30"),
        "## Record of processing (article 30)",
        _processing(told),
        "## Is an impact assessment due? (article 35)",
        _screening(told),
        "## When data got out (articles 33 and 34)",
        _breach(told),
    )


def _processing(told: Told) -> str:
    system, plan = told.system, told.plan
    held = system.promises.security.data
    clouds = dict.fromkeys([plan.cloud, *([plan.standby.cloud] if plan.standby else [])])
    processors = ", ".join(CLOUDS.get(one, one) for one in clouds)
    data = place_of(system.where("security.data"))
    rows = [
        ("controller, and who to ask", text(system.owner) or OPEN, place_of(system.where("owner"))),
        ("joint controllers, representative in the EU", f"{OPEN} or none", ""),
        ("data protection officer", OPEN, ""),
        ("purposes", OPEN, ""),
        ("on what grounds (articles 6 and 9)" if SPECIAL in held else "on what grounds (article 6)", OPEN, ""),
        ("whose data (customers, patients …)", OPEN, ""),
        ("kinds of data", text(", ".join(system.promises.security.data)), data),
        ("kept in", _stores(told), ""),
        ("recipients", f"{text(processors)} as processor ({OPEN} contract of article 28); {OPEN} others", ""),
        ("where", text(where(plan)), place_of(system.where("rules.residency"))),
        (
            "transfers to third countries",
            f"data is kept in {text(system.rules.residency)}; the seat of {text(processors)} is in the USA, and what "
            f"may be reached from there counts: {OPEN} which safeguards (articles 44 to 49)",
            "",
        ),
        ("erased after", f"{OPEN} in the stores; {text(_kept(told))}", ""),
        ("security (article 32)", link("what is open, encrypted and to whom", "security.md"), ""),
    ]
    others = "Who processes data for somebody else keeps another record (article 30(2)): whom for, what, where to."
    return f"{table(('', '', 'spec'), rows)}\n\n{others}"


def _stores(told: Told) -> str:
    pages = [f"{told.page_of(one.name)} ({KINDS.get(one.kind, one.kind)})" for one in told.system.stores]
    return ", ".join(pages) or "no store"


def _kept(told: Told) -> str:
    days = {one.component: one.size.get("retention_days") for one in told.choices}
    said = [f"{part} for {show(float(kept) * 86400, 's')}" for part, kept in sorted(days.items()) if kept]
    return f"kept besides: {', '.join(said)}" if said else "nothing is kept besides"


def _screening(told: Told) -> str:
    held = set(told.system.promises.security.data)
    rows = [(text(what), "yes, by the spec" if held & set(classes) else OPEN) for what, classes in CRITERIA]
    met = sum(bool(held & set(classes)) for _, classes in CRITERIA)
    due = "Where two of these are met, one is mostly due; with one it may be. Say why if you make none."
    due = f"{met} are met by the spec alone: an assessment is mostly due." if met > 1 else due
    always = (
        "Always due (article 35(3)): decisions with legal or like effects that rest on profiling, health and like data "
        f"on a large scale, watching of public places on a large scale; and what the authority lists (35(4)): {OPEN}"
    )
    parts = [
        ("what is done with the data, and what for", f"the record above; {OPEN}"),
        ("why it is needed, and no more than that", OPEN),
        ("what may happen to people, how likely, how grave", OPEN),
        (
            "what is done against it",
            f"{link('security', 'security.md')}, {link('the runbooks', 'runbooks/README.md')}; {OPEN}",
        ),
        ("what the data protection officer says (35(2)), and those concerned (35(9))", OPEN),
        ("is the risk still high? Then ask the authority before you begin (article 36)", OPEN),
    ]
    record = "Put it on record: " + code(
        f"standfast evidence record {told.again} control gdpr:35 --paper assessment.pdf"
    )
    return paged(
        table(("criterion", "met?"), rows), due, always, "The assessment says (35(7)):", table(("", ""), parts), record
    )


def _breach(told: Told) -> str:
    """The clock starts when somebody has reason to be sure (EDPB guidelines 9/2022, 31); HIPAA's, 45 CFR 164.404."""
    clock = [
        ("sure since (UTC)", OPEN), ("72 hours end", f"{OPEN} that time, three days later"),
        ("authority told, and its number", OPEN), ("people told", OPEN), ("who leads", text(told.system.owner) or OPEN),
    ]  # fmt: skip
    steps = [
        "**Hour 0**: somebody is reasonably sure that personal data got out, got lost or was changed. Write down "
        f"the time: the 72 hours run from it, over nights and weekends. {OPEN}",
        "**Close it**: "
        + link("the runbooks", "runbooks/README.md")
        + ". Keep logs and disks as they are before you mend.",
        f"**By hour 24**: what data, how many people, since when, still going on? {OPEN}",
        f"**By hour 72**: tell the supervisory authority ({OPEN} which), unless a risk to people is unlikely. What is "
        "not known yet follows later; say why it is late, if it is. Say what happened, about how many people and "
        "records of which kinds, whom to ask, what may follow, what was done (33(3)).",
        "**Where you process for somebody else**: tell them at once; the 72 hours are theirs (33(2)).",
        "**Where the risk to people is high**: tell them too, in plain words and without delay. Not where the data was "
        "unreadable to whoever has it: " + link("what is encrypted", "security.md") + ".",
        "**Always**: put it on record, also where nobody had to be told: "
        + code(f"standfast evidence record {told.again} control gdpr:33"),
    ]
    if "hipaa" in told.system.promises.security.frameworks:
        steps.append(
            "**Under HIPAA**: people without unreasonable delay, and within 60 days after it was discovered (45 CFR "
            "164.404); the Secretary at the same time where 500 or more are concerned, else within 60 days after the "
            "year's end (164.408); the media where more than 500 of one state are (164.406)."
        )
    return paged(table(("the clock", ""), clock), listed(steps))
