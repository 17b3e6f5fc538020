from collections.abc import Iterator, Sequence

import pytest

from rag.llm import ChatMessage
from rag.results import Answer, AnswerPart, Done, Found, Token
from rag.verification.claims import Claim
from tests.conftest import FakeGenerator
from tests.test_answers import deciding

QUESTION = "蓝采薇每天要爬多高的塔吊，养了几只猫？"
PARTS = "塔吊：蓝采薇每天要爬多高的塔吊？\n猫：蓝采薇养了几只猫？"


class Divides(FakeGenerator):
    """Divides with one reply, and answers with another."""

    def __init__(self, division: str, reply: str) -> None:
        super().__init__(reply)
        self.division = division

    def stream(self, messages: Sequence[ChatMessage], max_tokens: int) -> Iterator[str]:
        if messages[-1]["content"] == QUESTION:
            self.asked.append(list(messages))
            return iter([self.division])
        return super().stream(messages, max_tokens)


@pytest.fixture
def dividing(archive, monkeypatch):
    """Lets every question be divided by a reply."""
    monkeypatch.setattr("rag.inquiry.may_divide", lambda pair, question: True)
    archive.settings = deciding(0, 1)

    def divides(division: str, reply: str = "蓝采薇每天要爬68米高的塔吊。"):
        archive._generator = Divides(division, reply)
        return archive

    return divides


def test_each_part_has_its_line_and_its_citations(dividing):
    archive = dividing(PARTS)
    archive.settings = deciding(0, 0)
    answer = archive.ask(QUESTION)
    assert [part.label for part in answer.parts] == ["塔吊", "猫"]
    assert answer.text == "\n".join(part.line for part in answer.parts)
    assert answer.text.startswith("塔吊：蓝采薇每天要爬68米高的塔吊[1]")
    assert answer.question == QUESTION
    for sentence in answer.sentences:
        for number in sentence.citations:
            cited = answer.citations[number - 1]
            assert cited.number == number
            assert cited.quote == cited.passage.article.body[cited.start : cited.end]


def untold(question, chosen):
    return [Claim("name", "猫", 0, 1, "猫")] if "猫" in question else []


def test_a_part_that_the_newspaper_does_not_tell_is_said_to_be_missing(dividing, monkeypatch):
    archive = dividing(PARTS)
    monkeypatch.setattr("rag.answering._scope_mismatches", untold)
    answer = archive.ask(QUESTION)
    assert answer.kind == "answered"
    assert answer.text.endswith("猫：馆藏的报纸没有写到。")


def test_where_a_part_is_not_told_but_the_whole_question_the_whole_is_answered(dividing, monkeypatch):
    archive = dividing(PARTS)
    monkeypatch.setattr("rag.answering._scope_mismatches", lambda q, chosen: untold(q, chosen) if q != QUESTION else [])
    answer = archive.ask(QUESTION)
    assert (answer.kind, answer.parts) == ("answered", ())


def test_where_no_part_is_told_the_whole_question_is_asked(dividing):
    archive = dividing(PARTS)
    archive.settings = deciding(1, 1)
    answer = archive.ask(QUESTION)
    assert answer.refused
    assert answer.parts == ()


def test_a_reply_that_fails_the_check_divides_nothing(dividing):
    answer = dividing("塔吊：2019年的塔吊有多高？\n猫：几只猫？").ask(QUESTION)
    assert (answer.kind, answer.parts) == ("answered", ())


def test_a_model_that_fails_divides_nothing(dividing, monkeypatch):
    archive = dividing(PARTS)
    monkeypatch.setattr("rag.inquiry.divided", lambda model, question: 1 / 0)
    assert archive.ask(QUESTION).parts == ()


def test_passages_are_shown_before_the_first_token_and_each_part_is_named(dividing):
    events = list(dividing(PARTS).stream(QUESTION))
    assert isinstance(events[0], Found)
    assert [event.text for event in events if isinstance(event, Token) and event.text.endswith("：")] == [
        "塔吊：",
        "猫：",
    ]
    assert [isinstance(event, Done) for event in events].count(True) == 1


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_a_course_is_a_dated_report_if_it_has_more_than_one_line(dividing, monkeypatch, lines):
    parts = tuple(AnswerPart(f"4月{day}日", "“塔吊封顶。”") for day in range(1, lines + 1))
    monkeypatch.setattr("rag.inquiry.report", lambda *read: Answer("", "quoted", parts=parts, question=read[3]))
    answer = dividing("经过：蓝采薇爬塔吊").ask(QUESTION)
    assert answer.parts == (parts if lines == 2 else ())
    assert answer.question == QUESTION
