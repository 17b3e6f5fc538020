"""Footnotes in a Word file, which python-docx 1.2 does not support."""

from __future__ import annotations

from collections.abc import Hashable

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import XmlPart
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Pt
from docx.text.paragraph import Paragraph

_LINES = {"-1": "separator", "0": "continuationSeparator"}  # the notes that define Word's separator lines
_SMALL = Pt(9)


class Footnotes:
    """The footnotes of a new document, numbered from 1 in the order of first use.

    Args:
        document: a ``docx.Document``; the footnotes part and the styles are added to it.
    """

    def __init__(self, document: Document) -> None:
        self._numbers: dict[Hashable, int] = {}
        self._notes = _element("footnotes")
        self._mark = document.styles.add_style("footnote reference", WD_STYLE_TYPE.CHARACTER, builtin=True)
        self._mark.font.superscript = True
        self._text = document.styles.add_style("footnote text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        self._text.font.size = _SMALL
        for number, kind in _LINES.items():
            line = _element("p", _element("r", _element(kind)))
            self._notes.append(_element("footnote", line, type=kind, id=number))
        lines = _element("footnotePr", *(_element("footnote", id=number) for number in _LINES))
        document.settings.element.find(qn("w:compat")).addprevious(lines)
        place = PackURI("/word/footnotes.xml")
        part = XmlPart(place, CONTENT_TYPE.WML_FOOTNOTES, self._notes, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    def cite(self, paragraph: Paragraph, key: Hashable, text: str) -> None:
        """Append the mark of note ``key`` to a paragraph; the note is created at its first use, then referred to."""
        first = key not in self._numbers
        number = self._numbers.setdefault(key, len(self._numbers) + 1)
        run = paragraph.add_run("" if first else str(number), style=self._mark)._r
        if not first:
            field = _element("fldSimple", instr=f" NOTEREF _Ref{number} \\f \\h ")
            run.addprevious(field)
            field.append(run)
            return
        run.append(_element("footnoteReference", id=str(number)))
        run.addprevious(_element("bookmarkStart", id=str(number), name=f"_Ref{number}"))
        run.addnext(_element("bookmarkEnd", id=str(number)))
        self._notes.append(self._note(number, text))

    def _note(self, number: int, text: str) -> BaseOxmlElement:
        mark = _element("r", _element("rPr", _element("rStyle", val=self._mark.style_id)), _element("footnoteRef"))
        words = OxmlElement("w:r")
        words.text = f" {text}"
        style = _element("pPr", _element("pStyle", val=self._text.style_id))
        return _element("footnote", _element("p", style, mark, words), id=str(number))


def _element(kind: str, /, *inside: BaseOxmlElement, **attributes: str) -> BaseOxmlElement:
    made = OxmlElement(f"w:{kind}", {qn(f"w:{key}"): value for key, value in attributes.items()})
    made.extend(inside)
    return made
