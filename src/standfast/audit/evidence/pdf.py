"""The auditor's folder as one PDF: frameworks, findings by check, and records, each control linked to its proof.

Made by reportlab, which is an extra. Text is in DejaVu Sans where the machine has it, else in the Vera that reportlab
brings, which knows few letters beyond western Europe: what a font has not stands as `?`, and the last page says so.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape

from standfast.audit.evidence.case import Case
from standfast.audit.evidence.hand import Proof
from standfast.audit.finding import Finding
from standfast.audit.frameworks import BY_HAND, Control
from standfast.audit.frameworks.report import WORST_FIRST
from standfast.problem import Problem, Problems

FONTS = (("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"), ("Vera.ttf", "VeraBd.ttf"))
COLOURS = {"kept": "#176639", "broken": "#b3261e", "unknown": "#8a5a00", "by_hand": "#5b6672", "not_covered": "#5b6672"}
LINK = "#1a4f8b"
MEANS = """A control that checks speak of holds as far as they see, which is a part of it. Which check speaks of which
control is Standfast's own mapping unless it says official. Unknown, by hand and not covered never count as kept. A
paper is known here by its SHA-256; it is kept where it belongs."""
LONGEST = 1500  # letters of one cell: a row must fit on a page, and the tables beside hold all of it


def pdf(case: Case) -> bytes:
    """The same case gives the same bytes on the same machine. Raises Problems where reportlab is not installed."""
    try:
        import reportlab  # noqa: F401 - asked for here, where what is missing can be said
    except ImportError as error:
        fix = "pip install 'standfast[pdf]'"
        raise Problems([Problem("no PDF is written", "reportlab is not installed", fix, warning=True)]) from error
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    out, page = io.BytesIO(), _Page()
    document = SimpleDocTemplate(
        out, pagesize=A4, leftMargin=42, rightMargin=42, topMargin=48, bottomMargin=48,
        title=f"Evidence: {case.system}", author=case.owner or "Standfast", lang="en",
        invariant=1,  # no clock in it
    )  # fmt: skip
    story = [*_front(case, page), *_frameworks(case, page), *_findings(case, page), *_records(case, page)]
    story += page.lacking()
    foot = page.plain(f"{case.system}, as of {case.at}")

    def footer(canvas: Any, made: Any) -> None:
        canvas.setFont(page.regular, 7.5)
        canvas.setFillColor("#5b6672")
        canvas.drawString(42, 26, foot)
        canvas.drawRightString(A4[0] - 42, 26, str(made.page))

    document.build(story, onFirstPage=footer, onLaterPages=footer)
    return out.getvalue()


def _front(case: Case, page: _Page) -> list[Any]:
    owner = f" Owner: {case.owner}." if case.owner else ""
    story = [page.title(f"Evidence: {case.system}")]
    story.append(
        page.text(f"As seen in: {case.world}. From {len(case.records)} records of the ledger, up to {case.at}.{owner}")
    )
    heads = ("framework", *(state.replace("_", " ") for state in WORST_FIRST), "controls")
    rows = []
    for name, report in case.reports.items():
        counts = Counter(one.state for one in report)
        numbers = [str(counts[state] or "") for state in WORST_FIRST]
        rows.append([page.link(name, f"f-{name}"), *numbers, str(len(report))])
    story.append(page.table(heads, rows, (170, 50, 56, 70, 52, 42, 58), numbers=range(1, 7)))
    if not case.reports:
        story.append(page.text("No framework is named in the spec."))
    story.append(page.aside(MEANS))
    if case.records:
        newest = f"The newest record has the hash {case.records[-1].hash}"
        story.append(page.aside(f"{newest}: compare it with the one you were given before."))
    return story


def _frameworks(case: Case, page: _Page) -> Iterable[Any]:
    proofs, looked = case.proofs, {one.check for one in case.audit.findings}
    for name, report in case.reports.items():
        yield from page.chapter(name, f"f-{name}")
        rows = []
        for one in report:
            proof = proofs.get(f"{name}:{one.id}") if one.label == BY_HAND else None
            told = _by_hand(proof, page) if proof else _by_checks(one, looked, page)
            rows.append([page.safe(one.id), page.safe(one.title), page.state(one.state), told])
        yield page.table(("control", "title", "state", "proof"), rows, (66, 130, 58, 257))


def _by_hand(proof: Proof, page: _Page) -> str:
    said = f", {proof.who}, {proof.since} until {proof.until}"
    return page.link(f"record {proof.number}", f"r-{proof.number}") + page.safe(
        f"{said}: {proof.note}" if proof.note else said
    )


def _by_checks(one: Control, looked: Collection[str], page: _Page) -> str:
    """Checks that looked at something, each linked to what it saw; of the others their number."""
    spoke = [check for check in one.checks if check in looked]
    others = len(one.checks) - len(spoke)
    said = [", ".join(page.link(check, f"c-{check}") for check in spoke)]
    if others:
        said.append(f"{others} check{'' if others == 1 else 's'} found nothing to look at.")
    said.append(page.safe(one.why))
    said.append(page.safe(f"Mapping: {one.label}." if one.checks and one.label else ""))
    return "<br/>".join(filter(None, said))


def _findings(case: Case, page: _Page) -> Iterable[Any]:
    by_check: dict[str, list[Finding]] = {}
    for one in case.audit.findings:
        by_check.setdefault(one.check, []).append(one)
    if by_check:
        yield from page.chapter("Findings by check", "findings")
    rows, marks = [], []
    for check, found in sorted(by_check.items()):
        marks.append(len(rows))
        title = f"{check} ({found[0].severity}): {found[0].title}" if found[0].title else check
        rows.append([f'<a name="c-{check}"/><b>{page.safe(title)}</b>', "", ""])
        for one in found:
            place = f" ({one.place})" if one.place.file else ""
            rows.append([page.safe(one.resource), page.state(one.verdict), page.safe(f"{one.what}{place}")])
    if rows:
        yield page.table(("resource", "verdict", "what was seen"), rows, (190, 55, 266), heads_at=marks)


def _records(case: Case, page: _Page) -> Iterable[Any]:
    if not case.records:
        return
    yield from page.chapter("Records of the ledger", "records")
    rows = []
    for one in case.records:
        until = f"until {one.details['until']}" if "until" in one.details else ""
        paper = (
            f"paper {one.details['paper']}, SHA-256 {one.details.get('sha256', '')}" if "paper" in one.details else ""
        )
        told = "; ".join(filter(None, (one.measure, one.note, until, paper)))
        source = ", ".join(filter(None, (one.world, one.source)))
        rows.append(
            [
                f'<a name="r-{one.number}"/>{one.number}', page.safe(one.at), page.safe(one.who),
                page.safe(f"{one.what}: {one.subject}"), page.state(one.verdict), page.safe(told), page.safe(source),
            ]
        )  # fmt: skip
    heads = ("no.", "when (UTC)", "who", "what", "verdict", "said", "where from")
    yield page.table(heads, rows, (26, 84, 50, 92, 42, 137, 80))


class _Page:
    """What the parts of the document are made of: fonts, styles, and text that cannot be markup."""

    def __init__(self) -> None:
        from reportlab.lib.styles import ParagraphStyle

        self.regular, bold, self.glyphs = _fonts()
        self.missing: set[str] = set()

        def style(name: str, size: float, **more: Any) -> Any:
            more = {"fontName": self.regular, "leading": size * 1.4, "splitLongWords": True} | more
            return ParagraphStyle(name, fontSize=size, **more)

        self.styles = {
            "title": style("title", 20, fontName=bold, spaceAfter=8),
            "chapter": style("chapter", 14, fontName=bold, spaceBefore=16, spaceAfter=6, keepWithNext=True),
            "text": style("text", 9, spaceAfter=6),
            "aside": style("aside", 8, textColor="#5b6672", spaceBefore=6),
            "cell": style("cell", 7.5),
            "number": style("number", 7.5, alignment=2),
            "head": style("head", 7.5, fontName=bold),
            "head number": style("head number", 7.5, fontName=bold, alignment=2),
        }

    def plain(self, text: Any) -> str:
        """Shortened, in letters that the font has."""
        said = str(text or "")
        said = f"{said[:LONGEST]} …" if len(said) > LONGEST else said
        letters = []
        for letter in said:
            known = letter == " " or (ord(letter) in self.glyphs and letter.isprintable())
            if not known and letter.isprintable():
                self.missing.add(letter)
            letters.append(letter if known else " " if letter.isspace() else "?")
        return "".join(letters)

    def safe(self, text: Any) -> str:
        return escape(self.plain(text))

    def link(self, text: str, to: str) -> str:
        return f'<a href="#{to}" color="{LINK}">{self.safe(text)}</a>'

    def state(self, state: str) -> str:
        return f'<font color="{COLOURS.get(state, "#1d232b")}">{self.safe(state.replace("_", " "))}</font>'

    def _paragraph(self, markup: str, style: str) -> Any:
        from reportlab.platypus import Paragraph

        return Paragraph(markup, self.styles[style])

    def title(self, text: str) -> Any:
        return self._paragraph(self.safe(text), "title")

    def text(self, text: str) -> Any:
        return self._paragraph(self.safe(text), "text")

    def aside(self, text: str) -> Any:
        return self._paragraph(self.safe(text), "aside")

    def chapter(self, title: str, name: str) -> list[Any]:
        return [_mark(self.plain(title), name), self._paragraph(f'<a name="{name}"/>{self.safe(title)}', "chapter")]

    def table(
        self, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float], *,
        numbers: Iterable[int] = (), heads_at: Iterable[int] = (),
    ) -> Any:  # fmt: skip
        """Rows of markup below a head that comes again on each page."""
        from reportlab.platypus import LongTable, TableStyle

        right = set(numbers)
        top = [
            self._paragraph(self.safe(one), "head number" if at in right else "head") for at, one in enumerate(heads)
        ]
        body = [
            [self._paragraph(one, "number" if at in right else "cell") for at, one in enumerate(row)] for row in rows
        ]
        lines: list[Any] = [
            ("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, 0), 0.8, "#97a1ad"),
            ("LINEBELOW", (0, 1), (-1, -1), 0.3, "#dde2e8"), ("LEFTPADDING", (0, 0), (-1, -1), 3),
            ("RIGHTPADDING", (0, 0), (-1, -1), 3), ("TOPPADDING", (0, 0), (-1, -1), 2),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ]  # fmt: skip
        for at in heads_at:
            lines += [("BACKGROUND", (0, at + 1), (-1, at + 1), "#f1f4f7"), ("SPAN", (0, at + 1), (-1, at + 1))]
        return LongTable([top, *body], colWidths=list(widths), repeatRows=1, splitInRow=1, style=TableStyle(lines))

    def lacking(self) -> list[Any]:
        if not self.missing:
            return []
        letters = " ".join(f"U+{ord(one):04X}" for one in sorted(self.missing)[:20])
        return [
            self.aside(f"What this document's font has not stands as ?, and in full in the pages beside it: {letters}.")
        ]


def _fonts() -> tuple[str, str, Mapping[int, Any]]:
    """Names of the regular and the bold font, and what the regular one has."""
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFError, TTFont

    for files in FONTS:
        try:
            fonts = [TTFont(file.removesuffix(".ttf"), file) for file in files]
        except TTFError:
            continue
        for one in fonts:
            pdfmetrics.registerFont(one)
        regular, bold = (one.fontName for one in fonts)
        pdfmetrics.registerFontFamily(regular, normal=regular, bold=bold, italic=regular, boldItalic=bold)
        return regular, bold, fonts[0].face.charToGlyph or {}
    raise Problems([Problem("no PDF is written", "reportlab has not its own fonts", "install it anew", warning=True)])


def _mark(title: str, name: str) -> Any:
    """An entry of the outline that readers show beside the pages."""
    from reportlab.platypus import Flowable

    class Mark(Flowable):
        keepWithNext = True

        def wrap(self, availWidth: float, availHeight: float) -> tuple[float, float]:
            return 0, 0

        def draw(self) -> None:
            self.canv.bookmarkPage(f"outline-{name}")
            self.canv.addOutlineEntry(title, f"outline-{name}", level=0)

    return Mark()
