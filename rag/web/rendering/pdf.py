"""Answers and conversations as PDF, in a Chinese font that PDF viewers include; no font is embedded.

All text can be searched and copied, but characters outside Unicode's Basic Multilingual Plane (rare names, emoji) may
be shown as blanks.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from rag.results import CITATION_MARK

from ..history.conversations import Turn
from .exports import printable, references

_FONT = "STSong-Light"
_MARGIN = 22 * mm
_TEXT = ParagraphStyle("text", fontName=_FONT, fontSize=11, leading=18, wordWrap="CJK", spaceAfter=4)
_TITLE = ParagraphStyle("title", _TEXT, fontSize=18, leading=26, spaceAfter=10)
_QUESTION = ParagraphStyle("question", _TEXT, fontSize=14, leading=21, spaceBefore=16, spaceAfter=8, keepWithNext=1)
_QUOTED = ParagraphStyle("quoted", _TEXT, fontSize=10, leading=16, leftIndent=14, textColor="#333333")
_REFERENCE = ParagraphStyle("reference", _TEXT, fontSize=9, leading=14, leftIndent=14)


class _Document(SimpleDocTemplate):
    """A document with the questions in its outline and with page numbers; the method names are reportlab's."""

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802
        if getattr(flowable, "style", None) is _QUESTION:
            self.canv.bookmarkPage(key := f"question{self.seq.next('question')}")
            self.canv.addOutlineEntry(flowable.getPlainText(), key)

    def afterPage(self) -> None:  # noqa: N802
        self.canv.setFont(_FONT, 9)
        self.canv.drawCentredString(A4[0] / 2, _MARGIN / 2, str(self.page))


def written(turns: Sequence[Turn], title: str) -> bytes:
    """Return the PDF: each question with its answer, quotations, and references linked from the answer's numbers."""
    pdfmetrics.registerFont(UnicodeCIDFont(_FONT))
    out = io.BytesIO()
    margins = dict.fromkeys(("leftMargin", "rightMargin", "topMargin", "bottomMargin"), _MARGIN)
    document = _Document(out, pagesize=A4, title=printable(title or turns[0].question), lang="zh-CN", **margins)
    head = [Paragraph(escape(printable(title)), _TITLE)] if title else []
    document.build([*head, *(part for number, turn in enumerate(turns) for part in _turn(number, turn))])
    return out.getvalue()


def _turn(number: int, turn: Turn) -> Iterator[Paragraph]:
    cited = {citation["number"] for citation in turn.answer["citations"]}

    def linked(line: str) -> str:
        """The line with links on its citation numbers; all other text is escaped."""
        return CITATION_MARK.sub(
            lambda mark: f'<a href="#{number}-{mark[1]}">{mark[0]}</a>' if int(mark[1]) in cited else mark[0],
            escape(printable(line)),
        )

    yield Paragraph(escape(printable(turn.question)), _QUESTION)
    yield from (Paragraph(linked(line), _TEXT) for line in turn.answer["answer"].splitlines() if line.strip())
    for citation, reference in zip(turn.answer["citations"], references(turn.answer), strict=True):
        yield Paragraph(escape(printable(f"[{citation['number']}] “{citation['quote']}”")), _QUOTED)
        place = f'<a name="{number}-{citation["number"]}"/>'
        yield Paragraph(place + escape(printable(reference)), _REFERENCE)
