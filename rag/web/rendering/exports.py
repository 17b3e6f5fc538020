"""Exports answers and conversations: plain text, Markdown, GB/T 7714 references, Word, PDF."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from index.article import article_of
from index.extras import require
from index.text.words import visible
from index.types import JsonObject
from rag.results import CITATION_MARK, Answer
from rag.search.exports import reference

from ..history.conversations import Turn

if TYPE_CHECKING:
    from docx.text.paragraph import Paragraph

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|!~])")


def references(answer: JsonObject) -> list[str]:
    """Return the references of an answer's citations, numbered as in its text."""
    return [f"[{c['number']}] {reference(article_of(c['passage']['article']))}" for c in answer["citations"]]


def plain(turn: Turn) -> str:
    """Return an answer and its quotations as plain text."""
    quotes = [f"[{c['number']}] {_place(c['passage']['article'])}：“{c['quote']}”" for c in turn.answer["citations"]]
    return visible("\n".join([turn.answer["answer"], *quotes])) + "\n"


def markdown(turns: Sequence[Turn]) -> str:
    """Return questions, answers and quotations as Markdown; markup in their texts is escaped."""
    parts = []
    for turn in turns:
        quotes = [
            f"- \\[{c['number']}\\] {_escaped(_place(c['passage']['article']))}\n\n  > {_escaped(c['quote'])}"
            for c in turn.answer["citations"]
        ]
        parts.append("\n\n".join([f"## {_escaped(turn.question)}", _escaped(turn.answer["answer"]), *quotes]))
    return visible("\n\n".join(parts)) + "\n"


def gbt(turn: Turn) -> str:
    """Return an answer with its GB/T 7714 references."""
    return visible("\n".join([turn.answer["answer"], *references(turn.answer)])) + "\n"


def docx(turns: Sequence[Turn], title: str = "") -> bytes:
    """Return answers as a Word file, with citations as footnotes and quotations below each answer."""
    require("docx", "office", "导出 Word 文件 (a Word file) ")
    import docx as word

    from .footnotes import Footnotes

    document = word.Document()
    notes = Footnotes(document)
    if title:
        document.add_heading(printable(title), 0)
    for number, turn in enumerate(turns):
        document.add_heading(printable(turn.question), 1)
        cited = {
            c["number"]: printable(reference(article_of(c["passage"]["article"]))) for c in turn.answer["citations"]
        }

        def write(paragraph: Paragraph, text: str, number: int = number, cited: dict[int, str] = cited) -> None:
            for piece in re.split(r"(\[\d+\])", text):
                mark = CITATION_MARK.fullmatch(piece)
                if mark and int(mark[1]) in cited:
                    notes.cite(paragraph, (number, int(mark[1])), cited[int(mark[1])])
                elif piece:
                    paragraph.add_run(printable(piece))

        parts = turn.answer.get("parts") or []
        for part in parts:
            paragraph = document.add_paragraph()
            paragraph.add_run(printable(f"{part['label']}　")).bold = True
            write(paragraph, part["text"])
        if not parts:
            write(document.add_paragraph(), turn.answer["answer"])
        for citation in turn.answer["citations"] if not parts or turn.answer.get("kind") == "answered" else ():
            quoted = document.add_paragraph(printable(f"“{citation['quote']}”"), style="Intense Quote")
            notes.cite(quoted, (number, citation["number"]), cited[citation["number"]])
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf(turns: Sequence[Turn], title: str = "") -> bytes:
    """Return answers as PDF, with quotations and references below each answer."""
    require("reportlab", "office", "导出 PDF (a PDF) ")
    from .pdf import written

    return written(turns, title)


def answer_docx(answer: Answer) -> bytes:
    """Return an answer or a report outside of conversations as a Word file."""
    return docx([Turn("", "", "", "", answer.question, answer.as_dict())])


def _place(article: JsonObject) -> str:
    pages = "、".join(f"第{page}版" for page in article["pages"])
    return " ".join(part for part in (f"《{article['title']}》", article["paper"], article["date"], pages) if part)


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text).replace("\n", "\n\n")


def printable(text: str) -> str:
    """Return ``text`` without characters that XML does not allow."""
    return re.sub(r"[^\t\n\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", visible(text))


class Document(NamedTuple):
    """A file format for answers: the function that writes it from turns and a title, and its media type."""

    make: Callable[[Sequence[Turn], str], bytes]
    kind: str


DOCUMENTS = {
    "docx": Document(docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "pdf": Document(pdf, "application/pdf"),
}
