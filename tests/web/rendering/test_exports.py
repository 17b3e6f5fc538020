"""Answers as Word and PDF files, opened again."""

import io
import zipfile

import pypdfium2
import pytest
from docx import Document
from lxml import etree

from index.article import Article
from rag.web.history.conversations import Turn
from rag.web.rendering import exports

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def cited(number, title):
    article = Article(title, title, "正文。", date="2025-04-18", paper="江州劳动报", pages=(2,), reporters=("丁一鸣",))
    return {"number": number, "quote": f"引\x0b<w:p>{number}", "passage": {"article": article.as_dict()}}


def turn(said, *citations):
    return Turn("t", "c", "甲", "2025-04-18", "问<题>\x00", {"answer": said, "citations": list(citations)})


def opened(made):
    """The body and, for each footnote that has words, its number and words."""
    Document(io.BytesIO(made))
    with zipfile.ZipFile(io.BytesIO(made)) as file:
        body, notes = (etree.fromstring(file.read(f"word/{name}.xml")) for name in ("document", "footnotes"))
    told = {note.get(f"{W}id"): "".join(t.text for t in note.iter(f"{W}t")).strip() for note in notes}
    return body, {number: words for number, words in told.items() if words}


def shown(body):
    """The numbers of notes in the body in order: of the notes' own marks, and of what points at them."""
    marks = [mark.get(f"{W}id") for mark in body.iter(f"{W}footnoteReference")]
    fields = [(field.get(f"{W}instr").split()[1], field[0][-1].text) for field in body.iter(f"{W}fldSimple")]
    return marks, fields


def test_footnotes_are_the_references_in_their_order():
    answer = turn("一[1]。\n二[2][1]，印着的[7]。", cited(1, "题甲"), cited(2, "<题乙>\x07"))
    body, notes = opened(exports.docx([answer]))
    lines = exports.references(answer.answer)
    assert [f"[{number}] {words}" for number, words in notes.items()] == lines
    assert lines[1] == "[2] 丁一鸣. <题乙>[N]. 江州劳动报, 2025-04-18(2)."
    marks, fields = shown(body)
    assert marks == ["1", "2"]
    assert fields == [("_Ref1", "1"), ("_Ref1", "1"), ("_Ref2", "2")]  # cited again, then what is quoted
    assert {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")} == {"_Ref1", "_Ref2"}
    assert "印着的[7]。" in "".join(body.itertext())


def test_a_divided_answer_is_a_paragraph_a_part_and_its_quotations_are_not_repeated():
    answer = turn("甲：“一”[1]\n乙：馆藏没有写到。", cited(1, "题甲"))
    answer.answer["parts"] = [
        {"label": "甲", "kind": "quoted", "text": "“一”[1]"},
        {"label": "乙", "kind": "refused", "text": "馆藏没有写到。"},
    ]
    body, notes = opened(exports.docx([answer]))
    assert shown(body) == (["1"], [])
    assert len(notes) == 1
    assert "乙　馆藏没有写到。" in "".join(body.itertext())


def test_the_footnotes_of_a_conversation_go_on_and_none_is_lost():
    first, second = turn("一[1]。", cited(1, "题甲")), turn("二[1]。", cited(1, "题丙"), cited(2, "题甲"))
    body, notes = opened(exports.docx([first, second], "对话\x01"))
    assert [words.split(". ")[1] for words in notes.values()] == ["题甲[N]", "题丙[N]", "题甲[N]"]
    assert shown(body)[0] == list(notes) == ["1", "2", "3"]


def test_an_answer_that_cites_nothing_has_no_footnotes():
    body, notes = opened(exports.docx([turn("馆藏没有。")]))
    assert (shown(body), notes) == (([], []), {})


@pytest.fixture
def read_pdf():
    """The text of each page, the places that its links lead to, the titles of the outline."""

    def read(made):
        pdf = pypdfium2.PdfDocument(made)
        texts = ["".join(page.get_textpage().get_text_range().split()) for page in pdf]
        return texts, [entry.get_title() for entry in pdf.get_toc()], pdf.get_metadata_dict()

    return read


def test_a_pdf_has_answer_quotations_and_references_as_text(read_pdf):
    answer = turn("一[1]。\n職工二[2]，印着的[7]。<b>粗</b> & <a href='x'>", cited(1, "题甲"), cited(2, "<题乙>"))
    (text,), outline, _ = read_pdf(exports.pdf([answer]))
    assert text.startswith("问<题>一[1]。職工二[2]，印着的[7]。<b>粗</b>&<ahref='x'>")
    assert "[1]“引<w:p>1”[1]丁一鸣.题甲[N].江州劳动报,2025-04-18(2)." in text
    assert "[2]“引<w:p>2”[2]丁一鸣.<题乙>[N]." in text
    assert outline == ["问<题>"]


def test_a_conversation_as_pdf_goes_on_over_pages(read_pdf):
    turns = [turn(f"第{number}答" + "长" * 900 + "。[1]", cited(1, f"题{number}")) for number in range(6)]
    texts, outline, told = read_pdf(exports.pdf(turns, "对话<甲>\x01"))
    assert len(texts) > 2
    assert texts[0].startswith("对话<甲>问<题>")
    for page, text in enumerate(texts, 1):
        assert text.endswith(str(page))
    assert [f"第{n}答" in "".join(texts) and f"题{n}[N]" in "".join(texts) for n in range(6)] == [True] * 6
    assert len(outline) == 6
    assert told["Title"] == "对话<甲>"


def test_a_pdf_of_an_answer_that_cites_nothing(read_pdf):
    (text,), _, _ = read_pdf(exports.pdf([turn("馆藏没有。")]))
    assert text == "问<题>馆藏没有。1"
